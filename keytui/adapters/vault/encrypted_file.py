"""The encrypted file, for machines without a keyring.

It is replaced whole, inside a lock, after it was read anew, and the one before stays beside it as ``.bak``; its bytes
are those of ``file_format`` (source: secrets-and-terminals 2.2).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from keytui.adapters.bounded import bounded
from keytui.adapters.files import LOCK_SECONDS, NotPrivate, locked, read_private, write_private
from keytui.adapters.vault.file_format import (
    Contents,
    Cost,
    Header,
    Opened,
    Parts,
    TooNew,
    decrypted,
    derive,
    encrypted,
    parsed,
)
from keytui.domain.keys import FileState, KeyRecord, Place, PlaceReport, VaultLocked, VaultTrouble
from keytui.domain.secrets import Secret
from keytui.domain.vaults import KeyGone, VaultBusy, VaultDamaged, VaultSilent, VaultTooNew, WrongPassphrase

LARGEST = 4 * 1024 * 1024
"""Bytes: thousands of keys."""

IDLE_SECONDS = 15 * 60.0
"""How long the derived key is kept after it was last needed."""

CALL_SECONDS = LOCK_SECONDS + 30.0
"""The lock's own limit, and a slow machine's key derivation."""

T = TypeVar("T")

_NEXT_STEP = {
    FileState.OPEN: "",
    FileState.LOCKED: "It is locked: give its passphrase to use it.",
    FileState.MISSING: "It does not exist yet: choose a passphrase to make it.",
}


class FileVault:
    """Keeps keys in one encrypted file. Locked until ``unlock``, and again after a while without use."""

    place = Place.FILE

    def __init__(self, path: Path, *, cost: Cost | None = None, idle: float = IDLE_SECONDS) -> None:
        """``cost`` is for a new file (an existing one says its own); ``idle`` in seconds."""
        self._path = path
        self._backup = path.with_name(path.name + ".bak")
        self._cost = cost or Cost()
        self._idle = idle
        self._opened: Opened | None = None
        self.seen = 0
        """How often the file had been written anew when it was last read or written here."""
        self._guard = threading.Lock()
        self._timer: threading.Timer | None = None

    @property
    def state(self) -> FileState:
        """Whether the file is there, and open."""
        if self._opened is not None:
            return FileState.OPEN
        return FileState.LOCKED if self._path.exists() or self._backup.exists() else FileState.MISSING

    async def report(self) -> PlaceReport:
        """Usable once a passphrase was given."""
        return PlaceReport(
            Place.FILE, self.state is FileState.OPEN, f"the encrypted file {self._path}", _NEXT_STEP[self.state]
        )

    async def unlock(self, passphrase: Secret) -> None:
        """Open the file; when there is none, make an empty one with this passphrase.

        Raises ``WrongPassphrase``, ``VaultDamaged``, ``VaultTooNew`` or another ``VaultTrouble``.
        """
        if not passphrase:
            raise WrongPassphrase("The passphrase is empty: choose one of a few words.")
        await self._run(lambda: self._unlock(passphrase))

    def lock(self) -> None:
        """Drop the derived key from memory."""
        with self._guard:
            self._opened = None
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    async def change_passphrase(self, passphrase: Secret) -> None:
        """Encrypt everything anew, the copy beside the file too. The file must be unlocked. Raises ``VaultTrouble``."""
        if not passphrase:
            raise WrongPassphrase("The passphrase is empty: choose one of a few words.")
        await self._run(lambda: self._change_passphrase(passphrase))

    async def secret(self, record: KeyRecord) -> Secret:
        """The characters of a key. Raises ``VaultLocked``, ``KeyGone`` and the other kinds of ``VaultTrouble``."""
        key_id = record.kept_as
        kept = (await self._run(lambda: self._read(self._needed()))).keys
        if key_id not in kept:
            raise KeyGone(f"{self._path} no longer holds this key; paste it again, or make a new one.")
        return Secret(kept[key_id])

    async def keep(self, key_id: str, secret: Secret) -> None:
        """Add the characters, read the file back and compare. Raises ``VaultTrouble``."""
        await self._run(lambda: self._keep(key_id, secret))

    async def forget(self, key_id: str) -> None:
        """Delete the characters, in the copy beside the file too. Raises ``VaultTrouble``."""
        await self._run(lambda: self._forget(key_id))

    async def changes(self) -> int | None:
        """How often the file was written anew, as it is now; None while it is locked or cannot be read."""
        if self._opened is None:
            return None
        try:
            return (await self._run(lambda: self._read(self._needed()))).changes
        except VaultTrouble:
            return None

    def _unlock(self, passphrase: Secret) -> None:
        raw, made = self._raw(), None
        if raw is None:
            made = derive(Header.new(self._cost), passphrase)
            with self._locked():
                raw = self._raw()
                if raw is None:
                    # Made at once: else two keytui with the same passphrase would each begin a file of their own.
                    raw = encrypted(Contents(), made)
                    write_private(self._path, raw)
        header = self._parsed(raw).header
        opened = made if made is not None and made.header == header else derive(header, passphrase)
        self._decrypted(raw, opened)
        self._remember(opened)

    def _change_passphrase(self, passphrase: Secret) -> None:
        renewed = derive(Header.new(self._cost), passphrase)
        with self._locked():
            contents = self._read(self._needed())
            contents = replace(contents, changes=contents.changes + 1)
            data = encrypted(contents, renewed)
            write_private(self._path, data)
            write_private(self._backup, data)
            self.seen = contents.changes
            self._remember(renewed)

    def _keep(self, key_id: str, secret: Secret) -> None:
        with self._locked():
            opened = self._needed()
            contents = self._read(opened).with_key(key_id, secret.reveal())
            write_private(self._path, encrypted(contents, opened), backup=self._backup)
            if self._read(opened) != contents:
                raise VaultDamaged(
                    f"{self._path} does not hold what was written to it; check the disk, then try again."
                )

    def _forget(self, key_id: str) -> None:
        with self._locked():
            opened = self._needed()
            contents = self._read(opened)
            if key_id in contents.keys:
                contents = contents.without(key_id)
                data = encrypted(contents, opened)
                write_private(self._path, data)
                # Else the forgotten key would live on in the copy.
                write_private(self._backup, data)
                self.seen = contents.changes

    def _locked(self) -> AbstractContextManager[None]:
        return locked(self._path)

    def _needed(self) -> Opened:
        """The derived key; its time begins anew. Raises ``VaultLocked``."""
        opened = self._opened
        if opened is None:
            raise VaultLocked(f"{self._path} is locked: give its passphrase to go on.")
        self._remember(opened)
        return opened

    def _remember(self, opened: Opened) -> None:
        with self._guard:
            self._opened = opened
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(self._idle, self.lock)
            self._timer.daemon = True
            self._timer.start()

    def _raw(self) -> bytes | None:
        """The file's bytes, None when there is no file. Raises ``VaultDamaged`` when it is gone but its copy is not."""
        try:
            return read_private(self._path, limit=LARGEST)
        except FileNotFoundError:
            if self._backup.exists():
                raise VaultDamaged(f"{self._path} is gone. {self._restore()}") from None
            return None

    def _read(self, opened: Opened) -> Contents:
        """What is in the file; nothing when there is none yet."""
        raw = self._raw()
        contents = Contents() if raw is None else self._decrypted(raw, opened)
        self.seen = contents.changes
        return contents

    def _parsed(self, raw: bytes) -> Parts:
        """The parts of the file. Raises ``VaultDamaged`` or ``VaultTooNew``."""
        try:
            return parsed(raw)
        except TooNew:
            raise VaultTooNew(f"{self._path} was written by a newer keytui: update this one to open it.") from None
        except ValueError:
            raise VaultDamaged(f"{self._path} is damaged or cut short. {self._restore()}") from None

    def _decrypted(self, raw: bytes, opened: Opened) -> Contents:
        parts = self._parsed(raw)
        if parts.header != opened.header:
            self.lock()
            raise VaultLocked(f"The passphrase of {self._path} was changed meanwhile: give the new one.")
        kept = decrypted(parts, opened)
        if kept is None and opened is self._opened:
            # The passphrase was proven before, so it is the file.
            raise VaultDamaged(f"{self._path} is damaged. {self._restore()}")
        if kept is None:
            doubt = f" If it is surely right, the file was damaged. {self._restore()}" if self._backup.exists() else ""
            raise WrongPassphrase(f"This passphrase does not open {self._path}: try again.{doubt}")
        return kept

    def _restore(self) -> str:
        """What to do about a damaged file."""
        try:
            changed = datetime.fromtimestamp(self._backup.stat().st_mtime)
        except OSError:
            return "There is no earlier copy: move the file away and make new keys on the platform."
        return (
            f"Its state before the last change ({changed:%Y-%m-%d %H:%M}) is in {self._backup.name} beside it: "
            f"copy that over {self._path.name}."
        )

    async def _run(self, work: Callable[[], T]) -> T:
        """Do blocking work in a thread of its own, with every expected failure as a ``VaultTrouble``."""
        try:
            return await bounded(lambda: self._explained(work), CALL_SECONDS)
        except TimeoutError:
            raise VaultSilent(f"{self._path} gave no answer; check the disk, then try again.") from None

    def _explained(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except NotPrivate as error:
            trouble = VaultTrouble(str(error))
        except TimeoutError:
            trouble = VaultBusy(f"Another keytui holds {self._path} for too long: end it, then try again.")
        except OSError as error:
            trouble = VaultTrouble(
                f"{self._path} cannot be used ({error.strerror}): make it writable or free some space, then try again."
            )
        except MemoryError:
            trouble = VaultTrouble(
                f"There is too little memory to open {self._path} (about 100 MB): end another program, then try again."
            )
        except ImportError:
            trouble = VaultTrouble("The package “cryptography” is missing: install keytui anew, then try again.")
        # Outside the handlers, so that no traceback with the variables of the work travels along.
        raise trouble
