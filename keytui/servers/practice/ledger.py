"""What was really served: one row for every answered request, and the sums that limits go by."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from keytui.domain.pricing import ZERO, Cost
from keytui.domain.usage import Usage

KEPT = 100_000
"""Rows kept; older ones leave, their amounts stay in the monthly sums."""


@dataclass(frozen=True, slots=True)
class Served:
    """One answered request."""

    id: str
    """The request id that the client was told."""
    at: float
    project_id: str
    api_key_id: str
    user_id: str | None
    endpoint: str
    """``chat``, ``responses`` or ``embeddings``."""
    model: str
    tier: str
    usage: Usage
    cost: Cost
    outcome: str
    """``finished``, or ``stopped`` when the line ended before the answer did."""
    stream: bool

    @property
    def row(self) -> dict[str, object]:
        """The row as JSON; amounts are decimal strings in USD."""
        return {
            "id": self.id,
            "at": self.at,
            "project_id": self.project_id,
            "api_key_id": self.api_key_id,
            "user_id": self.user_id,
            "endpoint": self.endpoint,
            "model": self.model,
            "service_tier": self.tier,
            "input_tokens": self.usage.input,
            "cached_tokens": self.usage.cached,
            "cache_write_tokens": self.usage.written,
            "output_tokens": self.usage.output,
            "reasoning_tokens": self.usage.reasoning,
            "cost": format(self.cost.total, "f"),
            "outcome": self.outcome,
            "stream": self.stream,
        }


def month_of(at: float) -> str:
    """The calendar month of a time, in UTC, as limits and invoices have it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m")


@dataclass(slots=True)
class Book:
    """All rows, and the spend by month and project."""

    rows: deque[Served] = field(default_factory=lambda: deque(maxlen=KEPT))
    _sums: defaultdict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, served: Served) -> None:
        """Book one row."""
        self.rows.append(served)
        self._sums[month_of(served.at), served.project_id] += served.cost.total

    def spent(self, now: float, project_id: str | None = None) -> Decimal:
        """USD spent in the month of ``now``, by one project or by all."""
        month = month_of(now)
        return sum(
            (sum_ for (m, p), sum_ in self._sums.items() if m == month and project_id in (None, p)),
            ZERO,
        )

    def between(self, start: float, end: float) -> Iterator[Served]:
        """Rows from ``start`` (included) to ``end`` (not included)."""
        return (served for served in self.rows if start <= served.at < end)
