"""Reading an answer on the side, from the bytes that pass: usage, model, cost, and text for an estimate.

Nothing here may ever disturb the passing: whatever cannot be read is simply not known. Bounded in memory.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from keytui.domain.chat import Reported
from keytui.domain.metered import texts_of
from keytui.domain.redaction import redact
from keytui.domain.usage import Usage
from keytui.servers.metering.packing import unpacking

ReadUsage = Callable[[Mapping[str, Any]], Usage | None]

_HELD = 2 * 1024 * 1024
"""Bytes of a stream that are held unread: of most only the end must be read, once they have passed."""
_BATCH = 256 * 1024
"""Bytes of a longer one that are read together: reading event by event would cost more than passing them."""
_END = 64 * 1024
"""Bytes at the end of a stream, where the server says what it counted."""
_LONGEST = 8 * 1024 * 1024
"""Bytes of one event, or of one whole answer, that are kept for reading."""
_MOST_PLAIN = 256 * 1024 * 1024
"""Bytes that are taken out of a compressed body: what is larger was made to be."""
_USAGE = re.compile(rb'"usage"\s*:\s*(?=\{)')
_MARKS = (
    *(b'"usage":{', b'"usage": {', b'"error":', b'"finish_reason":"', b'"finish_reason": "'),
    *(b'"response":', b'.done"', b'"audio"', b"[DONE]"),
)
"""Events with none of these hold a piece of text and nothing else that matters, so they are not parsed."""
_PIECES = [
    (name, re.compile(name + rb':\s*"([^"\\]+(?:\\.[^"\\]*)*|(?:\\.[^"\\]*)+)"'))
    for name in (
        b'"content"',
        b'"delta"',
        b'"text"',
        b'"arguments"',
        b'"reasoning_content"',
        b'"reasoning"',
        b'"refusal"',
    )
]
"""Names that texts stand under; each is looked for by itself, since a long beginning is found far more quickly."""
_TEXTS = ("content", "reasoning_content", "reasoning", "refusal", "tool_calls", "function_call", "text")
_LAST_WORDS = frozenset({"response.completed", "response.incomplete", "response.failed", "error"})


class Reading:
    """What is learnt of one answer while it passes. ``take`` its bytes, then ``finish``."""

    def __init__(self, content_type: str, encoding: str, read_usage: ReadUsage) -> None:
        self.is_stream = "event-stream" in content_type
        self.ended = False
        """Whether a stream said its last word."""
        self.later = False
        """Whether the answer comes later (work in the background)."""
        self.unreadable = False
        """Whether some of it could not be read."""
        self.error: str | None = None
        """The code of an error that was told in the middle of a stream, or in place of an answer."""
        self.pieces: list[str] = []
        self._is_json = "json" in content_type
        self._usage: Usage | None = None
        self._model: str | None = None
        self._tier: str | None = None
        self._cost: str | None = None
        self._sound = False
        self._raw: list[bytes] = []
        self._read_usage = read_usage
        self._buffer = bytearray()
        self._cut_off = False
        self._unpack = unpacking(encoding)
        self._plain = 0
        if self._unpack is None:
            self.unreadable = True

    @property
    def whole(self) -> bool:
        """Whether what was read is all that is billed, and billed as text."""
        return not (self.later or self.unreadable or self._sound)

    def take(self, lump: bytes) -> None:
        """Take some bytes, as they came from the server."""
        if self.unreadable or not (self.is_stream or self._is_json):
            return
        assert self._unpack is not None
        try:
            for plain in self._unpack(lump):
                self._plain += len(plain)
                if self._plain > _MOST_PLAIN and plain is not lump:
                    raise zlib.error("too much")
                self._keep(plain)
        except zlib.error:
            self.unreadable = True
            self._buffer.clear()

    def finish(self) -> Reported | None:
        """What the server said about the request; None when it said nothing about its tokens or its cost."""
        if self.is_stream:
            self._read_stream(bytes(self._buffer))
        elif self._is_json and self._buffer:
            self._read_whole(bytes(self._buffer))
        self._buffer.clear()
        if self._raw:
            self._say(_unescaped(b"".join(self._raw)))
            self._raw.clear()
        if self._usage is None and self._cost is None and self._model is None:
            return None
        return Reported(None if self._sound else self._usage, self._model, self._tier, self._cost)

    def _keep(self, plain: bytes) -> None:
        self._buffer += plain
        if self.is_stream:
            if len(self._buffer) > _HELD + _BATCH and (end := self._buffer.rfind(b"\n", 0, _BATCH) + 1):
                events = bytes(self._buffer[:end])
                del self._buffer[:end]
                self._read_events(events)
            elif len(self._buffer) > _LONGEST:
                self.unreadable = True
                self._buffer.clear()
        elif len(self._buffer) > _LONGEST:
            # Of a body this long (embeddings, pictures) only the end is kept: usage stands there.
            self._cut_off = True
            del self._buffer[: len(self._buffer) - _BATCH]

    def _read_stream(self, events: bytes) -> None:
        """Read what is held of a stream that has ended: its last events alone, when they say what was counted."""
        end = events.rfind(b"\n", 0, max(len(events) - _END, 0)) + 1
        if end and _USAGE.search(events, end) and b'"audio"' not in events:
            begin = self._read_line(events, max(events.find(b"data:"), 0))  # it names the model
            self._read_events(events[max(begin, end) :])
            if self._usage is None:
                self._read_events(events[begin:end])
        else:
            self._read_events(events)

    def _read_events(self, events: bytes) -> None:
        begin = 0
        if self._model is None and (first := events.find(b"data:")) >= 0:
            begin = self._read_line(events, first)
        for start in _marked(events, begin):
            if start < begin:
                continue
            self._collect(events, begin, start)
            begin = self._read_line(events, start)
        self._collect(events, begin, len(events))

    def _read_line(self, events: bytes, start: int) -> int:
        """Read the event that begins there; gives where the next line does."""
        end = events.find(b"\n", start) + 1 or len(events)
        line = events[start:end]
        if line.startswith(b"data:"):
            if (data := line[5:].strip()) == b"[DONE]":
                self.ended = True
            elif isinstance(payload := _parsed(data), dict):
                self._read_event(payload)
        return end

    def _collect(self, events: bytes, begin: int, end: int) -> None:
        """Collect the texts of events that hold nothing else that matters."""
        for name, piece in _PIECES if begin < end else ():
            if events.find(name, begin, end) >= 0:
                self._raw += piece.findall(events, begin, end)

    def _read_event(self, payload: Mapping[str, Any]) -> None:
        kind = payload.get("type")
        if isinstance(kind, str) and kind.startswith("response."):
            if kind.endswith(".delta"):
                self._say(payload.get("delta"))
            elif isinstance(response := payload.get("response"), Mapping):
                self._note(response)
        else:
            for choice in _list(payload.get("choices")):
                self._read_choice(choice)
                self.ended = self.ended or bool(isinstance(choice, Mapping) and choice.get("finish_reason"))
            self._note(payload)
        if kind in _LAST_WORDS:
            self.ended = True
        if kind == "error":
            self.error = self.error or _code(payload)

    def _read_choice(self, choice: object) -> None:
        if not isinstance(choice, Mapping):
            return
        said = choice.get("delta") or choice.get("message") or choice
        if isinstance(said, Mapping):
            for name in _TEXTS:
                if said.get(name):
                    self._say(said[name])
            self._sound = self._sound or bool(said.get("audio"))

    def _read_whole(self, body: bytes) -> None:
        if self._cut_off:
            found = list(_USAGE.finditer(body))
            usage = _first_object(body[found[-1].end() :]) if found else None
            if usage is None:
                self.unreadable = True
            else:
                self._note({"usage": usage})
            return
        payload = _parsed(body)
        if not isinstance(payload, dict):
            self.unreadable = True
            return
        self.ended = True
        for choice in _list(payload.get("choices")):
            self._read_choice(choice)
        for item in _list(payload.get("output")):
            self._say(item)
        self.later = payload.get("status") in ("queued", "in_progress")
        self._note(payload)

    def _note(self, payload: Mapping[str, Any]) -> None:
        """Model, tier, usage, cost and error, wherever they stand."""
        if isinstance(model := payload.get("model"), str) and model:
            self._model = model[:200]
        if isinstance(tier := payload.get("service_tier"), str) and tier:
            self._tier = tier[:40]
        if isinstance(usage := payload.get("usage"), Mapping):
            self._usage = self._read_usage(usage) or self._usage
            cost = usage.get("cost")
            if isinstance(cost, int | float | str) and not isinstance(cost, bool):
                self._cost = str(cost)
            self._sound = self._sound or _has_sound(usage)
        if error := payload.get("error"):
            self.error = _code(error)

    def _say(self, value: object) -> None:
        self.pieces.extend(texts_of(value))


def _marked(events: bytes, begin: int) -> list[int]:
    """Where the lines begin that hold a mark, in their order."""
    found: set[int] = set()
    for mark in _MARKS:
        at = events.find(mark, begin)
        while at >= 0:
            found.add(events.rfind(b"\n", 0, at) + 1)
            end = events.find(b"\n", at)
            at = events.find(mark, end) if end >= 0 else -1
    return sorted(found)


def _parsed(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _unescaped(text: bytes) -> str:
    """The text of a JSON string, without its quotes."""
    try:
        return str(json.loads(b'"' + text + b'"'))
    except ValueError:
        return text.decode("utf-8", "replace")


def _first_object(data: bytes) -> Mapping[str, Any] | None:
    try:
        found, _ = json.JSONDecoder().raw_decode(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _code(error: object) -> str:
    """The code of an error body, cleaned; what a server writes there may be anything."""
    if isinstance(error, Mapping):
        for name in ("code", "type"):
            if isinstance(error.get(name), str | int) and error[name]:
                return redact(str(error[name]))[:80]
    return "error"


def _has_sound(usage: Mapping[str, Any]) -> bool:
    """Whether tokens of sound are in a usage: they have prices of their own."""
    details = (usage.get(f"{name}_tokens_details") for name in ("prompt", "completion", "input", "output"))
    return any(isinstance(part, Mapping) and part.get("audio_tokens") for part in details)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
