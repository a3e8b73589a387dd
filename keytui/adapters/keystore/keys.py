"""The store itself: keys are added, read, changed, moved and forgotten.

The order of writing: a mark in the index that says what is about to happen, then the vault, then the record in place
of the mark. Whatever moment a process is ended at, the next ``heal`` finds the mark, finishes the work and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from keytui.adapters.keystore.document import UNKNOWN, entry_of, exchange, names_in, names_of, put, refuse_taken, remove
from keytui.adapters.keystore.healing import Healing
from keytui.adapters.keystore.index import Document, decode, encode
from keytui.adapters.keystore.pending import Mark, Work
from keytui.adapters.keystore.places import Places
from keytui.adapters.keystore.readings import Readings
from keytui.adapters.paths import Paths
from keytui.domain.keys import KeyKind, KeyRecord, Place, StoreUnreadable, VaultTrouble, new_key_id
from keytui.domain.secrets import Secret
from keytui.domain.vaults import AnswersNothing, Source, VaultSilent

USED_EVERY = timedelta(hours=1)
"""How exact "last used" is: it is not worth a write for every request."""


class Keys(Healing, Places):
    """The user's keys: implements the domain's ``KeyStore``."""

    def __init__(self, paths: Paths, vaults: Mapping[Place, Source], now: Callable[[], datetime]) -> None:
        """``vaults`` are the places of this machine, ``now`` the clock (aware, UTC)."""
        super().__init__(paths, vaults, now)
        self._readings = Readings()

    def records(self) -> tuple[KeyRecord, ...]:
        """All known keys, oldest first; those of this session too. Raises ``StoreUnreadable``."""
        stored = self._index.records()
        for record in stored:
            self._readings.remember(record)
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
        self._readings.remember(added)
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
        if record not in self._readings:
            self.records()
        changed = self._readings.differences(record)

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
            from keytui.domain.rotation import exchanged

            for record in exchanged(self._session[key_id], self._session[other_id]):
                self._session[record.id] = record
            return
        if key_id in self._session or other_id in self._session:
            raise VaultTrouble("One of the two keys is kept for this session only: move it to the other's place first.")
        await self._change(lambda document: exchange(document, key_id, other_id))

    def _begin_add(self, document: Document, mark: Mark) -> None:
        refuse_taken(mark.record, (*names_in(document), *names_of(self._session.values())))
        mark.put(document)


def _answers(record: KeyRecord) -> None:
    """Raise ``AnswersNothing`` for a key that cannot be the one in use."""
    if record.kind is KeyKind.ADMIN:
        raise AnswersNothing(record.name)
