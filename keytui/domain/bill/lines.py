"""A bill: its lines, the reasons why it differs from what was booked, and its sums.

Days are UTC days here, as the platform has them. Every amount of the platform's is accounted for: the local sum and all
parts together are the bill, to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Literal

from keytui.domain.pricing import ZERO
from keytui.domain.usage import Usage

SETTLED_AFTER = timedelta(days=2)
"""After the end of a day its costs count as complete: the platform needs hours, and promises no time."""

NO_KEY = "none"
"""What stands in the place of a key, before its project, for charges that name none."""


class Reason(Enum):
    """Why the platform's figure and the local one differ."""

    OTHER_KEYS = "other keys"
    """Spent with keys that keytui does not know."""
    OTHER_APPS = "other programs"
    """Spent with a key that keytui knows, by requests that it did not make."""
    LAG = "not counted yet"
    """Made lately; the platform's figures come hours later."""
    ESTIMATE = "estimates"
    """Stopped or cut answers, whose tokens were counted here."""
    UNKNOWN_PRICE = "unknown prices"
    """Requests booked without a price, which the platform has charged."""
    PRICE = "other prices"
    """The same requests at another price than the one they were booked at: a change, a discount, a rounding."""
    UTC_DAY = "UTC days"
    """The ledger's days are local ones; at both ends of the stretch they are not the platform's."""


SAYS: Mapping[Reason, str] = {
    Reason.OTHER_KEYS: "by keys that keytui does not know",
    Reason.OTHER_APPS: "by other programs with keytui's keys",
    Reason.LAG: "booked here, not counted there yet",
    Reason.ESTIMATE: "estimates here (stopped or cut answers)",
    Reason.UNKNOWN_PRICE: "booked here without a price",
    Reason.PRICE: "charged at another price",
    Reason.UTC_DAY: "days that begin at another hour (UTC)",
}
"""Each reason as the line of a sum."""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One key on one UTC day."""

    day: date
    key_id: str | None
    """The platform's id of the key; None where a charge names none."""
    project_id: str | None
    charged: Decimal
    """USD that the platform says."""
    booked: Decimal
    """USD that the ledger says."""
    parts: Mapping[Reason, Decimal]
    """What makes up the difference; they add up to ``charged - booked``."""
    requests: int
    """The platform's; 0 where it counted none (yet)."""
    known: bool
    """Whether keytui has this key."""
    missing: Usage
    """Tokens that the platform counted and the ledger has not."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A stretch of days, explained."""

    since: date
    until: date
    lines: tuple[BillLine, ...]
    booked: Decimal
    """USD that the ledger says for the same days, as local ones."""
    parts: Mapping[Reason, Decimal]
    """By reason; with ``booked`` they add up to ``charged``. Reasons that do not apply are missing."""

    @property
    def charged(self) -> Decimal:
        """USD that the platform says."""
        return sum((line.charged for line in self.lines), ZERO)


BillGroup = Literal["day", "project", "key"]


@dataclass(frozen=True, slots=True)
class BillSum:
    """Lines of a bill together, in USD."""

    label: str
    """A day in ISO form, or the platform's id of a project or key; empty for charges that name none."""
    charged: Decimal = ZERO
    booked: Decimal = ZERO
    parts: Mapping[Reason, Decimal] = field(default_factory=dict)
    requests: int = 0
    """The platform's count."""

    def plus(self, line: BillLine) -> BillSum:
        """The sum with one more line in it."""
        parts = dict(self.parts)
        for reason, amount in line.parts.items():
            parts[reason] = parts.get(reason, ZERO) + amount
        return BillSum(
            self.label,
            self.charged + line.charged,
            self.booked + line.booked,
            parts,
            self.requests + line.requests,
        )


def summed(bill: Bill, by: BillGroup) -> tuple[BillSum, ...]:
    """The bill's lines by day (in order), project or key (the dearest first).

    What UTC days shift is in none of them: on their own days both sides are whole.
    """
    found: dict[str, BillSum] = {}
    for line in bill.lines:
        label = {"day": line.day.isoformat(), "project": line.project_id or "", "key": line.key_id or ""}[by]
        found[label] = found.get(label, BillSum(label)).plus(line)
    if by == "day":
        return tuple(found[label] for label in sorted(found))
    return tuple(sorted(found.values(), key=lambda one: (-one.charged, -one.booked, one.label)))


def settled(line: BillLine, now: datetime) -> bool:
    """Whether the platform's figures of that day are complete, as far as can be told."""
    return now >= datetime.combine(line.day, time.min, UTC) + timedelta(days=1) + SETTLED_AFTER


def no_key(project: str | None) -> str:
    """What stands in the place of a key for a project's charges that name none; taken over, they are booked as its."""
    return f"{NO_KEY} {project}" if project else NO_KEY
