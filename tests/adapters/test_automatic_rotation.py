"""Rotations by an admin key on the real store, interrupted wherever something lasts: no key is lost or left over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keytui.adapters.agenda import AgendaFile
from keytui.adapters.keystore import Keys
from keytui.domain import automatic_rotation
from keytui.domain.agenda import due
from keytui.domain.chat import Refused
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, KeyState, Place, VaultTrouble
from keytui.domain.making import settle
from keytui.domain.organization.parts import MadeKey, Project, ProjectKey, ServiceAccount
from keytui.domain.rotation import Phase, Rotation, end, phase, take_over, under_way
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit, Trouble
from tests.adapters.keys_support import Home
from tests.adapters.test_rotation import Ended

PROJECT = Project("proj_1", "shop")
ACCOUNT = ServiceAccount("svc_1", "till", "member")
OLD = Secret("sk-svcacct-old1" + "aB3d" * 20)


class Platform:
    """One project with one service account and its keys, as the port gives it; told to, it ends the process."""

    base_url = OPENAI_BASE_URL

    def __init__(self, strike: Callable[[], None] = lambda: None) -> None:
        self.strike = strike
        self.accounts = [ACCOUNT]
        self.listed: dict[str, ProjectKey] = {}
        self.made: dict[str, Secret] = {}
        self.refusal: Trouble | None = None
        self.project = PROJECT
        self.others: tuple[Project, ...] = ()

    def add(self, key_id: str, secret: Secret, account_id: str | None = ACCOUNT.id, **more: Any) -> None:
        redacted = f"{secret.reveal()[:14]}...{secret.last4}"
        owner = "till" if account_id else "somebody"
        self.listed[key_id] = ProjectKey(key_id, "till key", redacted, owner, account_id, **more)

    async def projects(self, *, archived: bool = False) -> tuple[Project, ...]:
        return (self.project, *self.others)

    async def service_accounts(self, project_id: str) -> tuple[ServiceAccount, ...]:
        return tuple(self.accounts)

    async def keys(self, project_id: str) -> tuple[ProjectKey, ...]:
        return tuple(self.listed.values())

    async def make_service_account(self, project_id: str, name: str) -> ServiceAccount:
        self.strike()
        account = ServiceAccount(f"svc_{len(self.accounts) + 1}", name, "none")
        self.accounts.append(account)
        self.strike()
        return account

    async def set_account_role(self, project_id: str, account_id: str, role: str) -> None:
        self.strike()
        self.accounts = [replace(each, role=role) if each.id == account_id else each for each in self.accounts]
        self.strike()

    async def make_key(
        self, project_id: str, account_id: str, name: str, *, scopes: tuple[str, ...], expires_seconds: int | None
    ) -> MadeKey:
        self.strike()
        number = len(self.made) + 1
        secret = Secret(f"sk-svcacct-new{number}" + f"x{number}Y7" * 20)
        self.made[f"key_new{number}"] = secret
        self.add(f"key_new{number}", secret, account_id)
        self.strike()
        if self.refusal is not None:
            raise Refused(self.refusal)
        return MadeKey(f"key_new{number}", name, secret)

    async def set_key_life(self, project_id: str, key_id: str, seconds: int) -> None:
        self.strike()
        now = datetime.fromtimestamp(0).astimezone()
        self.listed[key_id] = replace(self.listed[key_id], expires=now + timedelta(seconds=seconds))
        self.strike()

    async def revoke_key(self, project_id: str, key_id: str) -> None:
        self.strike()
        self.listed.pop(key_id, None)
        self.strike()


@pytest.fixture(autouse=True)
def another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks after an interruption finds that the process which was interrupted is gone."""
    monkeypatch.setattr("keytui.adapters.keystore.pending.Mark.in_progress", lambda mark, now: False)


async def kept(home: Home, secret: Secret = OLD, **more: Any) -> tuple[Keys, KeyRecord]:
    keys = await home.open()
    record = replace(home.record("till"), kind=KeyKind.SERVICE_ACCOUNT, scopes=("api.model.read",), **more)
    return keys, await keys.add(record, secret)


async def begin(platform: Platform, keys: Keys, agenda: AgendaFile, record: KeyRecord, now: datetime) -> Rotation:
    heir = await automatic_rotation.prepare(platform, keys, record, now)  # type: ignore[arg-type]
    return await automatic_rotation.begin(
        platform,  # type: ignore[arg-type]
        keys,
        agenda,
        record,
        heir,
        scopes=heir.scopes or (),
        expires=heir.expires,
        now=now,
        until=now + timedelta(days=7),
        place=Place.FILE,
    )


