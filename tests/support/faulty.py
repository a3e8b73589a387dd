"""A server that answers exactly what a test tells it to, byte by byte, over a real socket."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.listening import listening

RESET = "reset"
"""Ends the connection with a reset, as a crashed server or a firewall does."""
HANG = "hang"
"""Says nothing more until the client goes away."""
HALF_CLOSE = "half-close"
"""Ends its own half of the connection and goes on listening."""


@dataclass(frozen=True)
class Repeated:
    """Bytes to send so many times, for what would be too much at once."""

    data: bytes
    times: int


Step = bytes | str | float | Repeated
"""Bytes to send, one of the three words, or seconds to wait. After the last step the connection is closed."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Faulty:
    """The server: what it was asked, and what it will answer by the end of the path."""

    base_url: str = ""
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    seen: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a request has come."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client went away while the server still hung."""
    _answers: dict[str, list[list[Step]]] = field(default_factory=dict)

    def on(self, path: str, *steps: Step) -> None:
        """Answer the next request whose path ends so; the last answer told for a path stays."""
        self._answers.setdefault(path, []).append(list(steps))

    def on_only(self, path: str, *steps: Step) -> None:
        """As ``on``, in place of what was told for that path before."""
        self._answers[path] = [list(steps)]

    def forget(self) -> None:
        """Answer nothing as told so far."""
        self._answers.clear()

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path.endswith(path)]

    def _next(self, path: str) -> list[Step]:
        for ending, answers in self._answers.items():
            if path.split("?")[0].endswith(ending):
                return answers.pop(0) if len(answers) > 1 else answers[0]
        return [reply(404, {"error": {"message": f"Unknown request URL: {path}", "code": "unknown_url"}})]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _read(reader)
        if request is not None:
            self.requests.append(request)
            self.seen.set()
            await self._play(self._next(request.path), reader, writer)

    async def _play(self, steps: list[Step], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for step in steps:
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            elif isinstance(step, Repeated):
                for _ in range(step.times):
                    writer.write(step.data)
                    await writer.drain()
            elif isinstance(step, float):
                await asyncio.sleep(step)
            elif step == RESET:
                writer.transport.abort()
                return
            elif step == HALF_CLOSE:
                writer.write_eof()
            else:
                await reader.read()
                self.gone.set()
                return


@asynccontextmanager
async def faulty_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[Faulty]:
    """A faulty server on a free port of the loopback, until the block ends."""
    faulty = Faulty()
    async with listening(faulty._serve, tls) as port:
        faulty.port = port
        faulty.base_url = f"{'https' if tls else 'http'}://{'localhost' if tls else '127.0.0.1'}:{port}/v1"
        yield faulty


def reply(status: int, body: Any = "", *, content: str = "application/json", **headers: str) -> bytes:
    """A whole answer. Header names take ``_`` for ``-``."""
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Told", f"content-type: {content}", f"content-length: {len(data)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def error(status: int, message: str, code: str | None = None, kind: str | None = None, **more: Any) -> bytes:
    """A refusal in OpenAI's shape; ``param`` may be named."""
    body = {"error": {"message": message, "type": kind, "code": code, "param": more.pop("param", None)}}
    return reply(status, body, **more)


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\nx-request-id: req_1\r\n\r\n"
"""The beginning of a stream whose end is the connection's."""
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
"""The beginning of a stream that has an end of its own, so that a cut can be told."""


def events(*payloads: Any) -> bytes:
    """Server-sent events; a text stays as it is."""
    return b"".join(
        b"data: " + (item.encode() if isinstance(item, str) else json.dumps(item).encode()) + b"\n\n"
        for item in payloads
    )


def piece(text: str | None = None, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """One chunk of Chat Completions."""
    said = {**({"content": text} if text is not None else {}), **delta}
    return {"model": "told", "choices": [{"index": 0, "delta": said, "finish_reason": finish}]}


def chunk(data: bytes) -> bytes:
    """One HTTP chunk."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def usage(given: int = 9, made: int = 2, **more: Any) -> dict[str, Any]:
    """The last chunk of Chat Completions."""
    return {"model": "told", "choices": [], "usage": {"prompt_tokens": given, "completion_tokens": made, **more}}


async def _read(reader: asyncio.StreamReader) -> Request | None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    words = head[0].split(" ")
    if len(words) < 3:
        return None
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(words[0], words[1], headers, json.loads(body) if body else None)
