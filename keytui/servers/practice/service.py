"""The practice service itself: a server on the loopback, from its start to its end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from starlette.applications import Starlette

from keytui.domain.keys import KeyKind
from keytui.domain.secrets import Secret
from keytui.domain.tokens import Tokenizer
from keytui.servers.practice import identity
from keytui.servers.practice.app import make_app
from keytui.servers.practice.inference import Context
from keytui.servers.practice.situations import situations
from keytui.servers.practice.world import World
from keytui.servers.quiet import Server, address_of, listen

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
        self._server: Server | None = None
        self._ended = False

    @property
    def app(self) -> Starlette:
        """The ASGI application, for whoever serves it in another way."""
        return make_app(self._context)

    def run(self, ready: Callable[[Handshake], None]) -> None:
        """Serve until ``stop`` is called, in this thread; ``ready`` is called in it once connections are taken.

        Raises ``CannotListen`` before ``ready`` when the port is not free.
        """
        with listen(HOST, self._port) as listener:
            url = address_of(listener, HOST)
            handshake = Handshake(url, self._api_key, self._admin_key)
            server = Server(self.app, lambda: ready(handshake))
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
