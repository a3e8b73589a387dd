"""The metering proxy's own things: programs and their local keys, refusals, and what it shows while it runs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry
from keytui.domain.secrets import Secret

PREFIX = "sk-keytui-"
"""Local keys begin so: programs that look for ``sk-`` accept them, and nobody takes them for a key of the platform."""

DEFAULT_PROGRAM = "proxy"
"""The name that requests are booked under when the key that ``keytui proxy`` hands out is used."""

_NOT_IN_NAMES = re.compile(r"[^\w.+-]+")
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Program:
    """A program that has a local key of its own."""

    name: str
    added: datetime


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go, and the real key that is put in there."""

    key: KeyRecord
    secret: Secret

    @property
    def base_url(self) -> str:
        """The only address that the key is sent to."""
        return self.key.base_url.rstrip("/")


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a program needs to know of a proxy that is ready."""

    base_url: str
    api_key: Secret
    """A local key: it opens nothing but this proxy."""

    @property
    def line(self) -> str:
        """The handshake as one line of JSON, for standard output."""
        return json.dumps({"base_url": self.base_url, "api_key": self.api_key.reveal()})


Told = Callable[[Entry | None], None]
"""Told whenever a snapshot would differ from the one before; with the entry, when a request was booked."""


class NotListening(Exception):
    """The proxy could not be started; the text is a sentence for the user, and the next step."""


@dataclass(frozen=True, slots=True)
class ProgramUse:
    """What one program did since the proxy began."""

    name: str
    now: int = 0
    """Requests on their way, or waiting for a slot."""
    requests: int = 0
    hits: int = 0
    """Requests that were answered from the cache."""
    refused: int = 0
    """Requests that a cap kept back."""
    tokens: int = 0
    """Of requests and answers, estimates included."""
    spend: Decimal = Decimal(0)
    """USD, estimates included."""
    unpriced: int = 0
    """Requests whose cost is not known; with any, ``spend`` is a lower bound."""
    latest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The proxy at one moment, for whoever shows it."""

    base_url: str
    """Empty while it does not listen."""
    key_name: str
    programs: tuple[ProgramUse, ...] = ()
    """The one that asked last comes first."""
    waiting: int = 0
    """Requests that wait for their turn."""
    problem: str = ""
    """Why something could not be booked, as a sentence; empty while all is well."""

    @property
    def now(self) -> int:
        """Requests on their way or waiting."""
        return sum(program.now for program in self.programs)

    @property
    def requests(self) -> int:
        """Requests since the beginning."""
        return sum(program.requests for program in self.programs)

    @property
    def hits(self) -> int:
        """Those of them that were answered from the cache."""
        return sum(program.hits for program in self.programs)

    @property
    def spend(self) -> Decimal:
        """USD since the beginning."""
        return sum((program.spend for program in self.programs), Decimal(0))


class MeteringSwitch(Protocol):
    """The metering proxy inside the app: off until it is turned on, and ended with the app."""

    @property
    def handshake(self) -> Handshake | None:
        """What programs need to know of it; None while it is off."""
        ...

    def snapshot(self) -> Snapshot:
        """What it does now and did since it was turned on; ``base_url`` is empty while it does not listen."""
        ...

    async def turn_on(self, target: Target, told: Told) -> None:
        """Listen on the loopback, unless it does. ``told`` is called in this event loop. Raises ``NotListening``."""
        ...

    def use(self, target: Target) -> None:
        """Put another key into requests from now on."""
        ...

    async def turn_off(self) -> None:
        """Give answers under way a moment, then stop listening. Everything that was sent is booked afterwards."""
        ...

    def stop(self) -> None:
        """Begin to turn it off, from any thread, without waiting."""
        ...


class ProgramKeys(Protocol):
    """The local keys. Only their hashes are kept, so a key can be shown once, when it is made."""

    def programs(self) -> Sequence[Program]:
        """All programs, oldest first. Raises ``StoreUnreadable``."""
        ...

    def add(self, name: str, now: datetime) -> Secret:
        """A local key for a new program. Raises ``ValueError`` for a name that is taken, ``StoreUnreadable``."""
        ...

    def remove(self, name: str) -> bool:
        """Whether there was such a program; its local key opens nothing any more. Raises ``StoreUnreadable``."""
        ...

    def program_of(self, key: str) -> str | None:
        """The name of the program with this local key, or None. Raises ``StoreUnreadable``."""
        ...


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer kept for identical requests."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    at: datetime
    cost: Decimal | None
    """USD that it cost, which is what a hit saves; None when that is not known."""


class AnswerCache(Protocol):
    """Answers by the fingerprint of their request: bounded in size and age, in the memory of one process."""

    def get(self, fingerprint: bytes, now: datetime) -> KeptAnswer | None:
        """The answer, unless it is too old or was given up for lack of room."""
        ...

    def put(self, fingerprint: bytes, answer: KeptAnswer) -> None:
        """Keep an answer. One that is larger than the whole cache is not kept."""
        ...


def new_local_key() -> Secret:
    """A local key: 256 random bits, worth nothing anywhere but at this proxy."""
    from secrets import token_urlsafe

    return Secret(PREFIX + token_urlsafe(32))


def program_name(given: str) -> str:
    """A name as programs are booked under, from what the user typed. Raises ``ValueError`` for what is no name."""
    name = given.strip()
    if not name or len(name) > _LONGEST_NAME or _NOT_IN_NAMES.search(name):
        raise ValueError(f"a program's name has up to {_LONGEST_NAME} letters, digits and . _ + -")
    return name


def name_of_command(command: str) -> str:
    """The name that a command is booked under: the last part of its path, without what no name may hold."""
    last = re.split(r"[/\\]", command.rstrip("/\\"))[-1].removesuffix(".exe")
    return _NOT_IN_NAMES.sub("-", last).strip("-")[:_LONGEST_NAME] or DEFAULT_PROGRAM
