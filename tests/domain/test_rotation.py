"""Where a rotation stands, told by the keys themselves; and what belongs to a name, what to characters."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, KeyState, Place, VaultTrouble
from keytui.domain.rotation import OVERLAP, Phase, Rotation, begin, end, exchanged, phase, take_over, under_way, undo
from keytui.domain.secrets import Secret

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OLD_SECRET, NEW_SECRET = Secret("sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4"), Secret("sk-proj-zY3dE6gH9jK2mN5pQ8sT7890")
ADMIN_SECRET = Secret("sk-admin-aB3dE6gH9jK2mN5pQ8sT1vW4")
KEY = KeyRecord(
    *("k", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.KEYRING, "1vW4", NOW - timedelta(days=90)),
    monthly_cap=Decimal(20),
    expires=NOW,
    last_used=NOW,
    verified=NOW,
    state=KeyState.WORKS,
    note="mine",
    scopes=("api.all",),
    platform_id="key_old",
)
NEW = replace(KEY, id="n", name="work (new)", last4="7890", state=KeyState.UNCHECKED, platform_id="key_new", note="")
TAKEN, OLD = exchanged(KEY, NEW)
ROTATION = Rotation("k", "n", NOW, NOW + OVERLAP)


@pytest.mark.parametrize(
    ("records", "at", "stands"),
    [
        ([], NOW, Phase.DONE),
        ([NEW], NOW, Phase.DONE),
        ([KEY], NOW, Phase.MAKE),
        ([KEY, NEW], NOW, Phase.CHECK),
        ([KEY, replace(NEW, state=KeyState.REFUSED)], NOW, Phase.CHECK),
        ([KEY, replace(NEW, state=KeyState.WORKS)], NOW, Phase.SWAP),
        ([KEY, replace(NEW, state=KeyState.LIMITED)], NOW, Phase.SWAP),
        ([TAKEN, OLD], NOW + OVERLAP - timedelta(seconds=1), Phase.OVERLAP),
        ([TAKEN, OLD], NOW + OVERLAP, Phase.REVOKE),
        ([TAKEN], NOW, Phase.DONE),
    ],
)
def test_where_it_stands_is_told_by_the_keys(records: list[KeyRecord], at: datetime, stands: Phase) -> None:
    assert phase(ROTATION, records, at) is stands


def test_characters_change_places_and_what_belongs_to_the_name_stays() -> None:
    assert (TAKEN.id, TAKEN.name, TAKEN.monthly_cap, TAKEN.note) == ("k", "work", Decimal(20), "mine")
    assert (TAKEN.last4, TAKEN.platform_id, TAKEN.state, TAKEN.kept_as) == ("7890", "key_new", NEW.state, "n")
    assert (OLD.id, OLD.last4, OLD.platform_id, OLD.kept_as) == ("n", "1vW4", "key_old", "k")
    assert exchanged(TAKEN, OLD) == (KEY, NEW)


def test_keys_of_two_addresses_never_change_places() -> None:
    with pytest.raises(VaultTrouble, match="different addresses"):
        exchanged(KEY, replace(NEW, base_url="https://gateway.example/v1"))


@dataclass
class Keys:
    """A store in memory."""

    kept: list[KeyRecord]
    secrets: dict[str, Secret] = field(default_factory=lambda: {"k": OLD_SECRET})
    full: bool = False

    def records(self) -> tuple[KeyRecord, ...]:
        return tuple(self.kept)

    async def secret(self, record: KeyRecord) -> Secret:
        if record.kept_as not in self.secrets:
            raise VaultTrouble("Locked.")
        return self.secrets[record.kept_as]

    async def add(self, record: KeyRecord, secret: Secret) -> KeyRecord:
        if self.full:
            raise VaultTrouble("Full.")
        self.kept.append(record)
        self.secrets[record.id] = secret
        return record

    async def replace(self, record: KeyRecord) -> None:
        self.kept = [record if each.id == record.id else each for each in self.kept]

    async def forget(self, key_id: str) -> None:
        self.kept = [each for each in self.kept if each.id != key_id]

    async def exchange(self, key_id: str, other_id: str) -> None:
        known = {each.id: each for each in self.kept}
        for each in exchanged(known[key_id], known[other_id]):
            await self.replace(each)


class Agenda:
    """Rotations in memory."""

    def __init__(self, *kept: Rotation) -> None:
        self.kept = list(kept)

    def rotations(self) -> list[Rotation]:
        return list(self.kept)

    def keep(self, rotation: Rotation) -> None:
        self.kept.append(rotation)

    def drop(self, rotation: Rotation) -> None:
        self.kept.remove(rotation)


async def begun(keys: Keys, agenda: Agenda, secret: Secret = NEW_SECRET, record: KeyRecord = KEY) -> Rotation:
    store: Any = keys
    book: Any = agenda
    return await begin(store, book, record, secret, now=NOW, until=NOW + OVERLAP, place=Place.FILE)


async def test_a_rotation_from_its_beginning_to_its_end() -> None:
    keys, agenda = Keys([KEY]), Agenda()
    store: Any = keys
    book: Any = agenda
    rotation = await begun(keys, agenda)
    assert agenda.kept == [rotation]
    assert keys.kept[1] == KeyRecord(
        *(rotation.successor_id, "work (new)", KeyKind.PROJECT, OPENAI_BASE_URL, Place.FILE, "7890", NOW),
        monthly_cap=Decimal(20),
    )
    key = await take_over(store, rotation)
    assert (key.name, key.last4, phase(rotation, keys.records(), NOW)) == ("work", "7890", Phase.OVERLAP)
    old = keys.kept[1]
    assert (old.name, old.note) == ("work (old)", "Until 2026-11-30, then to be revoked: work has a new key.")
    await end(store, book, rotation)
    assert (keys.kept, agenda.kept) == ([key], [])


@pytest.mark.parametrize("taken_over", [False, True])
async def test_undone_the_name_means_the_old_key(taken_over: bool) -> None:
    keys, agenda = Keys([KEY]), Agenda()
    store: Any = keys
    book: Any = agenda
    rotation = await begun(keys, agenda)
    if taken_over:
        await take_over(store, rotation)
    await undo(store, book, rotation)
    assert (keys.kept, agenda.kept) == ([KEY], [])


@pytest.mark.parametrize(
    ("record", "secret", "says"),
    [
        (KEY, OLD_SECRET, "is already"),
        (KEY, ADMIN_SECRET, "make a project key"),
        (replace(KEY, kind=KeyKind.ADMIN), NEW_SECRET, "make an admin key"),
    ],
)
async def test_a_key_that_cannot_follow_is_refused_before_anything_is_written(
    record: KeyRecord, secret: Secret, says: str
) -> None:
    keys, agenda = Keys([record]), Agenda()
    with pytest.raises(VaultTrouble, match=says):
        await begun(keys, agenda, secret, record)
    assert (keys.kept, agenda.kept) == ([record], [])


async def test_a_key_that_cannot_be_read_can_be_rotated_and_one_that_cannot_be_kept_leaves_no_rotation() -> None:
    agenda = Agenda()
    assert await begun(Keys([KEY], secrets={}), agenda) in agenda.kept
    full = Agenda()
    with pytest.raises(VaultTrouble, match="Full"):
        await begun(Keys([KEY], full=True), full)
    assert full.kept == []


async def test_a_key_that_was_removed_meanwhile_is_said() -> None:
    keys: Any = Keys([KEY, NEW])

    async def removed(*_: str) -> None:
        keys.kept = [NEW]

    keys.exchange = removed
    with pytest.raises(VaultTrouble, match="removed meanwhile"):
        await take_over(keys, ROTATION)


@pytest.mark.parametrize(
    ("records", "record", "leads_on"),
    [([KEY, NEW], KEY, True), ([KEY, NEW], NEW, True), ([TAKEN, OLD], OLD, True), ([KEY], KEY, False)],
)
def test_a_rotation_that_leads_nowhere_any_more_is_dropped(
    records: list[KeyRecord], record: KeyRecord, leads_on: bool
) -> None:
    agenda = Agenda(ROTATION)
    book: Any = agenda
    assert under_way(book, records, record, NOW) == (ROTATION if leads_on else None)
    assert agenda.kept == [ROTATION] * leads_on
    assert under_way(book, records, replace(KEY, id="another"), NOW) is None
