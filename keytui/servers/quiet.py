"""A quiet server on the loopback: no word, no signal handler, no tick; started and ended by whoever owns it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import os
import socket
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

BACKLOG = 512
LONGEST_HEAD = 256 * 1024
"""Bytes of a request's line and headers together."""
_IDLE = 600
"""Seconds that a client may keep a connection without using it; one closed under its hands is a failed request."""


class CannotListen(Exception):
    """The address that was asked for cannot be listened on; the text says why, in a few words."""

    def __init__(self, error: OSError) -> None:
        in_use = error.errno == errno.EADDRINUSE
        super().__init__("is in use by another program" if in_use else f"cannot be used ({error.strerror or error})")


class _Together(asyncio.Transport):
    """A connection that sends the head of an answer together with the part of its body that is there already.

    Sent by itself it would wake the client for nothing, a moment before the body does.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes; a head once the application waits for something, at the latest."""
        if self._head:
            data, self._head = self._head + data, b""
        elif bytes(data[:7]) == b"HTTP/1.":
            self._head = bytes(data)
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def close(self) -> None:
        """Close the connection after everything is sent."""
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """Take nothing more for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take more."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection."""
        return self._transport.get_extra_info(name, default)

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)


class _Protocol(HttpToolsProtocol):
    """Uvicorn's protocol on its parser in C, strict about the beginning of a request."""

    _head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(_Together(transport, self.loop))

    def on_message_begin(self) -> None:
        """A request begins."""
        self._head = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self._measure(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._measure(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The application gets the request."""
        if not self.url.startswith(b"/"):
            # ``http://elsewhere/v1/models``, ``*``, ``host:443``: nothing here is reached under such a name.
            self.url = b"/" + self.url
        super().on_headers_complete()

    def _measure(self, length: int) -> None:
        self._head += length
        if self._head > LONGEST_HEAD:
            raise ValueError("the head of the request is too long")


class Server(uvicorn.Server):
    """Uvicorn without its signal handlers and without its tick: an idle server does not wake up at all."""

    def __init__(
        self,
        app: Callable[..., Any],
        ready: Callable[[], None],
        *,
        drain: int = 0,
        closing: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """``ready`` is called once connections are taken. ``drain``: seconds that answers under way get at the end.

        ``closing`` gives back what the application holds, once its answers have ended.
        """
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            interface="asgi3",
            ws="none",
            http=_Protocol,
            loop="asyncio",
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=_IDLE,
            timeout_graceful_shutdown=drain,
        )
        super().__init__(config)
        self._ready = ready
        self._closing = closing
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()

    def end(self) -> None:
        """Leave the main loop, from any thread."""
        self.should_exit = True
        if self._loop is not None:
            # The loop may have closed in the meantime, and then there is nothing left to end.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._end.set)

    async def main_loop(self) -> None:
        """Wait for the end."""
        self._loop = asyncio.get_running_loop()
        self._ready()
        if not self.should_exit:
            await self._end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End connections, then what is behind them."""
        await super().shutdown(sockets)
        if self._closing is not None:
            await self._closing()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to the program around."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections. Raises ``CannotListen``."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # With its protocol named, or asyncio would not switch Nagle's algorithm off: 40 ms more for every answer.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise CannotListen(error) from None
    try:
        if os.name == "posix":
            # Elsewhere it would let two programs listen at once, instead of freeing a port that was just given up.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotListen(error) from None
    return listener


def address_of(listener: socket.socket, host: str) -> str:
    """The base URL of a listener, as programs on this machine reach it."""
    port = listener.getsockname()[1]
    if host in ("0.0.0.0", ""):
        host = "127.0.0.1"
    elif host == "::":
        host = "::1"
    return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
