"""What every part of the key store stands on: the index, the places of this machine, and the keys of this session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, cast

from keytui.adapters.bounded import bounded
from keytui.adapters.files import LOCK_SECONDS
from keytui.adapters.keystore.document import insert
from keytui.adapters.keystore.index import Document, KeyIndex
from keytui.adapters.keystore.pending import Mark
from keytui.adapters.paths import Paths
from keytui.domain.keys import KeyRecord, Place, VaultLocked, VaultTrouble
from keytui.domain.secrets import Secret
from keytui.domain.vaults import Source, Vault, VaultSilent

if TYPE_CHECKING:
    from keytui.adapters.vault.encrypted_file import FileVault

INDEX_SECONDS = LOCK_SECONDS + 10.0
"""Longer than the lock is waited for, so that the lock's own word comes first."""

T = TypeVar("T")


class Ground:
    """The index and the vaults, and how either is changed."""

    def __init__(self, paths: Paths, vaults: Mapping[Place, Source], now: Callable[[], datetime]) -> None:
        """``vaults`` are the places of this machine, ``now`` the clock (aware, UTC)."""
        self._index = KeyIndex(paths.keys_file)
        self._vaults = vaults
        self._now = now
        self._session: dict[str, KeyRecord] = {}
        self._session_active: str | None = None
        self.when_locked: Callable[[], Awaitable[bool]] | None = None

    @property
    def vaults(self) -> Mapping[Place, Source]:
        """The places of this machine, for what is kept beside keys (the sign-in of a proxy)."""
        return self._vaults

    async def _opened(self, place: Place, work: Callable[[], Awaitable[T]]) -> T:
        """Do work in a place; when the encrypted file is locked, once more after somebody has opened it."""
        try:
            return await work()
        except VaultLocked:
            if place is not Place.FILE or self.when_locked is None or not await self.when_locked():
                raise
        return await work()

    async def _kept(self, vault: Vault, record: KeyRecord, secret: Secret, mark: Mark) -> None:
        """Keep a secret; when the vault refuses, nothing is there, and the mark goes as well."""
        try:
            await self._opened(vault.place, lambda: vault.keep(record.kept_as, secret))
        except VaultSilent:
            # It may still arrive, so the mark stays for the next start.
            raise
        except VaultTrouble:
            await self._change(mark.drop)
            raise

    def _inserted(self, document: Document, record: KeyRecord, mark: Mark | None = None) -> KeyRecord:
        """Add a record; keys of the session take names as well, all but the one that is moved."""
        return insert(document, record, mark, beside=[one for one in self._session.values() if one.id != record.id])

    @property
    def _file(self) -> FileVault:
        vault = self._vaults.get(Place.FILE)
        if vault is None:
            raise VaultTrouble("There is no encrypted file here; choose another place.")
        return cast("FileVault", vault)

    def _writable(self, place: Place) -> Vault:
        vault = self._vaults.get(place)
        if not isinstance(vault, Vault):
            raise VaultTrouble(f"keytui cannot store keys there ({place.value}); choose another place.")
        return vault

    def _note_changes(self, document: Document) -> None:
        """Note with every change of the index how far the encrypted file has come; see ``Places``."""
        seen = getattr(self._vaults.get(Place.FILE), "seen", 0)
        if seen > document.get("file_changes", 0):
            document["file_changes"] = seen

    async def _change(self, edit: Callable[[Document], T]) -> T:
        return await bounded(lambda: self._change_now(edit), INDEX_SECONDS)

    def _change_now(self, edit: Callable[[Document], T]) -> T:
        def with_changes(document: Document) -> T:
            done = edit(document)
            self._note_changes(document)
            return done

        try:
            return self._index.change(with_changes)
        except OSError as error:
            raise VaultTrouble(
                f"The list of keys cannot be written ({error.strerror}): make {self._index.path} writable or free some "
                "space, then try again."
            ) from None
