"""One request of another program: what it asks for, and whether the same answer would do again.

Bodies are read as plain JSON and every field is guarded: nothing in them was written by keytui.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from keytui.domain.question import ChatMessage, Parameters, Question

Payload = Mapping[str, Any]

IMAGE = " image" * 1_700
"""Stands for a picture: about the tokens of a large one. What a picture really takes, only the server knows."""

_NOT_TEXT = frozenset({"type", "role", "id", "call_id", "status", "detail", "name", "format", "file_id", "filename"})
_PICTURES = frozenset({"image_url", "input_image"})
_ELSEWHERE = frozenset({"file", "input_file", "input_audio", "item_reference", "computer_screenshot"})
_STORED = ("previous_response_id", "conversation", "prompt")


class Kind(Enum):
    """What a request is, as far as its bill is concerned."""

    CHAT = "chat"
    RESPONSES = "responses"
    COMPLETIONS = "completions"
    EMBEDDINGS = "embeddings"
    FREE = "free"
    """Lists, looks things up, uploads: nothing is billed."""
    OTHER = "other"
    """May be billed in a way that keytui does not know."""

    @property
    def priced(self) -> bool:
        """Whether tokens are all that is billed, at the model's list price."""
        return self not in (Kind.FREE, Kind.OTHER)


_KINDS = {
    "/chat/completions": Kind.CHAT,
    "/completions": Kind.COMPLETIONS,
    "/responses": Kind.RESPONSES,
    "/responses/compact": Kind.RESPONSES,
    "/embeddings": Kind.EMBEDDINGS,
}
_FREE_POSTS = ("/models", "/files", "/uploads", "/moderations", "/responses/input_tokens", "/conversations")


@dataclass(frozen=True, slots=True)
class Metered:
    """A request as metering sees it."""

    id: str
    """The id that it is booked under."""
    program: str
    sent: datetime
    kind: Kind
    path: str
    """Below ``/v1``, without the query."""
    question: Question
    stream: bool = False
    copies: int = 1
    """How many answers were asked for (``n``)."""
    hidden: bool = False
    """Whether a part of the input is not in the body: an earlier response, a stored prompt, a file."""
    unread: bool = False
    """Whether the body could not be read."""

    @property
    def endpoint(self) -> str:
        """The endpoint as the ledger names it."""
        return self.kind.value if self.kind in (Kind.CHAT, Kind.RESPONSES) else f"/v1{self.path}"[:200]


def kind_of(method: str, path: str) -> Kind:
    """What a request to a path below ``/v1`` is."""
    if method in ("GET", "HEAD", "OPTIONS", "DELETE"):
        return Kind.FREE
    path = path.rstrip("/")
    if method == "POST" and path in _KINDS:
        return _KINDS[path]
    if path.endswith("/cancel") or any(path == free or path.startswith(f"{free}/") for free in _FREE_POSTS):
        return Kind.FREE
    return Kind.OTHER


def metered(*, entry_id: str, program: str, sent: datetime, method: str, path: str, body: Payload | None) -> Metered:
    """A request from its parts; ``body`` is None when it is no JSON object."""
    kind = kind_of(method, path)
    if body is None or kind is Kind.FREE:
        model = path.removeprefix("/models/") if path.startswith("/models/") else ""
        question = Question(model[:200], ())
        return Metered(entry_id, program, sent, kind, path, question, unread=body is None and kind is not Kind.FREE)
    return Metered(
        entry_id,
        program,
        sent,
        kind,
        path,
        _question(body),
        stream=body.get("stream") is True,
        copies=max(_number(body.get("n")) or 1, _number(body.get("best_of")) or 1),
        hidden=any(body.get(name) for name in _STORED) or _is_elsewhere(body),
    )


def cacheable(call: Metered, body: Payload | None) -> bool:
    """Whether an identical request may be answered with the same answer.

    Not when variety was asked for (a temperature above zero, several answers), nor when the request does more than
    answer: tools, stored state, work in the background.
    """
    if body is None or call.kind not in (Kind.CHAT, Kind.RESPONSES, Kind.EMBEDDINGS, Kind.COMPLETIONS):
        return False
    if call.copies > 1 or call.hidden or call.path != f"/{_PLAIN[call.kind]}":
        return False
    if any(body.get(name) for name in ("tools", "functions", "background", "store", "web_search_options")):
        return False
    temperature = body.get("temperature")
    return not isinstance(temperature, int | float) or temperature == 0


_PLAIN = {
    Kind.CHAT: "chat/completions",
    Kind.RESPONSES: "responses",
    Kind.EMBEDDINGS: "embeddings",
    Kind.COMPLETIONS: "completions",
}


def texts_of(value: object) -> Iterator[str]:
    """All texts in a part of a request or an answer, however deep, without names and ids. A picture is one text."""
    waiting = [value]
    while waiting:
        this = waiting.pop()
        if isinstance(this, str):
            yield IMAGE if this.startswith("data:image/") else this
        elif isinstance(this, list):
            if this and all(isinstance(item, int) for item in this):
                yield " a" * len(this)  # token ids
            else:
                waiting.extend(reversed(this))
        elif isinstance(this, Mapping):
            if this.get("type") in _PICTURES:
                yield IMAGE
            else:
                waiting.extend(reversed([part for name, part in this.items() if name not in _NOT_TEXT]))


def _question(body: Payload) -> Question:
    """A body as a question: what counts as input, the model, the tier and the longest answer."""
    messages = body.get("messages")
    given = messages if isinstance(messages, list) else body.get("input", body.get("prompt"))
    items = given if isinstance(given, list) and not all(isinstance(item, int) for item in given) else [given]
    beside = [body[name] for name in ("tools", "functions", "response_format", "text") if body.get(name)]
    instructions = body.get("instructions")
    extra = "".join(json.dumps(part, ensure_ascii=False, default=str) for part in beside)
    limits = (body.get(name) for name in ("max_completion_tokens", "max_output_tokens", "max_tokens"))
    tier = body.get("service_tier")
    return Question(
        str(body.get("model") or "")[:200],
        tuple(ChatMessage("user", "\n".join(texts_of(item))) for item in items if item is not None),
        (instructions if isinstance(instructions, str) else "") + extra,
        Parameters(
            max_output=next(filter(None, map(_number, limits)), None),
            tier=tier if isinstance(tier, str) else None,
        ),
    )


def _is_elsewhere(body: Payload) -> bool:
    """Whether a part of the input is a file, a sound or an item that lies on the server."""
    waiting: list[object] = [body.get("messages"), body.get("input")]
    while waiting:
        this = waiting.pop()
        if isinstance(this, list):
            waiting.extend(this)
        elif isinstance(this, Mapping):
            if this.get("type") in _ELSEWHERE:
                return True
            waiting.append(this.get("content"))
    return False


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
