"""Requests that were sent and are not booked yet, as rows that outlive the process that sent them."""

from __future__ import annotations

import json
import sqlite3

from keytui.adapters.ledger.days import DAY
from keytui.adapters.ledger.rows import to_entry, to_row
from keytui.adapters.ledger.sender import is_gone, me
from keytui.domain.ledger import Entry

LONGEST = DAY
"""Microseconds after which a request of another machine, whose processes nobody here sees, counts as left behind."""


def note(connection: sqlite3.Connection, entry: Entry) -> None:
    """Keep what is to be booked if this process never comes to it."""
    row = to_row(entry)
    connection.execute(
        "INSERT OR REPLACE INTO unbooked VALUES (?, ?, ?, ?, ?, ?)", (entry.id, row[1], json.dumps(row), *me())
    )


def left_behind(connection: sqlite3.Connection, now: int) -> list[Entry]:
    """What processes that are gone have not booked, oldest first."""
    rows = connection.execute("SELECT at, entry, host, process, born FROM unbooked ORDER BY at, id").fetchall()
    gone = [row[1] for row in rows if now - row[0] > LONGEST or is_gone((row[2], row[3], row[4]))]
    return [to_entry(tuple(json.loads(text))) for text in gone]
