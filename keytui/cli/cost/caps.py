"""``keytui cost --caps``: keytui's own limits on spend, how far each is used, and if asked those of the platform."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.paths import Paths
from keytui.domain.caps import Cap, Scope, Standing, caps_of
from keytui.domain.keys import KeyKind, KeyRecord, Place, StoreUnreadable
from keytui.domain.money import dollars, plain
from keytui.domain.settings import Settings
from keytui.domain.troubles import Exit

if TYPE_CHECKING:
    from keytui.domain.spend_limits import SpendLimit

NONE = (
    "No caps are set. In the app, key c in the Costs pane sets them; so do monthly_cap, daily_cap and others in the "
    "settings file."
)
ABOUT = (
    "These are keytui's own, kept on this machine. The platform's spend limit is another thing, set there: "
    "--platform shows it, with an admin key.\n"
)
OURS = "keytui's own caps, kept on this machine:"
THEIRS = "The platform's spend limits, which hold for every program:"


def caps(paths: Paths, ledger: SqliteLedger, options: Namespace) -> int:
    """Print every cap with what was spent under it. Warnings about the files go to stderr.

    0. With ``--platform``, what ``organization`` raises.
    """
    limits: tuple[SpendLimit, ...] | None = None
    if options.platform:
        import asyncio

        limits = asyncio.run(_limits(paths, options))
    standings = [ledger.standing(cap) for cap in _caps(paths)]
    if options.json:
        document: dict[str, Any] = {"currency": "USD", "caps": [_row(standing) for standing in standings]}
        if limits is not None:
            document["platform"] = [_limit_row(limit) for limit in limits]
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return Exit.DONE
    rows = [(standing.cap.words, _words(standing)) for standing in standings]
    if limits is None:
        _write(rows or [(NONE, "")])
        if rows:
            sys.stderr.write(ABOUT)
        return Exit.DONE
    sys.stdout.write(f"{OURS}\n" if rows else f"{NONE}\n")
    _write(rows)
    sys.stdout.write(f"\n{THEIRS}\n")
    _write([(limit.name, _limit_words(limit)) for limit in limits])
    sys.stderr.write("Months there are UTC ones, and what was counted comes hours later.\n")
    return Exit.DONE


async def _limits(paths: Paths, options: Namespace) -> tuple[SpendLimit, ...]:
    from keytui.adapters.keystore import open_keys
    from keytui.cli.address import put_right
    from keytui.cli.organization import organization
    from keytui.domain.spend_limits import read_spend_limits

    keys = open_keys(paths)
    async with organization(keys, options, put_right(options.base_url or "")) as admin:
        return await read_spend_limits(admin, keys.records(), datetime.now(UTC))


def _write(rows: Sequence[tuple[str, str]]) -> None:
    widest = max((len(name) for name, _ in rows), default=0)
    for name, words in rows:
        sys.stdout.write(f"{name:<{widest}}  {words}".rstrip() + "\n")


def _caps(paths: Paths) -> list[Cap]:
    """The caps of the settings, and those of every key."""
    from keytui.adapters.settings import SettingsFile

    file = SettingsFile(paths.settings_file)
    settings = file.load()
    if file.problem:
        sys.stderr.write(f"{file.problem}\n")
    found: dict[str, Cap] = {cap.id: cap for record in _records(paths) for cap in caps_of(settings, record)}
    found |= {cap.id: cap for cap in _without_key(settings)}
    return sorted(found.values(), key=lambda cap: (list(Scope).index(cap.scope), cap.name, not cap.hard))


def _without_key(settings: Settings) -> tuple[Cap, ...]:
    nobody = KeyRecord("", "", KeyKind.OTHER, "", Place.SESSION, "", datetime.fromtimestamp(0, UTC))
    return tuple(cap for cap in caps_of(settings, nobody) if cap.scope is not Scope.KEY)


def _records(paths: Paths) -> tuple[KeyRecord, ...]:
    from keytui.adapters.keystore.index import KeyIndex

    try:
        return KeyIndex(paths.keys_file).records()
    except StoreUnreadable as unreadable:
        sys.stderr.write(f"{unreadable}\n")
        return ()


def _words(standing: Standing) -> str:
    cap = standing.cap
    if cap.scope is Scope.CONVERSATION:
        return "counted for each by itself"
    share = f" ({standing.spent / cap.amount * 100:,.0f} %)" if cap.amount else ""
    coming = f", {dollars(standing.reserved)} on its way" if standing.reserved else ""
    return f"{dollars(standing.spent)} spent{share}{coming}, {dollars(standing.left)} left"


def _row(standing: Standing) -> dict[str, Any]:
    """A cap for JSON; what was spent is null where a cap is counted for each conversation by itself."""
    cap, each = standing.cap, standing.cap.scope is Scope.CONVERSATION
    return {
        "scope": cap.scope.value,
        "id": cap.subject,
        "name": cap.name or None,
        "hard": cap.hard,
        "amount": plain(cap.amount),
        "spent": None if each else plain(standing.spent),
        "reserved": None if each else plain(standing.reserved),
        "left": None if each else plain(standing.left),
        "setting": cap.setting,
    }


def _limit_words(limit: SpendLimit) -> str:
    counted = f"{dollars(limit.spent)} counted this month"
    if limit.amount is None:
        return f"{counted}, no limit"
    share = f" ({limit.spent / limit.amount * 100:,.0f} %)" if limit.amount else ""
    return f"{counted}{share}, limit {dollars(limit.amount)}, {dollars(limit.left)} left"


def _limit_row(limit: SpendLimit) -> dict[str, Any]:
    """A limit of the platform's for JSON; amounts are null without a limit, id and name for the organisation."""
    project = limit.project
    return {
        "scope": "organization" if project is None else "project",
        "id": project.id if project else None,
        "name": project.name if project else None,
        "amount": None if limit.amount is None else plain(limit.amount),
        "spent": plain(limit.spent),
        "left": None if limit.left is None else plain(limit.left),
    }
