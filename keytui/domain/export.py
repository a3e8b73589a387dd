"""Conversations as files: Markdown to read, JSON and JSON lines in the API's own shape of messages."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from keytui.domain.conversations import StoredMessage
from keytui.domain.money import dollars_exactly
from keytui.domain.thread import Thread

FORMATS = {"md": "Markdown, to read", "json": "JSON, the API's messages", "jsonl": "JSON lines, one for each answer"}
"""Ending of the file -> what it is."""


def exported(thread: Thread, ending: str) -> str:
    """A conversation in one of ``FORMATS``. Raises ``KeyError`` for another one."""
    return {"md": markdown, "json": as_json, "jsonl": as_jsonl}[ending](thread)


def markdown(thread: Thread) -> str:
    """The conversation to read: a heading for each message, its figures below the answers."""
    parts = [f"# {thread.head.title or 'Conversation'}"]
    if thread.head.instructions:
        parts.append(f"> {thread.head.instructions}".replace("\n", "\n> "))
    for message in thread.messages:
        who = "You" if message.role == "user" else message.model or "Answer"
        parts += [f"## {who}", message.text.rstrip()]
        if message.usage is not None:
            cost = "price not known" if message.cost is None else dollars_exactly(Decimal(message.cost))
            mark = message.usage.mark.value
            parts.append(f"*{message.usage.input:,} in, {message.usage.output:,} out, {cost}, {mark}*")
    return "\n\n".join(parts) + "\n"


def messages(thread: Thread) -> list[dict[str, str]]:
    """The messages as Chat Completions takes them, instructions first."""
    head = [{"role": "system", "content": thread.head.instructions}] if thread.head.instructions else []
    return [*head, *({"role": one.role, "content": one.text} for one in thread.messages if one.text.strip())]


def as_json(thread: Thread) -> str:
    """``{"title", "model", "messages"}``."""
    model = next((one.model for one in reversed(thread.messages) if one.model), thread.head.model)
    return _json({"title": thread.head.title, "model": model, "messages": messages(thread)}, indent=2) + "\n"


def as_jsonl(thread: Thread) -> str:
    """A line ``{"messages": […]}`` for every answer, with all that came before it: the shape of training examples."""
    return "".join(
        _json({"messages": messages(Thread(thread.head, thread.messages[: at + 1]))}) + "\n"
        for at, message in enumerate(thread.messages)
        if _is_whole(message)
    )


def file_name(thread: Thread, ending: str) -> str:
    """A name for the file, from the conversation's title: small letters, digits and hyphens."""
    words = re.sub(r"[^\w]+", "-", thread.head.title.lower()).strip("-")[:48].strip("-")
    return f"{words or 'conversation'}.{ending}"


def _is_whole(message: StoredMessage) -> bool:
    return message.role == "assistant" and message.outcome == "finished" and bool(message.text.strip())


def _json(value: object, *, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)
