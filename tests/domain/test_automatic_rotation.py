"""What an admin key makes of a rotation: the successor, and the old key's end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keytui.domain.automatic_rotation import (
    LIFE,
    LONGEST,
    Heir,
    begin,
    lacks_end,
    let_it_end,
    move_end,
    old_key,
    possible,
    prepare,
    revoke_new,
    revoke_old,
)
from keytui.domain.chat import Refused
from keytui.domain.keys import OPENAI_BASE_URL, FileState, KeyKind, KeyRecord, Place, VaultTrouble
from keytui.domain.organization.parts import MadeKey, Project, ProjectKey, ServiceAccount
from keytui.domain.rotation import Rotation, exchanged
from keytui.domain.secrets import Secret
from keytui.domain.troubles import explain

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(days=7)
OLD_SECRET, NEW_SECRET = Secret("sk-proj-aB3dE6gH9jK2mN5pQ8sT1111"), Secret("sk-svcacct-zY3dE6gH9jK2mN5p2222")
KEY = KeyRecord("k", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.KEYRING, "1111", NOW, scopes=("api.all",))
SHOP, BOT = Project("p1", "shop"), ServiceAccount("sa_1", "bot", "member")
THERE = ProjectKey("key_1", "ci", "sk-…1111", account_id="sa_1", created=NOW)
PERSONS = replace(THERE, account_id=None)
ROTATION = Rotation("k", "n", NOW, UNTIL, "p1", "key_1")


@dataclass
class Owner:
    """One project with one key; writes down what is changed."""

    project: Project = SHOP
    there: ProjectKey | None = THERE
    accounts: tuple[ServiceAccount, ...] = (BOT,)
    fault: Refused | None = None
    made_role: str = "none"
    changed: list[tuple[Any, ...]] = field(default_factory=list)
    base_url: str = OPENAI_BASE_URL

    async def projects(self) -> tuple[Project, ...]:
        return (self.project,)

    async def keys(self, project_id: str) -> tuple[ProjectKey, ...]:
        return (self.there,) if self.there else ()

    async def service_accounts(self, project_id: str) -> tuple[ServiceAccount, ...]:
        return self.accounts

    async def make_service_account(self, project_id: str, name: str) -> ServiceAccount:
        self.changed.append(("account", project_id, name))
        return ServiceAccount("sa_9", name, self.made_role)

    async def set_account_role(self, *what: str) -> None:
        self.changed.append(("role", *what))

    async def make_key(self, *what: str, scopes: tuple[str, ...], expires_seconds: int | None) -> MadeKey:
        if self.fault:
            raise self.fault
        self.changed.append(("key", *what, scopes, expires_seconds))
        return MadeKey("key_2", "ci", NEW_SECRET)

    async def set_key_life(self, *what: Any) -> None:
        self.changed.append(("life", *what))

    async def revoke_key(self, *what: str) -> None:
        self.changed.append(("revoke", *what))


class Keys:
    file_state = FileState.LOCKED

    def __init__(self) -> None:
        self.kept: list[KeyRecord] = []

    async def secret(self, record: KeyRecord) -> Secret:
        assert record.place is Place.KEYRING
        return OLD_SECRET

    async def add(self, record: KeyRecord, secret: Secret) -> KeyRecord:
        self.kept.append(record)
        return record


class Agenda:
    def __init__(self) -> None:
        self.rotating: list[Rotation] = []
        self.making: list[Any] = []

    def keep(self, rotation: Rotation) -> None:
        self.rotating = [rotation]

    def drop(self, rotation: Rotation) -> None:
        self.rotating.remove(rotation)

    def begin_making(self, making: Any) -> None:
        self.making.append(making)

    def end_making(self, making: Any) -> None:
        self.making.remove(making)


def test_only_what_the_platform_makes_can_follow() -> None:
    assert {kind for kind in KeyKind if not possible(replace(KEY, kind=kind))} == {KeyKind.ADMIN, KeyKind.LEGACY}


@pytest.mark.parametrize(
    ("there", "life"),
    [
        (THERE, LIFE),
        (replace(THERE, expires=NOW + timedelta(days=30)), LIFE),
        (replace(THERE, expires=NOW + timedelta(days=120)), timedelta(days=120)),
        (replace(THERE, expires=NOW + timedelta(days=500)), LONGEST),
        (replace(THERE, created=None, expires=NOW + timedelta(days=120)), LIFE),
    ],
)
async def test_the_new_key_lives_as_long_as_the_old_one_was_to(there: ProjectKey, life: timedelta) -> None:
    ports: Any = (Owner(there=there), Keys())
    assert await prepare(*ports, KEY, NOW) == Heir(SHOP, there, BOT, "bot", ("api.all",), NOW + life)


@pytest.mark.parametrize("place", [Place.FILE, Place.COMMAND])
async def test_what_cannot_be_read_without_asking_is_not_read(place: Place) -> None:
    ports: Any = (Owner(), Keys())
    assert (await prepare(*ports, replace(KEY, place=place), NOW)).old == THERE


@pytest.mark.parametrize(
    ("owner", "account", "name"),
    [
        (Owner(there=PERSONS), None, "work"),
        (Owner(there=PERSONS, accounts=(BOT, replace(BOT, id="sa_2", name="work"))), "sa_2", "work"),
        (
            Owner(Project("p1", "Default project"), PERSONS, (replace(BOT, name="work"),)),
            "sa_1",
            "work",
        ),
    ],
)
async def test_a_persons_key_is_followed_by_one_of_an_account_of_its_name(
    owner: Owner, account: str | None, name: str
) -> None:
    ports: Any = (owner, Keys())
    heir = await prepare(*ports, KEY, NOW)
    assert (heir.account and heir.account.id, heir.account_name) == (account, name)


@pytest.mark.parametrize(
    ("owner", "says"),
    [
        (Owner(accounts=()), "The service account of “work” is gone"),
        (Owner(Project("p1", "Default project"), PERSONS, ()), "a person's key in the Default project"),
        (Owner(there=None), "lists no key like “work”"),
    ],
)
async def test_a_key_that_cannot_be_followed_is_said(owner: Owner, says: str) -> None:
    ports: Any = (owner, Keys())
    with pytest.raises(VaultTrouble, match=says):
        await prepare(*ports, KEY, NOW)


async def begun(owner: Owner, keys: Keys, agenda: Agenda, account: ServiceAccount | None = BOT) -> Rotation:
    heir = Heir(SHOP, THERE, account, "work", ("api.all",), UNTIL)
    ports: Any = (owner, keys, agenda)
    return await begin(*ports, KEY, heir, scopes=("api.all",), expires=None, now=NOW, until=UNTIL, place=Place.FILE)


async def test_the_new_key_is_made_and_kept_beside_the_old_one() -> None:
    owner, keys, agenda = Owner(), Keys(), Agenda()
    rotation = await begun(owner, keys, agenda)
    assert rotation == Rotation("k", rotation.successor_id, NOW, UNTIL, "p1", "key_1")
    assert owner.changed == [("key", "p1", "sa_1", "ci", ("api.all",), None)]
    assert [(key.id, key.name, key.platform_id, key.place) for key in keys.kept] == [
        (rotation.successor_id, "work (new)", "key_2", Place.FILE)
    ]
    assert (agenda.rotating, agenda.making) == ([rotation], [])


@pytest.mark.parametrize(("role", "given"), [("none", [("role", "p1", "sa_9", "member")]), ("owner", [])])
async def test_an_account_that_has_to_be_made_gets_a_role_if_it_has_none(role: str, given: list[Any]) -> None:
    owner = Owner(made_role=role)
    await begun(owner, Keys(), Agenda(), None)
    assert owner.changed[:-1] == [("account", "p1", "work"), *given]


async def test_a_key_that_was_not_made_leaves_no_rotation() -> None:
    agenda = Agenda()
    with pytest.raises(Refused):
        await begun(Owner(fault=Refused(explain("rate-limited"))), Keys(), agenda)
    assert agenda.rotating == []


WEEK = 7 * 86_400


@pytest.mark.parametrize(
    ("there", "until", "ends", "moved"),
    [
        (THERE, UNTIL, WEEK, WEEK),
        (replace(THERE, expires=UNTIL + timedelta(seconds=1)), UNTIL, WEEK, WEEK),
        (replace(THERE, expires=UNTIL), UNTIL, None, WEEK),
        (THERE, NOW - timedelta(days=1), 1, 1),
        (THERE, NOW + timedelta(days=400), 365 * 86_400, 365 * 86_400),
        (None, UNTIL, None, None),
    ],
)
async def test_the_old_key_ends_by_itself_at_the_chosen_moment(
    there: ProjectKey | None, until: datetime, ends: int | None, moved: int | None
) -> None:
    rotation = replace(ROTATION, until=until)
    for set_end, seconds in ((let_it_end, ends), (move_end, moved)):
        ports: Any = (owner := Owner(there=there), agenda := Agenda())
        await set_end(*ports, rotation, NOW)
        assert owner.changed == ([] if seconds is None else [("life", "p1", "key_1", seconds)])
        assert agenda.rotating == [replace(rotation, end_set=True)]


async def test_either_key_can_be_revoked_at_once() -> None:
    owner: Any = Owner()
    assert await old_key(owner, ROTATION) == THERE
    await revoke_old(owner, ROTATION)
    await revoke_new(owner, ROTATION, replace(KEY, platform_id="key_2"))
    await revoke_new(owner, ROTATION, KEY)
    await revoke_new(owner, replace(ROTATION, project_id=None), replace(KEY, platform_id="key_2"))
    assert owner.changed == [("revoke", "p1", "key_1"), ("revoke", "p1", "key_2")]


def test_an_end_is_lacking_only_while_the_new_key_is_in_use_and_the_moment_lies_ahead() -> None:
    records = exchanged(KEY, replace(KEY, id="n"))
    assert lacks_end(ROTATION, records, NOW)
    assert not lacks_end(ROTATION, records, UNTIL)
    assert not lacks_end(replace(ROTATION, end_set=True), records, NOW)
    assert not lacks_end(replace(ROTATION, old_key_id=None), records, NOW)
    assert not lacks_end(ROTATION, (KEY, replace(KEY, id="n")), NOW)
