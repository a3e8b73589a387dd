"""All keys of this user: the index file, and the vaults behind it. Light to import: vaults load when they are used.

The order of writing: a mark in the index that says what is about to happen, then the vault, then the record in place
of the mark. Whatever moment a process is ended at, the next ``heal`` finds the mark, finishes the work and says so.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from keytui.adapters.bounded import bounded
from keytui.adapters.files import LOCK_SECONDS
from keytui.adapters.key_document import (
    UNKNOWN,
    entry_of,
    exchange,
    insert,
    names_in,
    names_of,
    put,
    refuse_taken,
    remove,
)
from keytui.adapters.key_index import Document, KeyIndex, decode, encode
from keytui.adapters.paths import Paths
from keytui.adapters.pending import Mark, Work
from keytui.domain.keys import (
    FileState,
    KeyKind,
    KeyRecord,
    Place,
    PlaceReport,
    StoreUnreadable,
    VaultLocked,
    VaultTrouble,
    new_key_id,
)
from keytui.domain.rotation import exchanged
from keytui.domain.secrets import Secret
from keytui.domain.vaults import AnswersNothing, KeyGone, Source, Vault, VaultSilent

if TYPE_CHECKING:
    from keytui.adapters.vault.encrypted_file import FileVault

INDEX_SECONDS = LOCK_SECONDS + 10.0
"""Longer than the lock is waited for, so that the lock's own word comes first."""

USED_EVERY = timedelta(hours=1)
"""How exact "last used" is: it is not worth a write for every request."""

VERSIONS_SEEN = 16
"""How many earlier readings of a record are remembered, to tell a caller's change from an older state."""

T = TypeVar("T")


