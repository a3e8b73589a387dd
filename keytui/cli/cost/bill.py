"""``keytui cost --bill``: the organisation's own figures beside the ledger's, and why they differ.

Needs an admin key, which is kept in memory only until the command ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from contextlib import closing
from datetime import UTC, date, datetime

from keytui.adapters.keystore import open_keys
from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.paths import Paths
from keytui.cli.address import put_right
from keytui.cli.ending import ended
from keytui.cli.organization import organization
from keytui.domain.bill.lines import SAYS, BillGroup, Reason, summed
from keytui.domain.bill.reading import BillReading, read_bill, read_platform
from keytui.domain.ledger import Entry
from keytui.domain.money import column, dollars, plain
from keytui.domain.troubles import Exit


def bill(paths: Paths, options: Namespace) -> int:
    """Explain a stretch of days, this month unless said. 0; 1 for a ledger in trouble; else as ``verify`` ends."""
    today = datetime.now(UTC).date()
    since: date = options.since or min(today, options.until or today).replace(day=1)
    until: date = options.until or today
    return ended(lambda: _bill(paths, options, since, until))


def _bill(paths: Paths, options: Namespace, since: date, until: date) -> int:
    reading = asyncio.run(_read(paths, options, since, until))
    _print(reading, options.by, as_json=options.json)
    if options.take_over:
        return _book(paths, reading.missing)
    if entries := reading.missing:
        sys.stderr.write(f"--take-over books the {len(entries):,} as “elsewhere”; caps count them from then on.\n")
    return Exit.DONE


async def _read(paths: Paths, options: Namespace, since: date, until: date) -> BillReading:
    keys = open_keys(paths)
    async with organization(keys, options, put_right(options.base_url or "")) as admin:
        platform = await read_platform(admin, admin.base_url, since, until)
        with closing(_ledger(paths)) as ledger:
            return read_bill(platform, ledger, keys.records(), datetime.now(UTC))


def _ledger(paths: Paths, *, write: bool = False) -> SqliteLedger:
    return SqliteLedger(paths.database, journal=paths.journal, now=lambda: datetime.now(UTC), read_only=not write)


def _print(reading: BillReading, by: BillGroup | None, *, as_json: bool) -> None:
    bill = reading.bill
    if as_json:
        document = {
            "since": bill.since.isoformat(),
            "until": bill.until.isoformat(),
            "currency": "USD",
            "charged": plain(bill.charged),
            "booked": plain(bill.booked),
            "parts": {reason.name.lower(): plain(amount) for reason, amount in bill.parts.items()},
            "lines": [
                {
                    "day": line.day.isoformat(),
                    "project": line.project_id,
                    "key": line.key_id,
                    "charged": plain(line.charged),
                    "booked": plain(line.booked),
                    "parts": {reason.name.lower(): plain(amount) for reason, amount in line.parts.items()},
                }
                for line in bill.lines
            ],
            "to_take_over": len(reading.missing),
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    if by is not None:
        _write_table(reading, by)
    rows = [("booked here", bill.booked)]
    rows += [(SAYS[reason], bill.parts[reason]) for reason in Reason if reason in bill.parts]
    rows.append(("charged by the platform", bill.charged))
    for name, amount in rows:
        sign = "+" if amount > 0 and name in SAYS.values() else ""
        sys.stdout.write(f"{name:<42}  {sign + dollars(amount):>12}\n")
    sys.stderr.write(
        f"{bill.since} to {bill.until}. The platform's days are UTC ones, and its figures come hours later.\n"
    )


def _write_table(reading: BillReading, by: BillGroup) -> None:
    """A line for each day, project or key, with the reason that weighs most in its difference."""
    sums = summed(reading.bill, by)
    names = [named(reading, by, one.label) for one in sums]
    charged, booked = column([one.charged for one in sums]), column([one.booked for one in sums])
    widths = [max([len(by), *map(len, names)]), max([7, *map(len, charged)]), max([11, *map(len, booked)])]
    sys.stdout.write(f"{by:<{widths[0]}}  {'charged':>{widths[1]}}  {'booked here':>{widths[2]}}  mostly\n")
    for name, one, there, here in zip(names, sums, charged, booked, strict=True):
        why = SAYS[max(one.parts, key=lambda reason: abs(one.parts[reason]))] if one.parts else ""
        sys.stdout.write(f"{name:<{widths[0]}}  {there:>{widths[1]}}  {here:>{widths[2]}}  {why}".rstrip() + "\n")
    sys.stdout.write("\n")


def named(reading: BillReading, by: BillGroup, label: str) -> str:
    """The name of a line's project or key; its day as it is."""
    names = {"project": reading.projects, "key": reading.keys}.get(by, {})
    return names.get(label, label) or f"no {by}"


def _book(paths: Paths, entries: tuple[Entry, ...]) -> int:
    with closing(_ledger(paths, write=True)) as ledger:
        for entry in entries:
            ledger.book(entry)
        if ledger.problem:
            sys.stderr.write(f"{ledger.problem}\n")
            return Exit.FAILED
    sys.stderr.write(f"{len(entries):,} booked as “elsewhere”; booking them again changes nothing.\n")
    return Exit.DONE
