"""The tables of ``keytui.db``. Each module holds one part's ``MIGRATIONS``; their numbers run through all parts."""

from __future__ import annotations

from keytui.adapters.schema import calibrations, conversations, ledger
from keytui.adapters.schema.migration import Migration

MIGRATIONS: tuple[Migration, ...] = tuple(
    sorted(
        (*conversations.MIGRATIONS, *ledger.MIGRATIONS, *calibrations.MIGRATIONS),
        key=lambda migration: migration.number,
    )
)
"""All steps, in the order in which they are taken: 1, 2, 3 and so on, without a gap."""

NEWEST = MIGRATIONS[-1].number
"""The format that this keytui writes (``PRAGMA user_version``)."""