async def finish(platform: Platform, keys: Keys, agenda: AgendaFile, rotation: Rotation, now: datetime) -> None:
    """From wherever a begun rotation stands to its end."""
    if phase(rotation, keys.records(), now) in (Phase.CHECK, Phase.SWAP):
        await take_over(keys, rotation)
    if automatic_rotation.lacks_end(rotation, keys.records(), now):
        await automatic_rotation.let_it_end(platform, agenda, rotation, now)  # type: ignore[arg-type]
    if "key_old" in platform.listed:
        assert platform.listed["key_old"].expires is not None
    await automatic_rotation.revoke_old(platform, rotation)  # type: ignore[arg-type]
    await end(keys, agenda, rotation)


async def test_the_platform_makes_the_new_key_and_ends_the_old_one(tmp_path: Path) -> None:
    home, platform = Home(tmp_path), Platform()
    platform.add("key_old", OLD, created=home.clock(), expires=home.clock() + timedelta(days=180))
    keys, work = await kept(home)
    agenda, now = AgendaFile(home.paths.agenda_file), home.clock()
    rotation = await begin(platform, keys, agenda, work, now)
    new = keys.named("till (new)")
    assert (new.platform_id, new.scopes, new.expires) == (
        "key_new1",
        ("api.model.read",),
        now + timedelta(days=180),
    )
    assert agenda.makings() == ()
    assert agenda.rotations() == (rotation,)
    await keys.replace(replace(new, state=KeyState.WORKS))
    key = await take_over(keys, rotation)
    assert (key.id, key.platform_id, await keys.secret(key)) == (work.id, "key_new1", platform.made["key_new1"])
    await automatic_rotation.let_it_end(platform, agenda, rotation, now)  # type: ignore[arg-type]
    assert platform.listed["key_old"].expires.timestamp() == timedelta(days=7).total_seconds()
    await automatic_rotation.revoke_old(platform, rotation)  # type: ignore[arg-type]
    await end(keys, agenda, rotation)
    assert list(platform.listed) == ["key_new1"]
    assert {record.name for record in keys.records()} == {"till"}


async def test_a_persons_key_gets_a_service_account_as_its_successor(tmp_path: Path) -> None:
    home, platform = Home(tmp_path), Platform()
    platform.add("key_old", OLD, None)
    keys, work = await kept(home)
    agenda = AgendaFile(home.paths.agenda_file)
    # The account is found again by its name, so that no second one is made.
    platform.accounts = []
    rotation = await begin(platform, keys, agenda, work, home.clock())
    assert [(each.name, each.role) for each in platform.accounts] == [("till", "member")]
    assert platform.listed["key_new1"].account_id == platform.accounts[0].id
    await finish(platform, keys, agenda, rotation, home.clock())


async def test_a_persons_key_of_the_default_project_has_no_automatic_successor(tmp_path: Path) -> None:
    home, platform = Home(tmp_path), Platform()
    platform.add("key_old", OLD, None)
    platform.project, platform.accounts = replace(PROJECT, name="Default project"), []
    keys, work = await kept(home)
    with pytest.raises(VaultTrouble, match=r"in the Default project.*paste it"):
        await automatic_rotation.prepare(platform, keys, work, home.clock())  # type: ignore[arg-type]


async def test_thousands_of_projects_are_not_looked_through_one_by_one(tmp_path: Path) -> None:
    home, platform = Home(tmp_path), Platform()
    platform.add("key_old", OLD)
    platform.others = tuple(Project(f"proj_more{number}", f"more {number}") for number in range(2000))
    keys, work = await kept(home)
    with pytest.raises(VaultTrouble, match=r"2,001 projects.*write that into its entry"):
        await automatic_rotation.prepare(platform, keys, work, home.clock())  # type: ignore[arg-type]
    known = replace(work, project=PROJECT.id)
    heir = await automatic_rotation.prepare(platform, keys, known, home.clock())  # type: ignore[arg-type]
    assert heir.old.id == "key_old"


