"""A server that says exactly what a test tells it to, and keeps every byte it was sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

WAIT = 20.0
"""Seconds after which a test that hangs is broken off."""

Part = bytes | threading.Event | Callable[[], None]
"""Bytes to send, an event to wait for, or something to do."""


@dataclass
class Upstream:
    """The server: what it answers, and what it was asked."""

    base_url: str = ""
    port: int = 0
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answers: list[list[Part]] = field(default_factory=list)
    """What the next requests are answered with; the last one stays."""
    left: threading.Event = field(default_factory=threading.Event)
    """Set when a client went away in the middle of an answer."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, *parts: Part) -> None:
        self.answers.append(list(parts))

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(WAIT)
        with connection, connection.makefile("rb") as stream, suppress(OSError):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = stream.readline()
                if not line:
                    return
                head += line
            body = _body(head, stream)
            with self._lock:
                self.heads.append(head)
                self.bodies.append(body)
                parts = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            try:
                for part in parts:
                    if isinstance(part, bytes):
                        connection.sendall(part)
                    elif isinstance(part, threading.Event):
                        assert part.wait(WAIT)
                    else:
                        part()
            except OSError:
                self.left.set()


@contextmanager
def upstream() -> Iterator[Upstream]:
    """A server on a free port of the loopback, until the block ends."""
    told = Upstream()
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    told.port = listener.getsockname()[1]
    told.base_url = f"http://127.0.0.1:{told.port}/v1"
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=told.serve, args=(connection,))
            threads.append(thread)
            thread.start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield told
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in [accepting, *threads]:
            thread.join(WAIT)


def reply(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer of a known length; header names take ``_`` for ``-``."""
    told = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"{name}: {value}" for name, value in told.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", *lines, f"content-length: {len(body)}", "connection: close"])
    return head.encode() + b"\r\n\r\n" + body


STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
)
END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One HTTP chunk."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def _body(head: bytes, stream: object) -> bytes:
    read, readline = stream.read, stream.readline  # type: ignore[attr-defined]
    lines = [line.lower() for line in head.split(b"\r\n")]
    for line in lines:
        if line.startswith(b"content-length:"):
            return bytes(read(int(line.split(b":")[1])))
    if b"transfer-encoding: chunked" in lines:
        body = b""
        while size := int(readline(), 16):
            body += read(size)
            readline()
        readline()
        return body
    return b""
