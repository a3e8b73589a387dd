"""A listener, and a server on it that is started and ended by whoever owns it, in any thread."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import os
import socket
from collections.abc import Awaitable, Callable, Generator

import uvicorn

BACKLOG = 512


class CannotListen(Exception):
    """The address that was asked for cannot be listened on; the text says why, in a few words."""

    def __init__(self, error: OSError) -> None:
        in_use = error.errno == errno.EADDRINUSE
        super().__init__("is in use by another program" if in_use else f"cannot be used ({error.strerror or error})")


class Server(uvicorn.Server):
    """Uvicorn without its signal handlers and without its tick: an idle server does not wake up at all."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], closing: Callable[[], Awaitable[None]]
    ) -> None:
        """``closing`` gives back what the application holds, once its answers have ended."""
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
