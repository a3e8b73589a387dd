"""Tables of the ledger."""

from __future__ import annotations

from keytui.adapters.schema.migration import Migration

MIGRATIONS: tuple[Migration, ...] = ()
