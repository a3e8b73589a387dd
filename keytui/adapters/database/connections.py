"""Connections to the file, one for each thread."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keytui.adapters.database.opening import connect, transaction
from keytui.adapters.database.trouble import FAILURES, MISTAKES, explain


class Database:
    """Connections to one file, one for each thread, opened at a thread's first use and closed together."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._open: list[tuple[weakref.ref[threading.Thread], sqlite3.Connection]] = []

    def connection(self) -> sqlite3.Connection:
        """This thread's connection. Raises ``DatabaseTrouble``; the next call tries again."""
        held: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if held is not None:
            return held
        fresh = connect(self.path)
        self._mine.connection = fresh
        with self._lock:
            self._close_those_of_ended_threads()
            self._open.append((weakref.ref(threading.current_thread()), fresh))
        return fresh

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """A write transaction on this thread's connection (see ``transaction``)."""
        with transaction(self.connection(), self.path, durable=durable) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, with what goes wrong explained as ``DatabaseTrouble``."""
        connection = self.connection()
        try:
            yield connection
        except MISTAKES:
            raise
        except FAILURES as error:
            raise explain(error, self.path) from error

    def close(self) -> None:
        """Close every connection; a later call opens anew. No other thread may be inside a call."""
        with self._lock:
            for _, connection in self._open:
                connection.close()
            self._open.clear()
            self._mine = threading.local()

    def _close_those_of_ended_threads(self) -> None:
        alive = []
        for thread, connection in self._open:
            owner = thread()
            if owner is not None and owner.is_alive():
                alive.append((thread, connection))
            else:
                connection.close()
        self._open = alive
