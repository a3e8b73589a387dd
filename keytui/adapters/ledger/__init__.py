"""The ledger in SQLite, with a journal beside it for when the database cannot be written."""

TYPE_CHECKING = False  # the name alone is enough for type checkers; ``typing`` takes long to import
if TYPE_CHECKING:
    from keytui.adapters.ledger.store import SqliteLedger

__all__ = ["SqliteLedger"]


def __getattr__(name: str) -> object:
    """Import the ledger itself only when it is asked for: ``keytui status`` needs just the sums in this package."""
    if name == "SqliteLedger":
        from keytui.adapters.ledger.store import SqliteLedger

        return SqliteLedger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
