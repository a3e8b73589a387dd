"""Rotations on the real store, interrupted wherever something is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keytui.adapters.agenda import AgendaFile
from keytui.adapters.keystore import Keys
from keytui.domain.agenda import due
from keytui.domain.keys import KeyKind, KeyRecord, KeyState, Place, StoreUnreadable, VaultTrouble
from keytui.domain.rotation import Phase, begin, end, phase, take_over, under_way, undo
from keytui.domain.secrets import Secret
from tests.adapters.keys_support import Home

OLD, NEW = Secret("sk-proj-" + "old1" * 20), Secret("sk-svcacct-" + "new2" * 20)


class Ended(BaseException):
    """The process was ended here."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


class Bench:
    """One user's keys and agenda, opened anew after every interruption."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.agenda = AgendaFile(home.paths.agenda_file)

    async def with_work(self) -> tuple[Keys, KeyRecord]:
        keys = await self.home.open()
        return keys, await keys.add(self.home.record("work", monthly_cap=None, default_model="gpt-6-luna"), OLD)

    async def begin(self, keys: Keys, record: KeyRecord, secret: Secret = NEW) -> Any:
        now = self.home.clock()
        until = now + timedelta(days=7)
        return await begin(keys, self.agenda, record, secret, now=now, until=until, place=record.place)

    def stands(self, keys: Keys) -> Phase:
        [rotation] = self.agenda.rotations()
        return phase(rotation, keys.records(), self.home.clock())


async def characters(keys: Keys) -> dict[str, Secret]:
    return {record.name: await keys.secret(record) for record in keys.records()}


async def test_a_rotation_from_the_first_step_to_the_last(home: Home) -> None:
    bench = Bench(home)
    keys, work = await bench.with_work()
    rotation = await bench.begin(keys, work)
    assert bench.stands(keys) is Phase.CHECK
    assert await characters(keys) == {"work": OLD, "work (new)": NEW}
    successor = keys.named("work (new)")
    await keys.replace(replace(successor, state=KeyState.WORKS))
    assert bench.stands(keys) is Phase.SWAP
    key = await take_over(keys, rotation)
    assert bench.stands(keys) is Phase.OVERLAP
    assert await characters(keys) == {"work": NEW, "work (old)": OLD}
    # What belongs to the name stays, what belongs to the characters goes with them.
    assert (key.id, key.default_model) == (work.id, "gpt-6-luna")
    assert (key.kind, key.last4, key.state) == (KeyKind.SERVICE_ACCOUNT, NEW.last4, KeyState.WORKS)
    assert keys.active().id == work.id
    assert due(bench.agenda, keys.records(), home.clock()) == ()
    home.clock.move(days=8)
    assert bench.stands(keys) is Phase.REVOKE
    [reminder] = due(bench.agenda, keys.records(), home.clock())
    assert "“work” is to be revoked" in reminder.what
    await end(keys, bench.agenda, rotation)
    assert await characters(keys) == {"work": NEW}
    assert bench.agenda.rotations() == ()


async def test_it_can_be_undone_before_and_after_the_new_key_took_over(home: Home) -> None:
    bench = Bench(home)
    keys, work = await bench.with_work()
    for taken_over in (False, True):
        rotation = await bench.begin(keys, work)
        if taken_over:
            await take_over(keys, rotation)
        await undo(keys, bench.agenda, rotation)
        assert await characters(keys) == {"work": OLD}
        assert keys.named("work").last4 == OLD.last4
        assert bench.agenda.rotations() == ()


async def test_a_second_rotation_follows_the_first(home: Home) -> None:
    bench = Bench(home)
    keys, work = await bench.with_work()
    third = Secret("sk-proj-" + "3rd3" * 20)
    for secret in (NEW, third):
        rotation = await bench.begin(keys, keys.named("work"), secret)
        await take_over(keys, rotation)
        await end(keys, bench.agenda, rotation)
        assert await characters(keys) == {"work": secret}
    assert keys.named("work").id == work.id
    moved = await keys.move(work.id, Place.SESSION)
    assert await keys.secret(moved) == third


@pytest.mark.parametrize(("secret", "said"), [(OLD, "is already"), (Secret("sk-admin-" + "a1B2" * 20), "admin key")])
async def test_what_is_no_successor_is_refused_and_nothing_is_kept(home: Home, secret: Secret, said: str) -> None:
    bench = Bench(home)
    keys, work = await bench.with_work()
    with pytest.raises(VaultTrouble, match=said):
        await bench.begin(keys, work, secret)
    assert await characters(keys) == {"work": OLD}
    assert bench.agenda.rotations() == ()


async def test_keys_of_two_addresses_never_change_places(home: Home) -> None:
    bench = Bench(home)
    keys, work = await bench.with_work()
    other = await keys.add(replace(home.record("other"), base_url="https://gateway.example/v1"), NEW)
    with pytest.raises(VaultTrouble, match="different addresses"):
        await keys.exchange(work.id, other.id)
    assert await characters(keys) == {"work": OLD, "other": NEW}


def ended_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """End the process at its n-th write, before or after it reached the disk (even and odd steps)."""
    from keytui.adapters import json_file
    from keytui.adapters.keystore import index as key_index
    from keytui.adapters.vault import encrypted_file

    writes = 0

    def write(path: Path, data: bytes, **more: Any) -> None:
        nonlocal writes
        writes += 1
        if writes * 2 - 1 == step:
            raise Ended
        real(path, data, **more)
        if writes * 2 == step:
            raise Ended

    real = json_file.write_private
    for module in (json_file, key_index, encrypted_file):
        monkeypatch.setattr(module, "write_private", write)
    return lambda: writes


async def test_ended_at_any_write_it_goes_on_and_no_key_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keytui.adapters.keystore.pending.Mark.in_progress", lambda mark, now: False)
    for step in range(1, 100):
        bench = Bench(Home(tmp_path / str(step)))
        keys, work = await bench.with_work()
        with monkeypatch.context() as patch:
            writes = ended_at(step, patch)
            try:
                rotation = await bench.begin(keys, work)
                await take_over(keys, rotation)
                await end(keys, bench.agenda, rotation)
            except Ended:
                pass
            else:
                assert step == writes() * 2 + 1
                break
        keys = await bench.home.open()
        await keys.heal()
        held = await characters(keys)
        assert OLD in held.values() or NEW in held.values(), step
        assert held["work"] in (OLD, NEW), step
        # Go on from wherever it stands, as a user would.
        rotation = under_way(bench.agenda, keys.records(), keys.named("work"), bench.home.clock())
        if rotation is None and held["work"] == OLD:
            for record in keys.records():
                if record.name != "work":
                    await keys.forget(record.id)
            rotation = await bench.begin(keys, keys.named("work"))
        if rotation is not None:
            if phase(rotation, keys.records(), bench.home.clock()) in (Phase.CHECK, Phase.SWAP):
                await take_over(keys, rotation)
            await end(keys, bench.agenda, rotation)
        assert await characters(keys) == {"work": NEW}, step
        assert bench.agenda.rotations() == ()
    else:
        raise AssertionError("the rotation never came to its end")


async def test_a_damaged_agenda_is_named_and_left_alone(home: Home) -> None:
    path = home.paths.agenda_file
    path.parent.mkdir(parents=True)
    path.write_text('{"format": 1, "rotations": [{}]}')
    path.chmod(0o600)
    agenda = AgendaFile(path)
    with pytest.raises(StoreUnreadable, match=r"agenda\.json is damaged"):
        agenda.reviewed(home.clock())
    assert path.read_text() == '{"format": 1, "rotations": [{}]}'
