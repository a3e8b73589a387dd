"""Accounting for the difference between the platform's figures and the ledger's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from keytui.domain.bill.lines import Bill, BillLine, Reason, no_key, settled
from keytui.domain.ledger import Spend
from keytui.domain.organization.parts import CostRow, UsageRow
from keytui.domain.pricing import SMALLEST, ZERO
from keytui.domain.usage import Mark, Usage


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
