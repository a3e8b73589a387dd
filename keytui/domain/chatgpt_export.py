"""ChatGPT's own export (``conversations.json`` in the archive it mails), read into conversations.

Its shape, as of November 2026: a list of conversations, each with ``title``, ``create_time`` and ``update_time``
(seconds since 1970), ``current_node`` and ``mapping``: node id -> ``{"id", "parent", "children", "message"}``. A
message has ``author.role``, ``create_time``, and ``content`` with its ``parts``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

from keytui.domain.conversations import Conversation, StoredMessage
from keytui.domain.thread import Thread, title_from


class NotAnExport(ValueError):
    """The text is not such an export; its own text says so in a sentence with a next step."""


def read_export(text: str) -> Iterator[Thread]:
    """The conversations of an export, each along the branch that was last in use; pictures and tools are left out.

    An id stays the same from one import to the next, so importing twice makes no doubles. Raises ``NotAnExport``.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(one, dict) and "mapping" in one for one in found):
        raise NotAnExport(
            "This is no export of ChatGPT. Take conversations.json out of the archive that ChatGPT mails "
            "(Settings, Data controls, Export)."
        )
    for conversation in found:
        thread = _thread(conversation)
        if thread.messages:
            yield thread


def _thread(conversation: dict[str, Any]) -> Thread:
    started = _time(conversation.get("create_time"))
    messages: list[StoredMessage] = []
    for node in _way(conversation):
        message = _message(node, started)
        if message is not None:
            messages.append(message)
    key = conversation.get("conversation_id") or conversation.get("id") or f"{started.timestamp():.3f}"
    title = conversation.get("title") or (title_from(messages[0].text) if messages else "")
    changed = max([_time(conversation.get("update_time")), started])
    return Thread(Conversation(f"chatgpt-{key}", str(title), started, changed, messages=len(messages)), tuple(messages))


def _way(conversation: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes from the first to the current one."""
    mapping = conversation["mapping"]
    if not isinstance(mapping, dict):
        return []
    at = conversation.get("current_node")
    way: list[dict[str, Any]] = []
    seen: set[object] = set()
    while isinstance(at, str) and at not in seen and isinstance(mapping.get(at), dict):
        seen.add(at)
        way.append(mapping[at])
        at = mapping[at].get("parent")
    return way[::-1]


def _message(node: dict[str, Any], started: datetime) -> StoredMessage | None:
    message = node.get("message")
    if not isinstance(message, dict):
        return None
    author, content = message.get("author"), message.get("content")
    said_by = author.get("role") if isinstance(author, dict) else None
    parts = content.get("parts") if isinstance(content, dict) else None
    if said_by not in ("user", "assistant") or not isinstance(parts, list):
        return None
    text = "\n\n".join(part for part in parts if isinstance(part, str) and part.strip())
    if not text:
        return None
    role: Literal["user", "assistant"] = "user" if said_by == "user" else "assistant"
    metadata = message.get("metadata")
    model = metadata.get("model_slug") if isinstance(metadata, dict) and role == "assistant" else None
    at = _time(message.get("create_time")) if message.get("create_time") else started
    name = str(node.get("id") or message.get("id") or f"{at.timestamp():.6f}")
    return StoredMessage(name, role, text, at, model=model if isinstance(model, str) else None)


def _time(seconds: object) -> datetime:
    if isinstance(seconds, (int, float)) and 0 <= seconds < 4_000_000_000:
        return datetime.fromtimestamp(seconds, UTC)
    return datetime.fromtimestamp(0, UTC)
