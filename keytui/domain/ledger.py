"""The ledger: one entry for every request, priced when it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Literal, Protocol

from keytui.domain.pricing import Cost
from keytui.domain.usage import Usage


class Outcome(Enum):
    """How a request ended."""

    FINISHED = "finished"
    STOPPED = "stopped"
    """By the user; what had arrived is billed by the platform, so it is booked as an estimate."""
    CUT = "cut"
    """The connection ended in the middle."""
    FAILED = "failed"
    """Refused or broken before any answer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One request, as booked. ``cost`` is None when the price is unknown (``$?``), which is not zero."""

    id: str
    """Unique; booking the same id twice books it once."""
    at: datetime
    """When it was sent (UTC, aware)."""
    key_id: str
    key_name: str
    project: str | None
    app: str
    """Who asked: ``playground``, ``ask``, ``probe`` or the name of a program behind the metering proxy."""
    conversation: str | None
    endpoint: str
    """``chat``, ``responses`` or the path for anything else."""
    base_url: str
    model: str
    """The model that was asked for."""
    served: str | None
    """The model that the reply named; prices go by ``model`` (a gateway may echo anything)."""
    tier: str | None
    usage: Usage
    cost: Cost | None
    outcome: Outcome
    seconds: float
    """From sending to the end."""
    first_token: float | None = None
    """Seconds from sending to the first text."""
    error: str | None = None
    """The code of what went wrong; never a message that might hold a key."""


By = Literal["day", "month", "model", "key", "project", "app", "conversation", "tier"]


@dataclass(frozen=True, slots=True)
class Spend:
    """A sum of entries. ``unpriced`` entries are not in ``cost``: with any, the sum is a lower bound."""

    label: str
    requests: int = 0
    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0
    reasoning: int = 0
    cost: Decimal = Decimal(0)
    saved: Decimal = Decimal(0)
    """What caching saved against plain input, USD (may be negative: writes cost more)."""
    estimated: int = 0
    """Entries that are estimates."""
    unpriced: int = 0


class Ledger(Protocol):
    """Every request that was made, kept across processes. Blocking: call it from a worker."""

    def book(self, entry: Entry) -> None:
        """Keep an entry. When the database cannot take it, it waits in a journal beside it: it is never lost."""
        ...

    def total(self, *, since: date | None = None, until: date | None = None, key_id: str | None = None) -> Spend:
        """The spend of local calendar days ``since`` to ``until``, both included."""
        ...

    def by(
        self, group: By, *, since: date | None = None, until: date | None = None, key_id: str | None = None
    ) -> Sequence[Spend]:
        """Spend by group: days and months in order of time, everything else dearest first."""
        ...

    def latest(self, limit: int = 100) -> Sequence[Entry]:
        """The newest entries, newest first."""
        ...
