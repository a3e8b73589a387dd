"""The bill explained: what the platform counted and charged, beside what this machine booked, with the reasons.

Days are UTC days here, as the platform has them. Every amount of the platform's is accounted for: the local sum and all
parts together are the bill, to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Literal

from keytui.domain.admin import CostRow, UsageRow
from keytui.domain.ledger import Entry, Outcome, Spend
from keytui.domain.pricing import SMALLEST, STANDARD, ZERO, Cost
from keytui.domain.usage import Mark, Usage

SETTLED_AFTER = timedelta(days=2)
"""After the end of a day its costs count as complete: the platform needs hours, and promises no time."""

ELSEWHERE = "elsewhere"
"""The app that taken-over entries carry."""

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


@dataclass(frozen=True, slots=True)
class LocalDay:
    """What the ledger has of one key on one UTC day."""

    day: date
    key_id: str
    """The platform's id of the key where it is known, else the ledger's."""
    spend: Spend


_Place = tuple[date, str]
"""A day and a key, or what stands in the place of one."""


def explain_bill(
    since: date,
    until: date,
    *,
    usage: Iterable[UsageRow],
    costs: Iterable[CostRow],
    local: Sequence[LocalDay],
    known_keys: Iterable[str],
    booked: Decimal,
    now: datetime,
) -> Bill:
    """Account for the difference between the platform's figures and the ledger's, key by key and day by day.

    ``usage`` and ``costs`` are grouped by project and key, ``booked`` is the ledger's sum of the same days as local
    ones. Usage rows that the platform adds later only move amounts between reasons.
    """
    charged: dict[_Place, Decimal] = {}
    counted: dict[_Place, list[UsageRow]] = {}
    named: dict[_Place, tuple[str | None, str | None]] = {}
    for row in costs:
        if since <= _day(row.begins) <= until:
            place = _place(row)
            charged[place] = charged.get(place, ZERO) + row.amount
            named.setdefault(place, (row.key_id, row.project_id))
    for one in usage:
        if since <= _day(one.begins) <= until:
            place = _place(one)
            counted.setdefault(place, []).append(one)
            named.setdefault(place, (one.key_id, one.project_id))
    mine = {(here.day, here.key_id): here.spend for here in local if since <= here.day <= until}
    known = set(known_keys)
    lines = tuple(
        _line(
            place[0],
            *named.get(place, (place[1], None)),
            charged.get(place, ZERO),
            counted.get(place, []),
            mine.get(place, Spend("")),
            # What was taken over is a key's booked spend of that day, and does not make it one of keytui's.
            known=place[1] in known or place in mine,
            now=now,
        )
        for place in sorted(charged.keys() | counted.keys() | mine.keys())
    )
    parts: dict[Reason, Decimal] = {}
    for line in lines:
        for reason, amount in line.parts.items():
            parts[reason] = parts.get(reason, ZERO) + amount
    shifted = sum((line.booked for line in lines), ZERO) - booked
    if shifted:
        parts[Reason.UTC_DAY] = shifted
    return Bill(since, until, lines, booked, parts)


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


def taken_over(
    bill: Bill, *, base_url: str, names: Mapping[str, str], ids: Mapping[str, str], now: datetime
) -> tuple[Entry, ...]:
    """Entries for what was spent by other keys and other programs, one for each key and day, of settled days only.

    Their ids are made of the day and the key, so that booking them twice books them once. ``names`` are names of keys
    and ``ids`` keytui's ids of them, by the platform's ids. From then on they are spend like any other, for caps too.
    """
    found = []
    for line in bill.lines:
        amount = line.parts.get(Reason.OTHER_KEYS, ZERO) + line.parts.get(Reason.OTHER_APPS, ZERO)
        if amount <= 0 or not settled(line, now):
            continue
        key = line.key_id or no_key(line.project_id)
        found.append(
            Entry(
                id=f"{ELSEWHERE} {line.day.isoformat()} {line.project_id or ''} {line.key_id or NO_KEY}",
                at=datetime.combine(line.day, time(12), UTC),
                key_id=ids.get(key, key),
                key_name=names.get(key, key if line.key_id else "no key"),
                project=line.project_id,
                app=ELSEWHERE,
                conversation=None,
                endpoint="organization/costs",
                base_url=base_url,
                model=ELSEWHERE,
                served=None,
                tier=None,
                usage=line.missing,
                cost=Cost(
                    *(ZERO, ZERO, ZERO, ZERO),
                    tier=STANDARD,
                    as_of=now.date(),
                    source="the platform's costs",
                    note="Taken over as a whole: what other programs or keys spent on that day.",
                    other=amount.quantize(SMALLEST),
                ),
                outcome=Outcome.FINISHED,
                seconds=0.0,
            )
        )
    return tuple(found)


def _line(
    day: date,
    key: str | None,
    project: str | None,
    charged: Decimal,
    counted: Sequence[UsageRow],
    mine: Spend,
    *,
    known: bool,
    now: datetime,
) -> BillLine:
    requests = sum(row.requests for row in counted)
    missing = Usage(
        input=max(sum(row.input for row in counted) - mine.input, 0),
        output=max(sum(row.output for row in counted) - mine.output, 0),
        cached=max(sum(row.cached for row in counted) - mine.cached, 0),
        written=max(sum(row.written for row in counted) - mine.written, 0),
        mark=Mark.BILLED,
    )
    line = BillLine(day, key, project, charged, mine.cost, {}, requests, known, missing)
    total = sum(row.input + row.output for row in counted)
    share = Decimal(missing.total) / total if total else ZERO
    return replace(line, parts=_parts(line, mine, share, settled(line, now)))


def _parts(line: BillLine, mine: Spend, share: Decimal, complete: bool) -> dict[Reason, Decimal]:
    """The difference by reason: first what can be told from the counts, then the one reason that is left for the rest.

    ``share`` is the part of the platform's tokens that the ledger has not.
    """
    rest = line.charged - line.booked
    if not line.known:
        return {Reason.OTHER_KEYS: rest} if rest else {}
    parts: dict[Reason, Decimal] = {}
    if line.requests > mine.requests:
        others = (line.charged * share).quantize(SMALLEST)
        # Without anything uncertain here, all that is left over is theirs, to the last digit.
        if not (mine.estimated or mine.unpriced) and rest > 0:
            others = rest
        if others:
            parts[Reason.OTHER_APPS] = others
            rest -= others
    if not rest:
        return parts
    if rest < 0 and not complete:
        reason = Reason.LAG
    elif mine.unpriced and rest > 0:
        reason = Reason.UNKNOWN_PRICE
    elif mine.estimated:
        reason = Reason.ESTIMATE
    elif mine.requests > line.requests and not complete:
        reason = Reason.LAG
    else:
        reason = Reason.PRICE
    parts[reason] = rest
    return parts


def _place(row: UsageRow | CostRow) -> _Place:
    return _day(row.begins), row.key_id or no_key(row.project_id)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
