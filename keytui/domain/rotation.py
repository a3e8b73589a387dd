"""Rotating a key: its successor takes its name while both work, and the old one is revoked at a chosen moment.

Where a rotation stands is told by the list of keys itself, not by a note of the last step: whatever moment it was
interrupted at, the next look finds the truth. The agenda only remembers which two keys belong together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from keytui.domain.agenda import Agenda
from keytui.domain.keys import KeyKind, KeyRecord, KeyState, KeyStore, Place, VaultTrouble, new_key_id
from keytui.domain.secrets import Secret
from keytui.domain.shapes import kind_of

OVERLAP = timedelta(days=7)
"""How long the old key is kept beside the new one, unless another moment is chosen."""

_CHARACTERS = (
    *("kind", "place", "last4", "created", "expires", "last_used", "verified", "state", "locator"),
    *("scopes", "platform_id"),
)
"""Fields that go with the characters of a key; the others belong to its name."""


class Phase(Enum):
    """Where a rotation stands; the value says what comes next."""

    MAKE = "make the new key and paste it"
    CHECK = "check the new key"
    SWAP = "let the new key take over"
    OVERLAP = "change over what still uses the old key"
    REVOKE = "revoke the old key"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Rotation:
    """One rotation that has begun and is not over."""

    key_id: str
    """The key that is rotated: its name, its cap and its figures stay."""
    successor_id: str
    """The record of the new key; once it has taken over, that of the old one."""
    begun: datetime
    until: datetime
    """When the old key is to be revoked."""
    project_id: str | None = None
    """Where an admin key can revoke the old one; None where a person has to."""
    old_key_id: str | None = None
    """The platform's id of the old key."""
    end_set: bool = False
    """Whether the platform has been told to end the old key at that moment, whatever becomes of keytui."""


def phase(rotation: Rotation, records: Sequence[KeyRecord], now: datetime) -> Phase:
    """Where a rotation stands. A rotation whose key is gone is ``DONE``: there is nothing left to do."""
    known = {record.id: record for record in records}
    key, other = known.get(rotation.key_id), known.get(rotation.successor_id)
    if key is None:
        return Phase.DONE
    if key.kept_as == rotation.successor_id:
        if other is None:
            return Phase.DONE
        return Phase.OVERLAP if now < rotation.until else Phase.REVOKE
    if other is None:
        return Phase.MAKE
    return Phase.SWAP if other.state in (KeyState.WORKS, KeyState.LIMITED) else Phase.CHECK


def under_way(agenda: Agenda, records: Sequence[KeyRecord], record: KeyRecord, now: datetime) -> Rotation | None:
    """The rotation that a key is part of; None when there is none.

    One that can lead nowhere any more, because one of its keys was removed by hand, is dropped.
    """
    for rotation in agenda.rotations():
        if record.id in (rotation.key_id, rotation.successor_id):
            if phase(rotation, records, now) in (Phase.MAKE, Phase.DONE):
                agenda.drop(rotation)
                return None
            return rotation
    return None


def exchanged(one: KeyRecord, other: KeyRecord) -> tuple[KeyRecord, KeyRecord]:
    """Two records after their characters have changed places. Raises ``VaultTrouble`` for keys of two addresses."""
    if one.base_url != other.base_url:
        raise VaultTrouble(f"“{one.name}” and “{other.name}” are for different addresses: they cannot change places.")
    return _with_characters_of(one, other), _with_characters_of(other, one)


def _with_characters_of(record: KeyRecord, other: KeyRecord) -> KeyRecord:
    entry = None if other.kept_as == record.id else other.kept_as
    return replace(record, vault_entry=entry, **{name: getattr(other, name) for name in _CHARACTERS})


async def begin(
    keys: KeyStore, agenda: Agenda, record: KeyRecord, secret: Secret, *, now: datetime, until: datetime, place: Place
) -> Rotation:
    """Keep the new key beside the old one, in ``place``. Raises ``VaultTrouble``, and ``StoreUnreadable``."""
    _refuse_unfit(record, secret)
    try:
        same = await keys.secret(record) == secret
    except VaultTrouble:
        # The old one cannot be read, which may be the very reason for the rotation.
        same = False
    if same:
        raise VaultTrouble(f"This is the key that “{record.name}” is already: make a new one, then paste that.")
    rotation = Rotation(record.id, new_key_id(), now, until)
    # Written down first: a new key that nobody knows of would be one too many.
    agenda.keep(rotation)
    successor = successor_of(record, rotation, place)
    try:
        await keys.add(replace(successor, kind=kind_of(secret.reveal()), last4=secret.last4), secret)
    except VaultTrouble:
        agenda.drop(rotation)
        raise
    return rotation


def successor_of(record: KeyRecord, rotation: Rotation, place: Place) -> KeyRecord:
    """The record of the new key: what belongs to the name is the old one's, what belongs to characters is not known."""
    return replace(
        record,
        id=rotation.successor_id,
        name=f"{record.name} (new)",
        place=place,
        last4="",
        created=rotation.begun,
        expires=None,
        last_used=None,
        verified=None,
        state=KeyState.UNCHECKED,
        locator=None,
        vault_entry=None,
        note="",
        scopes=None,
        platform_id=None,
    )


def _refuse_unfit(record: KeyRecord, secret: Secret) -> None:
    admin = kind_of(secret.reveal()) is KeyKind.ADMIN
    if admin and record.kind is not KeyKind.ADMIN:
        raise VaultTrouble("This is an admin key, which cannot ask a model anything: make a project key, paste that.")
    if record.kind is KeyKind.ADMIN and not admin:
        raise VaultTrouble(f"“{record.name}” is an admin key, and this is none: make an admin key, then paste that.")


async def take_over(keys: KeyStore, rotation: Rotation) -> KeyRecord:
    """The new key takes the name; the old one is kept beside it. Gives the key under its name.

    Raises ``VaultTrouble``; the name then still means the old key.
    """
    await keys.exchange(rotation.key_id, rotation.successor_id)
    key, old = _record(keys, rotation.key_id), _record(keys, rotation.successor_id)
    note = f"Until {rotation.until:%Y-%m-%d}, then to be revoked: {key.name} has a new key."
    await keys.replace(replace(old, name=f"{key.name} (old)", note=note))
    return key


async def end(keys: KeyStore, agenda: Agenda, rotation: Rotation) -> None:
    """The old key is revoked on the platform: its characters are deleted here. Raises ``VaultTrouble``."""
    if any(record.id == rotation.successor_id for record in keys.records()):
        await keys.forget(rotation.successor_id)
    agenda.drop(rotation)


async def undo(keys: KeyStore, agenda: Agenda, rotation: Rotation) -> None:
    """The name means the old key (again), and the new one is deleted here. Raises ``VaultTrouble``."""
    known = {record.id: record for record in keys.records()}
    key = known.get(rotation.key_id)
    if key is not None and key.kept_as == rotation.successor_id and rotation.successor_id in known:
        await keys.exchange(rotation.key_id, rotation.successor_id)
    await end(keys, agenda, rotation)


def _record(keys: KeyStore, key_id: str) -> KeyRecord:
    for record in keys.records():
        if record.id == key_id:
            return record
    raise VaultTrouble("The key was removed meanwhile by another keytui; the other of the two is still here.")
