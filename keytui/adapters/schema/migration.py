"""One step of the database's format."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Migration:
    """Statements that take the database from format ``number - 1`` to format ``number``.

    Once released, a migration is never changed again: a later one is added with the next free number.
    """

    number: int
    statements: tuple[str, ...]
    """Run one after another in one transaction; each is a single SQL statement (a trigger counts as one)."""
