"""Private files, written whole or not at all, and a lock between processes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK_SECONDS = 30.0
"""How long a lock is waited for before it is called busy."""

_POLL_SECONDS = 0.005


class NotPrivate(Exception):
    """A file that should be the user's alone is not; the text names it and says what to do."""


def write_private(path: Path, data: bytes, *, backup: Path | None = None) -> None:
    """Put ``data`` in ``path``, readable by its owner alone; at any moment the file is the old one or the new one.

    With ``backup``, the old file stays there under that name. Call it inside ``locked``: what a killed writer left
    behind is swept. Raises ``OSError``; the old file is then unchanged.
    """
    _sweep(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(temporary, flags, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if backup is not None:
            _keep_old(path, backup)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(path.parent)


def read_private(path: Path, *, limit: int) -> bytes:
    """The bytes of a file that must be this user's alone, at most ``limit`` of them.

    Raises ``NotPrivate`` for a foreign owner, a mode that lets others in, a link or an oversized file; ``OSError``
    (``FileNotFoundError`` too) otherwise.
    """
    if path.is_symlink():
        raise NotPrivate(f"{path} is a link, which keytui does not follow for secrets; put the file itself there.")
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if hasattr(os, "getuid"):
            if about.st_uid != os.getuid():
                raise NotPrivate(f"{path} belongs to another user; move it away, or take it over with chown.")
            if about.st_mode & 0o077:
                raise NotPrivate(f"{path} can be opened by other users; close it with: chmod 600 '{path}'")
        if about.st_size > limit:
            raise NotPrivate(f"{path} is larger than any file keytui writes there; move it away.")
        return file.read()


@contextmanager
def locked(path: Path, *, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the lock that belongs to ``path`` (a file ``<name>.lock`` beside it, made when missing, never deleted).

    Between processes and between threads. Raises ``TimeoutError`` after ``seconds``.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path.with_name(path.name + ".lock"), flags, 0o600)
    try:
        end = time.monotonic() + seconds
        while not _try_lock(handle):
            if time.monotonic() > end:
                raise TimeoutError(f"another keytui holds {path}.lock for more than {seconds:.0f} seconds")
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        # Closing gives the lock back, and so does the end of a killed process.
        os.close(handle)


if sys.platform == "win32":  # pragma: no cover

    def _try_lock(handle: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:

    def _try_lock(handle: int) -> bool:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _keep_old(path: Path, backup: Path) -> None:
    """Give the present file a second name, so that it is never away in between."""
    new_name = backup.with_name(f".{backup.name}.{os.getpid()}.tmp")
    with suppress(FileNotFoundError):
        new_name.unlink()
    with suppress(FileNotFoundError):
        os.link(path, new_name)
        os.replace(new_name, backup)


def _sweep(path: Path) -> None:
    """Delete the temporary files of killed writers; the lock tells that no writer is at work."""
    for left in path.parent.glob(f".{path.name}.*.tmp"):
        with suppress(OSError):
            left.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system lets a folder be synced."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
