"""Answers on the wire: JSON at once, JSON after the time it took to make, and a stream of events at a set pace."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.types import Receive, Scope, Send

BATCH = 64
"""Frames written at once when nothing slows the stream down."""

Ended = Callable[[int, bool], None]
"""Told once how an answer ended: the frames of the answer that went out, and whether it is whole."""


class Reply(Protocol):
    """An ASGI application that sends one answer. ``headers`` may be added to before it is called."""

    headers: dict[str, str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        ...


def dumps(value: object) -> bytes:
    """Compact JSON in ASCII, so that a lone surrogate passes as the escape it came as."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


@dataclass
class Json:
    """A JSON answer, sent at once."""

    value: object
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        body = dumps(self.value)
        await _start(send, self.status, self.headers, "application/json", len(body))
        await send({"type": "http.response.body", "body": body})


@dataclass
class Html:
    """A page of HTML under status 200, as a captive portal sends it."""

    text: str
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        body = self.text.encode()
        await _start(send, 200, self.headers, "text/html; charset=utf-8", len(body))
        await send({"type": "http.response.body", "body": body})


@dataclass
class Made:
    """A JSON answer that takes ``seconds`` to make. Whoever does not wait for it has stopped it."""

    value: Callable[[], object]
    seconds: float
    frames: int
    ended: Ended
    cut: bool = False
    """Whether the line breaks in the middle of the body."""
    failure: object | None = None
    """What is said instead of the answer: the server's own failure, under status 500."""
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then send it."""
        async with _Line(receive) as line:
            loop = asyncio.get_running_loop()
            start = loop.time()
            whole = arrived = False
            try:
                arrived = await line.pause(self.seconds)
                whole = arrived and not self.cut and self.failure is None
            finally:
                share = 1.0 if arrived or not self.seconds else min(1.0, (loop.time() - start) / self.seconds)
                self.ended(int(self.frames * share), whole)
            if not arrived:
                return
            if self.failure is not None:
                await Json(self.failure, 500, self.headers)(scope, receive, send)
                return
            body = dumps(self.value())
            await _start(send, 200, self.headers, "application/json", len(body))
            # A body that is shorter than was announced makes the server close the connection.
            sent = body[: len(body) // 2] if self.cut else body
            await send({"type": "http.response.body", "body": sent, "more_body": self.cut})


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames of a stream that go out at one pace."""

    frames: Sequence[bytes]
    rate: float | None = None
    """Frames a second; None: as fast as possible."""
    wait: float = 0.0
    """Seconds before the first."""
    answer: bool = False
    """Whether the frames are the answer's text, which is what gets counted."""


@dataclass
class Events:
    """A stream of server-sent events.

    Paced without drift: every frame has its own time, reckoned from the first; frames that are due together go out
    together. ``closing`` makes the last frames, after the answer was booked by ``ended``.
    """

    segments: Sequence[Segment]
    closing: Callable[[], bytes]
    ended: Ended
    cut_after: int | None = None
    """Frames of the answer after which the line breaks."""
    last_words: Callable[[], bytes] | None = None
    """What is said instead of breaking the line there: the server's own failure."""
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events."""
        sent = 0
        whole = False
        async with _Line(receive) as line:
            try:
                self.headers.setdefault("cache-control", "no-cache")
                await _start(send, 200, self.headers, "text/event-stream; charset=utf-8", None)
                for segment in self.segments:
                    frames = segment.frames
                    if segment.answer and self.cut_after is not None:
                        frames = frames[: self.cut_after]
                    if segment.wait and not await line.pause(segment.wait):
                        return
                    start = asyncio.get_running_loop().time()
                    at = 0
                    while at < len(frames):
                        due = await _due(line, segment.rate, at, start)
                        if line.gone:
                            return
                        body = b"".join(frames[at : at + due])
                        await send({"type": "http.response.body", "body": body, "more_body": True})
                        at = min(len(frames), at + due)
                        sent += min(due, len(frames)) if segment.answer else 0
                whole = self.cut_after is None
            finally:
                self.ended(sent, whole)
            if whole or self.last_words is not None:
                body = self.closing() if self.last_words is None else self.last_words()
                await send({"type": "http.response.body", "body": body, "more_body": False})


async def _due(line: _Line, rate: float | None, at: int, start: float) -> int:
    """How many frames are to go out now, after waiting until there is one."""
    if rate is None:
        await asyncio.sleep(0)
        return BATCH
    loop = asyncio.get_running_loop()
    ahead = start + (at + 1) / rate - loop.time()
    if ahead > 0:
        await line.pause(ahead)
    return max(1, int((loop.time() - start) * rate) - at)


class _Line:
    """The connection of one request: notices when the client has gone."""

    def __init__(self, receive: Receive) -> None:
        self._watch = asyncio.ensure_future(self._until_gone(receive))

    async def __aenter__(self) -> _Line:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watch.cancel()

    @staticmethod
    async def _until_gone(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    @property
    def gone(self) -> bool:
        """Whether the client has closed the connection."""
        return self._watch.done()

    async def pause(self, seconds: float) -> bool:
        """Wait; False as soon as the client has gone."""
        if seconds > 0:
            await asyncio.wait({self._watch}, timeout=seconds)
        return not self.gone


async def _start(send: Send, status: int, headers: Mapping[str, str], kind: str, length: int | None) -> None:
    lines = [(b"content-type", kind.encode())]
    if length is not None:
        lines.append((b"content-length", str(length).encode()))
    lines += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
