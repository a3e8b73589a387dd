"""What the costs pane shows, read from the ledger in one go. Blocking: call it from a worker."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from keytui.domain.caps import Scope
from keytui.domain.comparison import Alternative, elsewhere
from keytui.domain.conversations import Conversation, ConversationStore
from keytui.domain.forecast import MEMORY, Forecast, forecast
from keytui.domain.keys import OPENAI_BASE_URL, KeyRecord
from keytui.domain.ledger import By, Entry, Ledger, Spend
from keytui.domain.pricing import PriceBook

TIERS = ("batch", "flex", "fast")
DEAREST = 50
MOST_ROWS = 200
"""Rows of a table; more would be read by nobody, and fill slowly."""

PAGE, PAGES = 500, 8
"""Conversations are looked through for their titles by pages, the newest first, and at most so many."""

Sort = Literal["name", "requests", "input", "cached", "output", "cost"]
SORTS: tuple[Sort, ...] = ("cost", "requests", "input", "cached", "output", "name")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at."""

    today: date
    month: date
    """The first day of it."""
    group: By = "model"
    key_id: str | None = None
    """One key only, or None for all."""

    @property
    def current(self) -> bool:
        """Whether the month is not over."""
        return (self.month.year, self.month.month) == (self.today.year, self.today.month)

    @property
    def last(self) -> date:
        """The last day of the month."""
        return (self.month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the pane shows."""

    asked: Asked
    today: Spend
    month: Spend
    days: Sequence[Spend]
    shares: Mapping[date, Mapping[str, Decimal]]
    """What the groups of the table cost on each day, by their names (keys: by their ids), for those drawn apart."""
    rows: Sequence[Spend]
    months: tuple[date, ...]
    """First days of the months that have entries, the present one among them, oldest first."""
    forecast: Forecast | None
    """Of the present month only."""
    elsewhere: tuple[Alternative, ...]
    uncompared: int
    """Requests that are in no comparison, for their price is not known."""
    dearest: Sequence[Entry]
    waiting: int
    problem: str | None

    @property
    def untouched(self) -> bool:
        """Whether nothing was ever booked."""
        return not self.month.requests and len(self.months) <= 1


def read(ledger: Ledger, prices: PriceBook, asked: Asked, *, compared: Sequence[str], now: datetime) -> Figures:
    """The figures of a month. ``compared`` are the models that the month is held against."""
    since, until, key = asked.month, asked.last, asked.key_id
    days = ledger.by("day", since=since, until=until, key_id=key)
    by_model = ledger.by("model", since=since, until=until, key_id=key)
    if asked.group == "day":
        rows = days
    elif asked.group == "model":
        rows = by_model
    else:
        rows = ledger.by(asked.group, since=since, until=until, key_id=key)
    priced = [spend for spend in by_model if not spend.unpriced]
    return Figures(
        asked,
        today=ledger.total(since=asked.today, until=asked.today, key_id=key),
        month=ledger.total(since=since, until=until, key_id=key),
        days=days,
        shares=_shares(ledger, asked),
        rows=rows,
        months=_months(ledger, asked.today),
        forecast=_forecast(ledger, asked) if asked.current else None,
        elsewhere=elsewhere(priced, prices, models=compared, tiers=TIERS, at=now, base_url=OPENAI_BASE_URL),
        uncompared=sum(spend.requests for spend in by_model if spend.unpriced),
        dearest=ledger.dearest(DEAREST, since=since, until=until, key_id=key),
        waiting=ledger.waiting,
        problem=ledger.problem,
    )


def heads(store: ConversationStore, wanted: Collection[str]) -> dict[str, Conversation]:
    """The heads of conversations by their ids; those that are not kept any more are missing. Blocking."""
    found: dict[str, Conversation] = {}
    for page in range(PAGES):
        some = store.conversations(limit=PAGE, offset=page * PAGE)
        found |= {head.id: head for head in some if head.id in wanted}
        if len(some) < PAGE or len(found) == len(wanted):
            break
    return found


def spent_so_far(ledger: Ledger, key: KeyRecord | None, today: date) -> dict[Scope, Decimal]:
    """USD of the present day and month, of a key and of its project. Blocking."""
    first = today.replace(day=1)
    spent = {
        Scope.DAY: ledger.total(since=today, until=today).cost,
        Scope.MONTH: ledger.total(since=first, until=today).cost,
    }
    if key is not None:
        spent[Scope.KEY] = ledger.total(since=first, until=today, key_id=key.id).cost
    if key is not None and key.project is not None:
        by_project = {spend.label: spend.cost for spend in ledger.by("project", since=first, until=today)}
        spent[Scope.PROJECT] = by_project.get(key.project, Decimal(0))
    return spent


def ordered(rows: Sequence[Spend], sort: Sort) -> list[Spend]:
    """Rows by one of their figures, the largest first; by name from A to Z, and so days from the first on."""
    if sort == "name":
        return sorted(rows, key=lambda row: row.label.casefold())
    return sorted(rows, key=lambda row: (-getattr(row, sort), -row.cost, row.label.casefold()))


def _months(ledger: Ledger, today: date) -> tuple[date, ...]:
    booked = {date.fromisoformat(f"{spend.label}-01") for spend in ledger.by("month")}
    return tuple(sorted(booked | {today.replace(day=1)}))


def _shares(ledger: Ledger, asked: Asked) -> dict[date, dict[str, Decimal]]:
    """Days and conversations are not told apart in the bars: there are too many of them."""
    shares: dict[date, dict[str, Decimal]] = {}
    if asked.group in ("model", "key", "project", "app", "tier"):
        each = ledger.each_day(asked.group, since=asked.month, until=asked.last, key_id=asked.key_id)
        for day, spend in each:
            shares.setdefault(day, {})[spend.id or spend.label] = spend.cost
    return shares


def _forecast(ledger: Ledger, asked: Asked) -> Forecast | None:
    """From eight weeks of habit, so that weekdays can be told apart, and from the whole month so far."""
    since = min(asked.today - timedelta(days=MEMORY), asked.month)
    habit = ledger.by("day", since=since, until=asked.today, key_id=asked.key_id)
    return forecast({date.fromisoformat(day.label): day.cost for day in habit}, asked.today)
