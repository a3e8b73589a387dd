"""What the proxy is given: choices, and the outside world as ports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from keytui.domain.booking import Count
from keytui.domain.caps import Cap, Reservations
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Ledger
from keytui.domain.metering import AnswerCache, ProgramKeys, Target
from keytui.domain.pricing import PriceBook
from keytui.domain.troubles import Trouble
from keytui.domain.usage import Usage

if TYPE_CHECKING:
    import httpx2


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """The user's choices."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes any that is free."""
    max_parallel: int = 100
    """Requests that run at once; others wait for their turn."""
    max_waiting: int = 1_000
    """Requests that may wait; more are refused."""
    retries: int = 0
    """How often a request is sent again that certainly did not arrive, or was refused with a wait named."""
    drain: float = 3.0
    """Seconds that answers under way get to end once the proxy is to stop."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The world outside. What blocks is called in threads of the proxy's own, unless said otherwise."""

    connect: Callable[[str], httpx2.AsyncClient]
    """A client for one base URL; raises ``Refused``."""
    explain: Callable[[BaseException, Target], Trouble]
    """What a failure on the way to the server means. Quick: called in the event loop."""
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
