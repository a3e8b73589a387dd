"""What the proxy is given: choices, and the outside world as ports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from keytui.domain.booking import Count
from keytui.domain.caps import Cap, Reservations
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Ledger
from keytui.domain.metering import AnswerCache, ProgramKeys, Target
from keytui.domain.pricing import PriceBook
from keytui.domain.troubles import Trouble
from keytui.domain.usage import Usage

Headers = Sequence[tuple[bytes, bytes]]


class Answer(Protocol):
    """The answer of a server, its body yet to be read. Close it, however far it was read."""

    status: int
    headers: Headers
    """Names in lower case."""

    async def lump(self) -> bytes:
        """The next bytes of the body, everything that is there in one piece; empty at its end.

        Raises ``httpx2.TransportError``.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Upstream(Protocol):
    """The route to one base URL. Used in one event loop."""

    async def send(self, method: str, path: bytes, headers: Headers, content: bytes | AsyncIterator[bytes]) -> Answer:
        """Send a request to a path below the base URL, and wait for the head of its answer.

        Raises ``Refused`` when the route cannot be taken, ``httpx2.TransportError``, and what the content raises.
        """
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """The user's choices."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes any that is free."""
    max_parallel: int = 100
    """Requests that run at once; others wait for a slot."""
    max_waiting: int = 1_000
    """Requests that may wait; more are refused."""
    retries: int = 0
    """How often a request is sent again that certainly did not arrive, or was refused with a wait named."""
    drain: float = 3.0
    """Seconds that answers under way get to end once the proxy is to stop."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The world outside. What blocks is called in threads of the proxy's own, unless said otherwise."""

    connect: Callable[[str], Upstream]
    """The route to a base URL. Quick: called in the event loop, once for each address."""
    explain: Callable[[BaseException, Target], Trouble]
    """What a failure on the route to the server means. Quick: called in the event loop."""
    read_usage: Callable[[Mapping[str, Any]], Usage | None]
    """A usage object of the API. Quick."""
    ledger: Ledger
    reservations: Reservations
    prices: Callable[[], PriceBook]
    """The first call may take long."""
    counter: Callable[[str], Count]
    """Counts texts for a model."""
    caps: Callable[[KeyRecord], Sequence[Cap]]
    """The caps that hold now."""
    now: Callable[[], datetime]
    programs: ProgramKeys | None = None
    """Local keys beside the one that is handed out; asked in the event loop."""
    cache: AnswerCache | None = None
    """None: every request is sent."""
