"""Reservations: the worst case of requests that are on their way, as rows that all processes see."""

from __future__ import annotations

import os
import socket
import sqlite3
from functools import cache
from pathlib import Path

from keytui.adapters.ledger.days import DAY
from keytui.adapters.ledger.rows import moment, units
from keytui.domain.caps import Cap, Intent, Scope

LONGEST = DAY
"""Microseconds after which a reservation is given back, whatever became of its sender."""

_COLUMNS = {Scope.KEY: "key_id", Scope.PROJECT: "project", Scope.CONVERSATION: "conversation"}


def hold(connection: sqlite3.Connection, intent: Intent) -> None:
    """Write a reservation for this process."""
    process = os.getpid()
    connection.execute(
        "INSERT OR REPLACE INTO reservation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            intent.id,
            moment(intent.at),
            intent.key_id,
            intent.project,
            intent.conversation,
            units(intent.worst) if intent.worst is not None else 0,
            _host(),
            process,
            _born(process),
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
    stale = [row[0] for row in rows if now - row[1] > LONGEST or (row[2] == _host() and not _alive(row[3], row[4]))]
    connection.executemany("DELETE FROM reservation WHERE id = ?", [(reservation,) for reservation in stale])


def _alive(process: int, born: str) -> bool:
    """Whether the process that held something still runs; a later one with the same number is another."""
    if process == os.getpid():
        return born == _born(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's process has the number now, or the system does not say
        return True
    return born == _born(process)


def _born(process: int) -> str:
    """When a process began, in the system's own terms; empty where the system does not say."""
    try:
        # The name in brackets may itself hold brackets and spaces, so count from the last one.
        fields = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return fields[19]
    except (OSError, IndexError):
        return ""


@cache
def _host() -> str:
    return socket.gethostname()
