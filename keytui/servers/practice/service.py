"""The practice service itself: a server on the loopback, from its start to its end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from decimal import Decimal

import uvicorn
from starlette.applications import Starlette

from keytui.domain.keys import KeyKind
from keytui.domain.secrets import Secret
from keytui.domain.tokens import Tokenizer
from keytui.servers.practice import identity
from keytui.servers.practice.app import make_app
from keytui.servers.practice.inference import Context
from keytui.servers.practice.situations import situations
from keytui.servers.practice.world import World

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a client needs to know of a service that is ready."""

    base_url: str
    api_key: Secret
    admin_key: Secret

    @property
    def line(self) -> str:
        """The handshake as one line of JSON, for standard output. It holds the keys in clear."""
        keys = {"api_key": self.api_key.reveal(), "admin_key": self.admin_key.reveal()}
        return json.dumps({"base_url": self.base_url, **keys})


class PortTaken(Exception):
    """The port that was asked for cannot be listened on; ``in_use`` says whether another program does."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.in_use = error.errno == errno.EADDRINUSE


class PracticeService:
    """A practice organisation, served on 127.0.0.1.

    ``port`` 0 takes any that is free; ``rate`` is tokens a second, None as fast as possible; ``credit`` is in USD;
    ``situation`` puts every key into one of ``situations.json``; ``clock`` gives Unix seconds. The keys are made up
    unless they are given. Raises ``KeyError`` for a situation that does not exist.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        port: int = 0,
        rate: float | None = 80.0,
        credit: Decimal = Decimal(5),
        situation: str | None = None,
        api_key: str | None = None,
        admin_key: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._port = port
        self._api_key = Secret(api_key) if api_key else identity.new_secret(KeyKind.PROJECT)
        self._admin_key = Secret(admin_key) if admin_key else identity.new_secret(KeyKind.ADMIN)
        self.world = World(clock=clock, credit=credit, situation=None if situation is None else situations()[situation])
        self.world.found(self._api_key, self._admin_key)
        self._context = Context(self.world, tokenizer, rate)
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._ended = False

    @property
    def app(self) -> Starlette:
        """The ASGI application, for whoever serves it in another way."""
        return make_app(self._context)

    def run(self, ready: Callable[[Handshake], None]) -> None:
        """Serve until ``stop`` is called, in this thread; ``ready`` is called in it once connections are taken.

        Raises ``PortTaken`` before ``ready`` when the port is not free.
        """
        with _listen(self._port) as listener:
            url = f"http://{HOST}:{listener.getsockname()[1]}/v1"
            handshake = Handshake(url, self._api_key, self._admin_key)
            config = uvicorn.Config(
                self.app,
                log_config=None,
                log_level="critical",
                access_log=False,
                lifespan="off",
                ws="none",
                http="h11",
                server_header=False,
                date_header=False,
                # Clients keep connections for minutes; one that is closed under their hands is a failed request.
                timeout_keep_alive=600,
                timeout_graceful_shutdown=0,
            )
            server = _Server(config, lambda: ready(handshake))
            with self._lock:
                if self._ended:
                    return
                self._server = server
            server.run(sockets=[listener])

    def stop(self) -> None:
        """End the service from any thread; answers under way are broken off and booked. Calling it again is fine."""
        with self._lock:
            self._ended = True
            if self._server is not None:
                self._server.end()


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers and without its tick: an idle service does not wake up at all."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
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
        self._loop = asyncio.get_running_loop()
        self._ready()
        if not self.should_exit:
            await self._end.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _listen(port: int) -> socket.socket:
    # With its protocol named, or asyncio would not switch Nagle's algorithm off: 40 ms more for every answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # Elsewhere it would let two programs listen at once, instead of freeing a port that was just given up.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortTaken(error) from error
    return listener
