"""``keytui cost --bill``: the organisation's own figures beside the ledger's, and why they differ.

Needs an admin key, which is kept in memory only until the command ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.paths import Paths
from keytui.domain.admin import ProjectKey
from keytui.domain.bill import Bill, LocalDay, Reason, explain_bill, taken_over
from keytui.domain.chat import Refused
from keytui.domain.keys import OPENAI_BASE_URL, KeyRecord, StoreUnreadable
from keytui.domain.ledger import Entry
from keytui.domain.money import dollars, plain
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit

SAYS: Mapping[Reason, str] = {
    Reason.OTHER_KEYS: "by keys that keytui does not know",
    Reason.OTHER_APPS: "by other programs with keytui's keys",
    Reason.LAG: "booked here, not counted there yet",
    Reason.ESTIMATE: "estimates here (stopped or cut answers)",
    Reason.UNKNOWN_PRICE: "booked here without a price",
    Reason.PRICE: "charged at another price",
    Reason.UTC_DAY: "days that begin at another hour (UTC)",
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an admin key shows of a stretch, and which key there is which here."""

    bill: Bill
    names: Mapping[str, str]
    ids: Mapping[str, str]


def bill(paths: Paths, options: Namespace) -> int:
    """Explain a stretch of days, this month unless said. 0; 1 for a ledger in trouble; else as ``verify`` ends."""
    today = datetime.now(UTC).date()
    since: date = options.since or today.replace(day=1)
    until: date = options.until or today
    try:
        secret = _admin_key(options)
        seen = asyncio.run(_seen(paths, secret, options.base_url or OPENAI_BASE_URL, since, until))
    except _Stopped as stopped:
        sys.stderr.write(f"{stopped}\n")
        return stopped.status
    except Refused as refused:
        sys.stderr.write(f"{refused.trouble.title} {refused.trouble.remedy}\n")
        return refused.trouble.exit
    except StoreUnreadable as unreadable:
        sys.stderr.write(f"{unreadable}\n")
        return Exit.VAULT
    entries = taken_over(
        seen.bill, base_url=options.base_url or OPENAI_BASE_URL, names=seen.names, ids=seen.ids, now=datetime.now(UTC)
    )
    _print(seen.bill, entries, as_json=options.json)
    if options.take_over:
        return _book(paths, entries)
    if entries:
        sys.stderr.write(f"--take-over books the {len(entries):,} as “elsewhere”; caps count them from then on.\n")
    return Exit.DONE


class _Stopped(Exception):
    def __init__(self, why: str, status: Exit) -> None:
        super().__init__(why)
        self.status = status


def _admin_key(options: Namespace) -> Secret:
    from keytui.cli.asking import NotAsked, from_stdin, hidden
    from keytui.domain.admin_troubles import wrong_admin_key
    from keytui.domain.paste import clean

    address = options.base_url or OPENAI_BASE_URL
    missing = "The bill needs an admin key, and there is no terminal to ask on: add --admin-key-stdin, or set "
    try:
        if options.admin_key_stdin:
            given = from_stdin()
        else:
            given = (
                os.environ.get("OPENAI_ADMIN_KEY")
                or hidden(
                    "Paste the admin key (it stays hidden, and in memory only): ", missing=f"{missing}OPENAI_ADMIN_KEY."
                ).reveal()
            )
    except NotAsked as why:
        raise _Stopped(str(why), Exit.USAGE) from None
    pasted = clean(given, base_url=address)
    if pasted.problem:
        raise _Stopped(pasted.problem, Exit.AUTHENTICATION)
    if (trouble := wrong_admin_key(pasted.secret, address)) is not None:
        raise _Stopped(f"{trouble.title} {trouble.remedy}", trouble.exit)
    return pasted.secret


async def _seen(paths: Paths, secret: Secret, base_url: str, since: date, until: date) -> _Seen:
    from keytui.adapters.keystore import open_keys
    from keytui.adapters.openai.admin import OpenAIAdmin
    from keytui.adapters.settings import SettingsFile
    from keytui.cli.network import Network

    keys = open_keys(paths)
    network = Network(paths, SettingsFile(paths.settings_file), keys)
    admin = OpenAIAdmin(secret, base_url, await network.clients())
    start, end = (datetime.combine(day, time.min, UTC) for day in (since, until + timedelta(days=1)))
    groups = ("project_id", "api_key_id")
    try:
        usage = await admin.usage(start, end, group_by=groups)
        costs = await admin.costs(start, end, group_by=groups)
        there = [key for project in await admin.projects(archived=True) for key in await admin.keys(project.id)]
    finally:
        await admin.close()
    ids = _ids(there, keys.records())
    named = {ours: theirs for theirs, ours in ids.items()}
    with closing(_ledger(paths, zone=UTC)) as ledger:
        here = [
            LocalDay(date.fromisoformat(spend.label), named.get(key.id, key.id), spend)
            for key in ledger.by("key", since=since, until=until)
            for spend in ledger.by("day", since=since, until=until, key_id=key.id)
        ]
    with closing(_ledger(paths)) as ledger:
        booked = ledger.total(since=since, until=until).cost
    explained = explain_bill(
        since, until, usage=usage, costs=costs, local=here, known_keys=ids, booked=booked, now=datetime.now(UTC)
    )
    return _Seen(explained, {key.id: key.name for key in there}, ids)


def _ids(there: list[ProjectKey], records: tuple[KeyRecord, ...]) -> dict[str, str]:
    """Keytui's ids of keys by the platform's: told by their last characters, and the project where keytui knows it."""
    found = {}
    for key in there:
        same = [record for record in records if record.last4 and key.redacted.endswith(record.last4)]
        if len(same) == 1:
            found[key.id] = same[0].id
    return found


def _ledger(paths: Paths, *, zone: tzinfo | None = None, write: bool = False) -> SqliteLedger:
    return SqliteLedger(
        paths.database, journal=paths.journal, now=lambda: datetime.now(UTC), zone=zone, read_only=not write
    )


def _print(bill: Bill, entries: tuple[Entry, ...], *, as_json: bool) -> None:
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
            "to_take_over": len(entries),
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    rows = [("booked here", bill.booked)]
    rows += [(SAYS[reason], bill.parts[reason]) for reason in Reason if reason in bill.parts]
    rows.append(("charged by the platform", bill.charged))
    for name, amount in rows:
        sign = "+" if amount > 0 and name in SAYS.values() else ""
        sys.stdout.write(f"{name:<42}  {sign + dollars(amount):>12}\n")
    sys.stderr.write(
        f"{bill.since} to {bill.until}. The platform's days are UTC ones, and its figures come hours later.\n"
    )


def _book(paths: Paths, entries: tuple[Entry, ...]) -> int:
    with closing(_ledger(paths, write=True)) as ledger:
        for entry in entries:
            ledger.book(entry)
        if ledger.problem:
            sys.stderr.write(f"{ledger.problem}\n")
            return Exit.FAILED
    sys.stderr.write(f"{len(entries):,} booked as “elsewhere”; booking them again changes nothing.\n")
    return Exit.DONE