class Keys:
    """The user's keys: implements the domain's ``KeyStore``."""

    def __init__(self, paths: Paths, vaults: Mapping[Place, Source], now: Callable[[], datetime]) -> None:
        """``vaults`` are the places of this machine, ``now`` the clock (aware, UTC)."""
        self._index = KeyIndex(paths.keys_file)
        self._vaults = vaults
        self._now = now
        self._session: dict[str, KeyRecord] = {}
        self._session_active: str | None = None
        self._seen: dict[str, list[KeyRecord]] = {}
        self.when_locked: Callable[[], Awaitable[bool]] | None = None

    @property
    def vaults(self) -> Mapping[Place, Source]:
        """The places of this machine, for what is kept beside keys (the sign-in of a proxy)."""
        return self._vaults

    def records(self) -> tuple[KeyRecord, ...]:
        """All known keys, oldest first; those of this session too. Raises ``StoreUnreadable``."""
        stored = self._index.records()
        for record in stored:
            self._remember(record)
        return tuple(sorted((*stored, *self._session.values()), key=lambda record: record.created))

    def named(self, name: str) -> KeyRecord | None:
        """The key of that name, or None. Raises ``StoreUnreadable``."""
        return next((record for record in self.records() if record.name == name), None)

    def active(self) -> KeyRecord | None:
        """The key in use, or None. Raises ``StoreUnreadable``."""
        if self._session_active is not None:
            return self._session[self._session_active]
        document = self._index.read()
        chosen = document["active"]
        return next((decode(entry) for entry in document["keys"] if entry["id"] == chosen), None)

    def activate(self, key_id: str) -> None:
        """Make this key the one in use. Raises ``VaultTrouble`` when there is no such key, or it is an admin key."""
        if key_id in self._session:
            _answers(self._session[key_id])
            self._session_active = key_id
            return

        def choose(document: Document) -> None:
            _answers(decode(entry_of(document, key_id)))
            document["active"] = key_id

        self._change_now(choose)
        self._session_active = None

    async def add(self, record: KeyRecord, secret: Secret) -> KeyRecord:
        """Keep a secret in ``record.place``, then its record; the first usable key becomes the active one.

        Gives back the record as stored, with an id and its last four characters. Raises ``NameTaken`` and the other
        kinds of ``VaultTrouble``; after any of them but ``VaultSilent`` nothing was kept.
        """
        record = replace(record, id=record.id or new_key_id(), last4=secret.last4)
        if record.place is Place.SESSION:
            return await self._add_to_session(record, secret)
        if record.place.read_only:
            return await self._change(lambda document: self._inserted(document, record))
        vault = self._writable(record.place)
        mark = Mark.new(Work.ADD, record, self._now())
        await self._change(lambda document: self._begin_add(document, mark))
        await self._kept(vault, record, secret, mark)
        added = await self._change(lambda document: self._inserted(document, record, mark))
        self._remember(added)
        return added

    async def _add_to_session(self, record: KeyRecord, secret: Secret) -> KeyRecord:
        """Keep a key in memory: that works also while the list on the disk cannot be read."""
        try:
            known, active = self.records(), self.active()
        except StoreUnreadable:
            known, active = tuple(self._session.values()), None
        refuse_taken(record, names_of(known))
        await self._writable(Place.SESSION).keep(record.kept_as, secret)
        self._session[record.id] = record
        if record.kind is not KeyKind.ADMIN and active is None:
            self._session_active = record.id
        return record

    async def secret(self, record: KeyRecord) -> Secret:
        """The characters of a key, from where they are kept. Raises ``VaultTrouble``."""
        return await self._opened(record.place, lambda: self._vaults[record.place].secret(record))

    async def replace(self, record: KeyRecord) -> None:
        """Write a record anew; the place stays, since only ``move`` changes it. Raises ``VaultTrouble``.

        Only what differs from the reading that the record came from is changed, so that two keytui can change two
        things of one key.
        """
        if record.id in self._session:
            refuse_taken(record, names_of(self.records()))
            self._session[record.id] = replace(record, place=Place.SESSION)
            return
        changed = self._differences(record)

        def write(document: Document) -> None:
            entry = entry_of(document, record.id)
            merged = replace(decode(entry), **changed)
            refuse_taken(merged, names_in(document))
            put(document, encode(merged, entry))

        await self._change(write)

    async def used(self, key_id: str) -> None:
        """Note that a key is in use now; exact to an hour. Raises ``VaultTrouble``."""
        record = next((known for known in self.records() if known.id == key_id), None)
        if record and (record.last_used is None or self._now() - record.last_used >= USED_EVERY):
            await self.replace(replace(record, last_used=self._now()))

    async def forget(self, key_id: str) -> None:
        """Delete the characters where keytui can write, then the record. Raises ``VaultTrouble``."""
        if key_id in self._session:
            await self._writable(Place.SESSION).forget(self._session[key_id].kept_as)
            del self._session[key_id]
            if self._session_active == key_id:
                self._session_active = None
            return
        record = decode(entry_of(self._index.read(), key_id))
        if record.place.read_only:
            await self._change(lambda document: remove(document, key_id))
            return
        vault = self._writable(record.place)
        mark = Mark.new(Work.FORGET, record, self._now())
        await self._change(mark.put)
        try:
            await self._opened(record.place, lambda: vault.forget(record.kept_as))
        except VaultSilent:
            raise
        except VaultTrouble:
            await self._change(mark.drop)
            raise
        await self._change(lambda document: remove(document, key_id, mark))

    async def move(self, key_id: str, place: Place) -> KeyRecord:
        """Keep a key in another place: written there and read back, then switched, then deleted where it was.

        Raises ``VaultTrouble``; the key is then still where it was.
        """
        record = next((known for known in self.records() if known.id == key_id), None)
        if record is None:
            raise VaultTrouble(UNKNOWN)
        if place.read_only:
            raise VaultTrouble(f"keytui only reads there ({place.value}); choose the keyring, the file or the session.")
        if record.place is place:
            return record
        secret = await self.secret(record)
        moved = replace(record, place=place, locator=None, last4=secret.last4)
        active = self.active()
        if record.place is Place.SESSION:
            await self.add(moved, secret)
            await self._writable(Place.SESSION).forget(record.kept_as)
            del self._session[key_id]
            if self._session_active == key_id:
                self.activate(key_id)
            return moved
        if place is Place.SESSION:
            await self._writable(Place.SESSION).keep(moved.kept_as, secret)
            await self.forget(key_id)
            self._session[key_id] = moved
            if active is not None and active.id == key_id:
                self._session_active = key_id
            return moved
        mark = Mark.new(Work.MOVE, moved, self._now(), source=record.place)
        await self._change(mark.put)
        await self._kept(self._writable(place), moved, secret, mark)
        await self._change(lambda document: put(document, encode(moved, entry_of(document, key_id))))
        if not record.place.read_only:
            await self._writable(record.place).forget(record.kept_as)
        await self._change(mark.drop)
        return moved

    async def exchange(self, key_id: str, other_id: str) -> None:
        """Let two keys exchange their characters: entries of the vault change owners, in one write of the index."""
        if key_id in self._session and other_id in self._session:
            for record in exchanged(self._session[key_id], self._session[other_id]):
                self._session[record.id] = record
            return
        if key_id in self._session or other_id in self._session:
            raise VaultTrouble("One of the two keys is kept for this session only: move it to the other's place first.")
        await self._change(lambda document: exchange(document, key_id, other_id))

    async def places(self) -> tuple[PlaceReport, ...]:
        """The writable places, best first: keyring, encrypted file, this session."""
        return tuple([await self._vaults[place].report() for place in _WRITABLE if place in self._vaults])

    async def default_place(self) -> PlaceReport:
        """The best place that works now without asking for anything: told to the user before and after."""
        return next(report for report in await self.places() if report.usable)

    @property
    def file_state(self) -> FileState:
        """Whether the encrypted file is there, and open."""
        return self._file.state

    async def unlock(self, passphrase: Secret) -> None:
        """Open the encrypted file; when there is none yet, this will be its passphrase. Raises ``VaultTrouble``."""
        await self._file.unlock(passphrase)

    async def change_passphrase(self, passphrase: Secret) -> None:
        """Encrypt the (open) file anew with another passphrase. Raises ``VaultTrouble``."""
        await self._file.change_passphrase(passphrase)

    async def heal(self) -> tuple[str, ...]:
        """Finish what an ended process had begun; one sentence for each key that this was about.

        Call it once after the start, and again once the encrypted file is unlocked. Never raises ``VaultTrouble``:
        what cannot be finished now stays marked.
        """
        said: list[str] = []
        for entry in self._index.read()["pending"]:
            mark = Mark.read(entry)
            if mark is None or mark.in_progress(self._now()):
                continue
            try:
                said.append(await self._finish(mark))
            except VaultTrouble as trouble:
                said.append(f"“{mark.record.name}” was left half {mark.work.value} by an earlier keytui. {trouble}")
        return tuple(said)

    async def _finish(self, mark: Mark) -> str:
        """Bring one piece of begun work to its end."""
        record = mark.record
        if mark.work is Work.ADD:
            try:
                await self._vaults[record.place].secret(record)
            except KeyGone:
                await self._change(mark.drop)
                return f"“{record.name}” had not reached its place when keytui was ended; add it again."
            kept = await self._change(lambda document: self._inserted(document, record, mark))
            return f"“{kept.name}” was just stored when keytui was ended; it is safe, and listed again."
        if mark.work is Work.FORGET:
            await self._writable(record.place).forget(record.kept_as)
            await self._change(lambda document: remove(document, record.id, mark))
            return f"“{record.name}” was being forgotten when keytui was ended; that is done now."
        known = next((key for key in self._index.records() if key.id == record.id), None)
        switched = known is not None and known.place is record.place
        leftover = mark.source if switched else record.place
        if leftover is not None and not leftover.read_only:
            await self._writable(leftover).forget(record.kept_as)
        await self._change(mark.drop)
        where = known.place.value if known else record.place.value
        return f"“{record.name}” was being moved when keytui was ended; it is kept in one place again: {where}."

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

    def _begin_add(self, document: Document, mark: Mark) -> None:
        refuse_taken(mark.record, (*names_in(document), *names_of(self._session.values())))
        mark.put(document)

    def _inserted(self, document: Document, record: KeyRecord, mark: Mark | None = None) -> KeyRecord:
        """Add a record; keys of the session take names as well, all but the one that is moved."""
        return insert(document, record, mark, beside=[one for one in self._session.values() if one.id != record.id])

    def _remember(self, record: KeyRecord) -> None:
        """Note a reading that a caller may start from."""
        seen = self._seen.setdefault(record.id, [])
        if record not in seen:
            seen.append(record)
            del seen[:-VERSIONS_SEEN]

    def _differences(self, record: KeyRecord) -> dict[str, Any]:
        """What a caller changed: against the nearest of the readings that it can have started from."""
        if not self._seen.get(record.id):
            self.records()
        against = [
            {
                field.name: getattr(record, field.name)
                for field in fields(record)
                if getattr(record, field.name) != getattr(base, field.name)
            }
            for base in self._seen.get(record.id, ())
        ]
        changed = min(against, key=len, default={})
        return {name: value for name, value in changed.items() if name not in ("id", "place", "vault_entry")}

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

    async def _change(self, edit: Callable[[Document], T]) -> T:
        return await bounded(lambda: self._change_now(edit), INDEX_SECONDS)

    def _change_now(self, edit: Callable[[Document], T]) -> T:
        try:
            return self._index.change(edit)
        except OSError as error:
            raise VaultTrouble(
                f"The list of keys cannot be written ({error.strerror}): make {self._index.path} writable or free some "
                "space, then try again."
            ) from None


def _answers(record: KeyRecord) -> None:
    """Raise ``AnswersNothing`` for a key that cannot be the one in use."""
    if record.kind is KeyKind.ADMIN:
        raise AnswersNothing(record.name)


def open_keys(
    paths: Paths,
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    terminal: bool = False,
) -> Keys:
    """The keys of this user with every place of this machine; nothing is opened or asked yet.

    ``terminal`` lets a command that prints a key ask on the terminal: not while an app draws there.
    """
    from keytui.adapters.vault import every_place

    environ = os.environ if environ is None else environ
    return Keys(paths, every_place(paths, environ=environ, cwd=cwd or Path.cwd(), terminal=terminal), now)


_WRITABLE = (Place.KEYRING, Place.FILE, Place.SESSION)
