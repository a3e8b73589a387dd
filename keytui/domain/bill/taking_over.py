"""Entries for what was spent elsewhere, so that the ledger has it, too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time

from keytui.domain.bill.lines import NO_KEY, Bill, Reason, no_key, settled
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.pricing import SMALLEST, STANDARD, ZERO, Cost

ELSEWHERE = "elsewhere"
"""The app that taken-over entries carry."""


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
