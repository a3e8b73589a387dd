"""Reservations: the worst case of requests that are on their way, as rows that all processes see."""

from __future__ import annotations

import sqlite3

from keytui.adapters.ledger.days import DAY
from keytui.adapters.ledger.rows import moment, units
from keytui.adapters.ledger.sender import is_gone, me
from keytui.domain.caps import Cap, Intent, Scope

LONGEST = DAY
"""Microseconds after which a reservation is given back, whatever became of its sender."""

_COLUMNS = {Scope.KEY: "key_id", Scope.PROJECT: "project", Scope.CONVERSATION: "conversation"}


def hold(connection: sqlite3.Connection, intent: Intent) -> None:
    """Write a reservation for this process."""
    connection.execute(
        "INSERT OR REPLACE INTO reservation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            intent.id,
            moment(intent.at),
            intent.key_id,
            intent.project,
            intent.conversation,
            units(intent.worst) if intent.worst is not None else 0,
            *me(),
        ),
    )


def held(connection: sqlite3.Connection, cap: Cap) -> int:
    """What is reserved against a cap, in the ledger's unit."""
    column = _COLUMNS.get(cap.scope)
    narrowed, values = (f" WHERE {column} = ?", (cap.subject,)) if column else ("", ())
    return int(connection.execute(f"SELECT coalesce(sum(amount), 0) FROM reservation{narrowed}", values).fetchone()[0])


def sweep(connection: sqlite3.Connection, now: int) -> None:
    """Give back what processes hold that ended without booking, and what is older than ``LONGEST``."""
    rows = connection.execute("SELECT id, at, host, process, born FROM reservation").fetchall()
    stale = [row[0] for row in rows if now - row[1] > LONGEST or is_gone((row[2], row[3], row[4]))]
    connection.executemany("DELETE FROM reservation WHERE id = ?", [(reservation,) for reservation in stale])
