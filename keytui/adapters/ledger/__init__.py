"""The ledger in SQLite, with a journal beside it for when the database cannot be written."""

from keytui.adapters.ledger.store import SqliteLedger

__all__ = ["SqliteLedger"]
