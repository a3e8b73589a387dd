"""The one SQLite file of keytui: opened, brought to the newest format, and explained when it cannot be used.

Connections are in autocommit mode: one statement is one transaction unless ``transaction`` holds several together.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from keytui.adapters.paths import make_private
from keytui.adapters.schema import MIGRATIONS, NEWEST
from keytui.domain.keys import StoreUnreadable

BUSY_SECONDS = 5.0
"""How long a statement waits for another process before it gives up."""

APPLICATION_ID = 0x6B_65_79_74
"""``keyt`` in ASCII; tells this file from other programs' databases."""

_MISTAKES = (sqlite3.IntegrityError, sqlite3.ProgrammingError)
"""Errors of the program, not of the machine: they are not explained to the user as the machine's."""

_FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What a database that is not as it should be gives: Python's module decodes names and messages that are damaged."""

_creating = threading.Lock()

Reason = Literal["busy", "corrupt", "foreign", "full", "newer", "read-only", "unusable"]


class DatabaseTrouble(StoreUnreadable):
    """The database cannot be used now. Its text is one sentence with a next step; the file is left as it is."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason: Reason = reason


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
    except (*_FAILURES, OSError) as error:
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
    except _MISTAKES:
        raise
    except _FAILURES as error:
        raise explain(error, path) from error


def _code_of(error: Exception) -> int:
    """SQLite's own code for an error; Python's module gives none with a text that is no UTF-8, which is damage."""
    if isinstance(error, UnicodeDecodeError) or (
        isinstance(error, sqlite3.OperationalError) and not hasattr(error, "sqlite_errorcode")
    ):
        return sqlite3.SQLITE_CORRUPT
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def explain(error: Exception, path: Path) -> DatabaseTrouble:
    """What a failure of SQLite or of the file system means for the user, and what to do."""
    code = _code_of(error)
    number = getattr(error, "errno", None)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return DatabaseTrouble(
            "corrupt",
            f"{path} is damaged or is not a database; nothing in it was changed. "
            "Move it to another folder or bring back a copy, then start keytui again.",
        )
    if code == sqlite3.SQLITE_FULL or number == errno.ENOSPC or (code == sqlite3.SQLITE_IOERR and _disk_is_full(path)):
        return DatabaseTrouble("full", f"The disk that holds {path} is full. Free some space, then try again.")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseTrouble(
            "busy",
            f"Another program has held {path} for more than {BUSY_SECONDS:.0f} seconds. Close it, then try again.",
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH) or _not_writable(error, path):
        return DatabaseTrouble(
            "read-only",
            f"{path} cannot be written. Make its folder writable for you, "
            "or set KEYTUI_HOME to a folder that is, then start keytui again.",
        )
    return DatabaseTrouble(
        "unusable",
        f"{path} cannot be used ({error}). Check its folder and disk, "
        "or set KEYTUI_HOME to another folder, then start keytui again.",
    )


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
        except _MISTAKES:
            raise
        except _FAILURES as error:
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
        cannot_make_files = _code_of(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
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
            code = _code_of(error)
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


def _disk_is_full(path: Path) -> bool:
    import shutil  # slow to import, and needed in this rare case only

    try:
        return shutil.disk_usage(path.parent).free < 1_000_000
    except OSError:
        return False


def _not_writable(error: Exception, path: Path) -> bool:
    if isinstance(error, OSError):
        return isinstance(error, PermissionError) or error.errno == errno.EROFS
    if _code_of(error) != sqlite3.SQLITE_CANTOPEN:
        return False
    return not os.access(path.parent, os.W_OK) or not os.access(path, os.W_OK)
