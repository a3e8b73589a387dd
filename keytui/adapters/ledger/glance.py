"""A quick look at what was spent, for ``keytui status``: reads only, creates nothing, imports nothing that is slow."""

from __future__ import annotations

import os
import sqlite3
from datetime import date, timedelta
from decimal import Decimal

from keytui.adapters.ledger import sums
from keytui.adapters.ledger.days import pieces, stretch

Spent = tuple[Decimal, bool]
"""USD, and whether that is a lower bound: some requests have no known price, or wait in the journal."""


def spent(path: str, journal: str, today: date) -> tuple[Spent, Spent]:
    """What was spent today and in this local calendar month, as the database has it; zero where there is none.

    Raises ``sqlite3.Error`` when it cannot be read.
    """
    waiting = os.path.exists(journal) and os.path.getsize(journal) > 0
    if not os.path.exists(path):
        return (Decimal(0), waiting), (Decimal(0), waiting)
    first = today.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    connection = _opened(path)
    try:
        return _spent(connection, today, today, waiting), _spent(connection, first, last, waiting)
    finally:
        connection.close()


def _spent(connection: sqlite3.Connection, since: date, until: date, waiting: bool) -> Spent:
    found = sums.summed(connection, pieces("", *stretch(since, until, None)))
    if not found:
        return Decimal(0), waiting
    *_, cost, _saved, _estimated, unpriced = found[0][1]
    return Decimal(cost).scaleb(-12), waiting or unpriced > 0


def _opened(path: str) -> sqlite3.Connection:
    """A connection that can only read. Without a write-ahead log nobody writes, and SQLite needs no side files."""
    escaped = os.path.abspath(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    mode = "mode=ro" if os.path.exists(f"{path}-wal") else "immutable=1"
    return sqlite3.connect(f"file:{escaped}?{mode}", uri=True, timeout=0.2)
