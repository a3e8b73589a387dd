"""The journal: a file of entries that wait while the database cannot take them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from keytui.adapters.files import locked
from keytui.adapters.ledger.rows import COLUMNS, Row

_LOCK_SECONDS = 5.0

_FLAGS = os.O_RDWR | os.O_CREAT
for _name in ("O_CLOEXEC", "O_NOFOLLOW", "O_BINARY"):
    _FLAGS |= getattr(os, _name, 0)


class Journal:
    """One line of JSON for each waiting entry. Several processes may add at once; one at a time takes out.

    Where not even this file can be written (a full disk, a read-only folder), entries wait in memory (``held``).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.held: list[Row] = []

    def add(self, row: Row) -> None:
        """Keep a row until ``taken``; it is on the disk when this returns, or in ``held``."""
        line = json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False).encode("utf-8", "surrogatepass")
        try:
            with locked(self.path, seconds=_LOCK_SECONDS):
                _append(self.path, line + b"\n")
        except (OSError, TimeoutError):
            self.held.append(row)

    def rows(self) -> list[Row]:
        """All waiting rows, oldest first. Does not wait for other processes and changes nothing."""
        found, _ = self._read()
        return found + self.held

    @property
    def empty(self) -> bool:
        """Whether nothing waits; one look at the file's size."""
        if self.held:
            return False
        try:
            return self.path.stat().st_size == 0
        except OSError:
            return True

    @contextmanager
    def taken(self) -> Iterator[list[Row]]:
        """All waiting rows, for keeping elsewhere; unless the block raises, they are then gone from here.

        Keeping must be idempotent: a crash between the two brings the same rows again. Lines that cannot be read (of a
        crash in the middle of writing) are put aside beside the journal, never dropped. Raises ``OSError``.
        """
        with locked(self.path, seconds=_LOCK_SECONDS):
            found, damaged = self._read()
            held = list(self.held)
            yield found + held
            if damaged:
                _append(self.path.with_name(f"{self.path.name}.damaged"), b"".join(damaged))
            if found or damaged:
                with open(self.path, "rb+") as file:
                    file.truncate(0)
                    os.fsync(file.fileno())
            del self.held[: len(held)]

    def _read(self) -> tuple[list[Row], list[bytes]]:
        try:
            lines = self.path.read_bytes().splitlines(keepends=True)
        except OSError:
            return [], []
        found: list[Row] = []
        damaged: list[bytes] = []
        for line in lines:
            try:
                values = json.loads(line.decode("utf-8", "surrogatepass"))
                found.append(tuple(values[column] for column in COLUMNS))
            except (ValueError, KeyError, TypeError):
                if line.strip():
                    damaged.append(line)
        return found, damaged


def _append(path: Path, lines: bytes) -> None:
    """Add whole lines at the end and wait for the disk. Raises ``OSError``; nothing half-written is left then."""
    handle = os.open(path, _FLAGS, 0o600)
    try:
        end = os.lseek(handle, 0, os.SEEK_END)
        if end:
            os.lseek(handle, end - 1, os.SEEK_SET)
            if os.read(handle, 1) != b"\n":  # what a crash left of a line stays a line of its own
                lines = b"\n" + lines
        try:
            written = 0
            while written < len(lines):
                written += os.write(handle, lines[written:])
            os.fsync(handle)
        except OSError:
            with suppress(OSError):
                os.ftruncate(handle, end)
            raise
    finally:
        os.close(handle)