async def test_a_key_that_is_not_certain_is_not_touched(tmp_path: Path) -> None:
    home, platform = Home(tmp_path), Platform()
    keys, work = await kept(home)
    with pytest.raises(VaultTrouble, match="lists no key like “till”"):
        await automatic_rotation.prepare(platform, keys, work, home.clock())  # type: ignore[arg-type]
    # Another key that ends alike: what the platform shows of its beginning tells the two apart.
    platform.add("key_old", OLD)
    platform.add("key_other", Secret("sk-svcacct-another" + OLD.reveal()[-40:]))
    heir = await automatic_rotation.prepare(platform, keys, work, home.clock())  # type: ignore[arg-type]
    assert heir.old.id == "key_old"
    platform.add("key_twin", OLD)
    with pytest.raises(VaultTrouble, match="2 keys that look like"):
        await automatic_rotation.prepare(platform, keys, work, home.clock())  # type: ignore[arg-type]


async def test_a_lost_answer_leaves_nothing_unknown(tmp_path: Path) -> None:
    home, platform = Home(tmp_path), Platform()
    platform.add("key_old", OLD)
    keys, work = await kept(home)
    agenda = AgendaFile(home.paths.agenda_file)
    platform.refusal = Trouble("cut", "The line was cut.", "Try again.", Exit.NETWORK)
    with pytest.raises(Refused):
        await begin(platform, keys, agenda, work, home.clock())
    assert agenda.rotations() == ()
    assert [making.name for making in agenda.makings()] == ["till key"]
    [reminder] = due(agenda, keys.records(), home.clock())
    assert "ended while it made the key “till key”" in reminder.what
    [said] = await settle(platform, keys, agenda)  # type: ignore[arg-type]
    assert "it is revoked" in said
    assert list(platform.listed) == ["key_old"]
    assert agenda.makings() == ()


async def test_a_key_that_cannot_be_kept_is_revoked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, platform = Home(tmp_path), Platform()
    platform.add("key_old", OLD)
    keys, work = await kept(home)
    agenda = AgendaFile(home.paths.agenda_file)

    async def full(*_: object) -> KeyRecord:
        raise VaultTrouble("The disk is full.")

    monkeypatch.setattr(keys, "add", full)
    with pytest.raises(VaultTrouble, match=r"The disk is full.*revoked again"):
        await begin(platform, keys, agenda, work, home.clock())
    assert list(platform.listed) == ["key_old"]
    assert (agenda.makings(), agenda.rotations()) == ((), ())


async def test_ended_at_anything_that_lasts_it_goes_on_and_no_key_is_lost_or_left_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keytui.adapters import json_file
    from keytui.adapters.keystore import index as key_index
    from keytui.adapters.vault import encrypted_file

    real = json_file.write_private
    # Strikes come in pairs, and what is before one thing is what is after the thing before it: every second one does.
    for step in range(2, 200, 2):
        count = 0

        def strike(at: int = step) -> None:
            nonlocal count
            count += 1
            if count == at:
                raise Ended

        def write(path: Path, data: bytes, **more: Any) -> None:
            strike()
            real(path, data, **more)
            strike()

        home = Home(tmp_path / str(step))
        platform = Platform()
        platform.add("key_old", OLD)
        keys, work = await kept(home)
        agenda, now = AgendaFile(home.paths.agenda_file), home.clock()
        with monkeypatch.context() as patch:
            platform.strike = strike
            for module in (json_file, key_index, encrypted_file):
                patch.setattr(module, "write_private", write)
            try:
                await finish(platform, keys, agenda, await begin(platform, keys, agenda, work, now), now)
            except Ended:
                ended = True
            else:
                ended = False
            platform.strike = lambda: None
        # Go on from wherever it stands, as a user would: press r again.
        keys = await home.open()
        await keys.heal()
        await settle(platform, keys, agenda)  # type: ignore[arg-type]
        work = keys.named("till")
        rotation = under_way(agenda, keys.records(), work, now)
        for record in keys.records():
            if rotation is None and record.name != "till":
                await keys.forget(record.id)
        if rotation is None and await keys.secret(work) == OLD:
            rotation = await begin(platform, keys, agenda, work, now)
        if rotation is not None:
            await finish(platform, keys, agenda, rotation, now)
        [left] = platform.listed
        assert {record.name: await keys.secret(record) for record in keys.records()} == {"till": platform.made[left]}
        assert (agenda.rotations(), agenda.makings()) == ((), ()), step
        if not ended:
            assert step > 30
            break
    else:
        raise AssertionError("the rotation never came to its end")
