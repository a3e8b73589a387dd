"""Opening the file: it is made where it is missing, checked, and brought to the newest format."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from keytui.adapters.database.trouble import BUSY_SECONDS, FAILURES, MISTAKES, DatabaseTrouble, code_of, explain
from keytui.adapters.paths import make_private
from keytui.adapters.schema import MIGRATIONS, NEWEST

APPLICATION_ID = 0x6B_65_79_74
"""``keyt`` in ASCII; tells this file from other programs' databases."""

_creating = threading.Lock()


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open the database in the newest format, creating it where it does not exist (folder 0700, file 0600).

    With ``read_only`` nothing is created: a file that does not exist reads as an empty database.
    The connection may be used in one thread at a time, and closed in another. Raises ``DatabaseTrouble``.
    """
    try:
        if not read_only:
            return _open_for_writing(path)
        if not path.exists():
            return _prepared(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False), path)
        return _open_for_reading(path)
    except (*FAILURES, OSError) as error:
        raise explain(error, path) from error


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
    """Hold the statements of the block together: all of them are kept, or none. Raises ``DatabaseTrouble``.

    ``durable`` waits until the disk has it; without, a power cut (not a crash) may lose the newest transactions.
    """
    try:
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # Some failures (a full disk) have already rolled back by themselves.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    except MISTAKES:
        raise
    except FAILURES as error:
        raise explain(error, path) from error


def _open_for_writing(path: Path) -> sqlite3.Connection:
    make_private(path.parent)
    _create(path)
    if path.stat().st_mode & 0o077:
        with suppress(PermissionError):  # another user's file that we may write; its mode is not ours to change
            path.chmod(0o600)
    return _prepared(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False), path)


def _create(path: Path) -> None:
    """Make the file where there is none. SQLite gives its side files (-wal, -shm) the mode of the database file.

    A file that is there is never opened but by SQLite: closing it would give up the locks that this process's other
    connections hold, and another process would take the write-ahead log away from under them.
    """
    with _creating, suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _open_for_reading(path: Path) -> sqlite3.Connection:
    connection = _opened_read_only(path)
    try:
        version = _checked_version(connection, path)
    except BaseException:
        connection.close()
        raise
    if version < NEWEST:
        connection.close()
        _open_for_writing(path).close()
        connection = _opened_read_only(path)
    return connection


def _opened_read_only(path: Path) -> sqlite3.Connection:
    address = path.absolute().as_uri()
    connection = sqlite3.connect(
        f"{address}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        # A WAL database in a folder where not even its side files can be made: without a -wal file nobody writes.
        cannot_make_files = code_of(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        if not cannot_make_files or path.with_name(f"{path.name}-wal").exists():
            raise
        return sqlite3.connect(f"{address}?immutable=1", uri=True, isolation_level=None, check_same_thread=False)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepared(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    try:
        version = _checked_version(connection, path)
        _use_wal(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        if version < NEWEST:
            _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _checked_version(connection: sqlite3.Connection, path: Path) -> int:
    """The format of the file (0: new). Raises ``DatabaseTrouble`` for a newer one and for another program's file."""
    # Read in one transaction: between two reads another process may bring the file to its first format.
    of_its_own = not connection.in_transaction
    if of_its_own:
        connection.execute("BEGIN")
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = int(connection.execute("PRAGMA application_id").fetchone()[0])
        is_empty = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None
    finally:
        if of_its_own and connection.in_transaction:
            connection.execute("ROLLBACK")
    if application != APPLICATION_ID:
        if application or version or not is_empty:
            raise DatabaseTrouble(
                "foreign",
                f"{path} belongs to another program and was left as it is. "
                "Move it away, or set KEYTUI_HOME to another folder, then start keytui again.",
            )
        return 0
    if version > NEWEST:
        raise DatabaseTrouble(
            "newer",
            f"{path} was written by a newer keytui (format {version}; this one knows up to {NEWEST}). "
            "Update keytui, or set KEYTUI_HOME to another folder.",
        )
    return version


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; where that cannot work (network drives), the rollback journal stays."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] in ("wal", "memory"):
        return
    # SQLite does not wait by itself for this switch when another process makes it at the same moment.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            code = code_of(error)
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() < deadline:
                time.sleep(0.005)
            elif code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
                connection.execute("PRAGMA journal_mode = DELETE")
                return
            else:
                raise


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    with transaction(connection, path):
        # Another process may have done it while this one waited for the lock.
        version = _checked_version(connection, path)
        for migration in MIGRATIONS[version:]:
            for statement in migration.statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {NEWEST}")
