"""``keytui cost --caps``: keytui's own limits on spend, and how far each is used."""

from __future__ import annotations

import json
import sys
from typing import Any

from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.paths import Paths
from keytui.domain.caps import Cap, Scope, Standing, caps_of
from keytui.domain.keys import KeyKind, KeyRecord, Place, StoreUnreadable
from keytui.domain.money import dollars, plain
from keytui.domain.settings import Settings

NONE = (
    "No caps are set. In the app, key c in the Costs pane sets them; so do monthly_cap, daily_cap and others in the "
    "settings file."
)
ABOUT = "These are keytui's own, kept on this machine. The platform's spend limit is another thing, set there.\n"


def write_caps(paths: Paths, ledger: SqliteLedger, *, as_json: bool) -> None:
    """Print every cap with what was spent under it. Warnings about the files go to stderr."""
    standings = [ledger.standing(cap) for cap in _caps(paths)]
    if as_json:
        rows = [_row(standing) for standing in standings]
        sys.stdout.write(json.dumps({"currency": "USD", "caps": rows}, ensure_ascii=False, indent=2) + "\n")
        return
    if not standings:
        sys.stdout.write(f"{NONE}\n")
        return
    widest = max(len(standing.cap.words) for standing in standings)
    for standing in standings:
        sys.stdout.write(f"{standing.cap.words:<{widest}}  {_words(standing)}\n")
    sys.stderr.write(ABOUT)


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
    from datetime import UTC, datetime

    nobody = KeyRecord("", "", KeyKind.OTHER, "", Place.SESSION, "", datetime.fromtimestamp(0, UTC))
    return tuple(cap for cap in caps_of(settings, nobody) if cap.scope is not Scope.KEY)


def _records(paths: Paths) -> tuple[KeyRecord, ...]:
    from keytui.adapters.key_index import KeyIndex

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
