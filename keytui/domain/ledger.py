"""The ledger: one entry for every request that was sent, priced when it was made.

What a cap of keytui's own refuses has no entry: nothing went out, and how full a cap is says the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Literal, Protocol

from keytui.domain.pricing import Cost
from keytui.domain.usage import Mark, Usage


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


Member = Literal["model", "key", "project", "app", "conversation", "tier"]
By = Literal["day", "month"] | Member


@dataclass(frozen=True, slots=True)
class Spend:
    """A sum of entries. ``unpriced`` entries are not in ``cost``: with any, the sum is a lower bound."""

    label: str
    """What the sum is of: a day or month in ISO form, a model, a key's name; empty for "no project" and the like."""
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
    """Entries that are estimates; those that took no tokens are not among them."""
    unpriced: int = 0
    """Entries that took tokens at an unknown price."""
    id: str = ""
    """What the label names, where that differs: the id of a key."""
    partial: bool = False
    """Some entries could not be read (``Ledger.problem`` says why)."""

    @property
    def at_least(self) -> bool:
        """Whether ``cost`` is a lower bound, shown with ``≥``."""
        return self.partial or self.unpriced > 0

    def plus(self, entry: Entry) -> Spend:
        """The sum with one more entry in it."""
        usage, cost = entry.usage, entry.cost
        took = usage.input + usage.output > 0
        return replace(
            self,
            requests=self.requests + 1,
            input=self.input + usage.input,
            cached=self.cached + usage.cached,
            written=self.written + usage.written,
            output=self.output + usage.output,
            reasoning=self.reasoning + usage.reasoning,
            cost=self.cost + (cost.total if cost else 0),
            saved=self.saved + (cost.saved if cost else 0),
            estimated=self.estimated + (took and usage.mark is Mark.ESTIMATED),
            unpriced=self.unpriced + (took and cost is None),
        )


class Ledger(Protocol):
    """Every request that was made, kept across processes. Blocking: call it from a worker.

    Nothing here raises when the database cannot be used: ``problem`` then says why, bookings wait in a journal, and
    sums hold what can be read (``Spend.partial``).
    """

    def book(self, entry: Entry) -> None:
        """Keep an entry. When the database cannot take it, it waits in a journal beside it: it is never lost."""
        ...

    def sent(self, entry: Entry) -> None:
        """Note what is to be booked for a request that goes out now, should this process be killed before it books.

        Booking an entry of that id, or of that id with a dot and a number behind it, drops the note.
        """
        ...

    def left_behind(self) -> Sequence[Entry]:
        """Requests that were noted by processes which are gone, and never booked; oldest first."""
        ...

    def total(self, *, since: date | None = None, until: date | None = None, key_id: str | None = None) -> Spend:
        """The spend of local calendar days ``since`` to ``until``, both included."""
        ...

    def by(
        self, group: By, *, since: date | None = None, until: date | None = None, key_id: str | None = None
    ) -> Sequence[Spend]:
        """Spend by group: days and months in order of time, all else dearest first. Empty groups are left out."""
        ...

    def each_day(
        self,
        group: Member,
        *,
        since: date | None = None,
        until: date | None = None,
        key_id: str | None = None,
        utc: bool = False,
    ) -> Sequence[tuple[date, Spend]]:
        """What ``by`` says, each day by itself, in order of time; days are local, or with ``utc`` the platform's."""
        ...

    def refusals(self, key_id: str, *, since: date | None = None, until: date | None = None) -> Mapping[str, int]:
        """How often a key's requests of these days ended in a trouble, by its name. Reads entries, not sums."""
        ...

    def latest(self, limit: int = 100) -> Sequence[Entry]:
        """The newest entries, newest first."""
        ...

    def dearest(
        self, limit: int = 10, *, since: date | None = None, until: date | None = None, key_id: str | None = None
    ) -> Sequence[Entry]:
        """The entries that cost most, dearest first; those that cost nothing or have no known price are left out."""
        ...

    @property
    def waiting(self) -> int:
        """Entries that wait in the journal because the database could not take them."""
        ...

    @property
    def problem(self) -> str | None:
        """What is wrong with the database, as one sentence with a next step; None while all is well."""
        ...
