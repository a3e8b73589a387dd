"""``keytui keys review``: what should be changed about any key, with why it matters and one action each."""

from __future__ import annotations

import asyncio
import os
import sys
from argparse import Namespace
from dataclasses import asdict
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from keytui.adapters.agenda import AgendaFile
from keytui.adapters.found import look_around
from keytui.adapters.keystore import Keys
from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.paths import find
from keytui.adapters.settings import SettingsFile
from keytui.cli.keys.places import can_open, prepare
from keytui.cli.saying import give, say
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, Place
from keytui.domain.platform_keys import Standing, learnt, standings
from keytui.domain.real_use import real_use
from keytui.domain.review.reviewing import readable
from keytui.domain.review.reviewing import review as look_at
from keytui.domain.troubles import Exit


async def review(keys: Keys, options: Namespace) -> int:
    """Look at all keys, and at what lies about; with ``--platform`` also ask what only an admin key sees."""
    if can_open(keys, options.passphrase_fd):
        await prepare(keys, Place.FILE, options.passphrase_fd)
    platform = await _asked(keys, options) if options.platform else None
    records = keys.records()
    secrets, unread = await readable(keys, records)
    home = Path.home() if options.look else None
    found = await look_around(os.environ, Path.cwd(), home=home, shell_files=options.look)
    paths = find(practice=options.practice)
    capped = SettingsFile(paths.settings_file).load().monthly_cap is not None
    now = datetime.now(UTC)
    ledger = SqliteLedger(paths.database, journal=paths.journal, now=lambda: now, read_only=True)
    result = look_at(
        records,
        now,
        secrets=secrets,
        found=found.keys,
        active=keys.active(),
        capped=capped,
        platform=platform,
        use={record.id: real_use(ledger, record, now) for record in records},
    )
    AgendaFile(paths.agenda_file).reviewed(result.next)
    if options.json:
        give(
            {
                "at": result.at.isoformat(),
                "next": result.next.isoformat(),
                "findings": [asdict(finding) for finding in result.findings],
                "not_compared": unread,
                "platform_asked": platform is not None,
            }
        )
        return Exit.DONE
    for finding in result.findings:
        sys.stdout.write(f"{_SIGNS[finding.weight]} {finding.what}\n  Why: {finding.why}\n  Do: {finding.action}\n")
    if unread:
        say(f"not compared with other places, because they could not be read: {', '.join(unread)}.")
    if not result.findings:
        say(f"nothing to do for {len(records)} key{'' if len(records) == 1 else 's'}.")
    say(f"look again on {result.next:%Y-%m-%d}.")
    return Exit.DONE


async def _asked(keys: Keys, options: Namespace) -> dict[str, Standing]:
    """What the platform tells of the keys; what it knows better is written down. Raises ``Stopped``."""
    from keytui.cli.organization import organization

    records, active = keys.records(), keys.active()
    kept = [one.base_url for one in records if one.kind is KeyKind.ADMIN]
    handed = options.admin_key_stdin or os.environ.get("OPENAI_ADMIN_KEY")
    here = active.base_url if active is not None else OPENAI_BASE_URL
    told: dict[str, Standing] = {}
    for address in [here] if handed or not kept else sorted(set(kept)):
        async with organization(keys, options, address) as admin:
            if lost := [one.name for one in records if one.project is None and one.kind is not KeyKind.ADMIN]:
                where = "so every project is asked, which may take minutes where there are thousands"
                say(f"it is not known to which project {', '.join(lost)} belongs, {where}.")
            seen = await standings(admin, records, together=asyncio.gather, sleep=asyncio.sleep, most=inf)
            told |= seen.standings
    for record in records:
        if record.id in told and (better := learnt(record, told[record.id])) != record:
            await keys.replace(better)
    return told


_SIGNS = {"act": "!!", "look": "! ", "know": "  "}
