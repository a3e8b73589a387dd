"""What was learnt about estimates, in the database."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path
from sqlite3 import Connection

from keytui.adapters.database import Database
from keytui.domain.overhead import Calibration


class SqliteCalibrations:
    """``Calibrations`` in a SQLite file. May be used from several threads and several processes at once."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet; the first call does."""
        self._database = Database(path)

    def close(self) -> None:
        """Close the file, in all threads. A later call opens it again."""
        self._database.close()

    def at(self, base_url: str, model: str) -> Calibration:
        """See ``Calibrations.at``."""
        with self._database.reading() as connection:
            return _read(connection, base_url, model)

    def learn(self, base_url: str, model: str, estimated: int, measured: int) -> Calibration:
        """See ``Calibrations.learn``."""
        with self._database.transaction(durable=False) as connection:
            learnt = _read(connection, base_url, model).learn(estimated, measured)
            connection.execute(
                "INSERT OR REPLACE INTO calibration VALUES (?, ?, ?, ?, ?, ?, ?)",
                (base_url, model, *astuple(learnt)),
            )
        return learnt


def _read(connection: Connection, base_url: str, model: str) -> Calibration:
    row = connection.execute(
        "SELECT weight, estimated, billed, variance, covariance FROM calibration WHERE base_url = ? AND model = ?",
        (base_url, model),
    ).fetchone()
    return Calibration(*row) if row else Calibration()
