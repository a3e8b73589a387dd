"""What failures of SQLite, and of the disk below it, mean for the user."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import Literal

from keytui.domain.keys import StoreUnreadable

BUSY_SECONDS = 5.0
"""How long a statement waits for another process before it gives up."""

MISTAKES = (sqlite3.IntegrityError, sqlite3.ProgrammingError)
"""Errors of the program, not of the machine: they are not explained to the user as the machine's."""

FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What a database that is not as it should be gives: Python's module decodes names and messages that are damaged."""

Reason = Literal["busy", "corrupt", "foreign", "full", "newer", "read-only", "unusable"]


class DatabaseTrouble(StoreUnreadable):
    """The database cannot be used now. Its text is one sentence with a next step; the file is left as it is."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason: Reason = reason


def code_of(error: Exception) -> int:
    """SQLite's own code for an error; Python's module gives none with a text that is no UTF-8, which is damage."""
    if isinstance(error, UnicodeDecodeError) or (
        isinstance(error, sqlite3.OperationalError) and not hasattr(error, "sqlite_errorcode")
    ):
        return sqlite3.SQLITE_CORRUPT
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def explain(error: Exception, path: Path) -> DatabaseTrouble:
    """What a failure of SQLite or of the file system means for the user, and what to do."""
    code = code_of(error)
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


def _disk_is_full(path: Path) -> bool:
    import shutil  # slow to import, and needed in this rare case only

    try:
        return shutil.disk_usage(path.parent).free < 1_000_000
    except OSError:
        return False


def _not_writable(error: Exception, path: Path) -> bool:
    if isinstance(error, OSError):
        return isinstance(error, PermissionError) or error.errno == errno.EROFS
    if code_of(error) != sqlite3.SQLITE_CANTOPEN:
        return False
    return not os.access(path.parent, os.W_OK) or not os.access(path, os.W_OK)
