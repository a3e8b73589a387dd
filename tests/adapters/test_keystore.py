from __future__ import annotations

import asyncio
import json
import stat
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from keytui.adapters.keystore import Keys
from keytui.adapters.keystore.index import KeyIndex
from keytui.adapters.vault.encrypted_file import FileVault
from keytui.domain.keys import KeyKind, KeyState, Place, StoreUnreadable, VaultLocked, VaultTrouble
from keytui.domain.secrets import Secret
from keytui.domain.vaults import KeyGone, NameTaken
from tests.adapters.keys_support import CHEAP, PASSPHRASE, Home, secret


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


async def test_a_kept_key_is_there_for_the_next_process(home: Home) -> None:
    kept = await (await home.open()).add(
        home.record("work", monthly_cap=Decimal("7.50"), note="for the shop", expires=home.clock()), secret("work")
    )
    again = await home.open()
    assert again.records() == (kept,)
    assert again.active() == kept
    assert await again.secret(kept) == secret("work")
    assert kept.last4 == "6789"


async def test_the_index_holds_no_secret_and_is_the_owners_alone(home: Home) -> None:
    await (await home.open()).add(home.record("work"), secret("work"))
    assert "secret-of" not in home.paths.keys_file.read_text()
    assert stat.S_IMODE(home.paths.keys_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.paths.data.stat().st_mode) == 0o700


async def test_a_key_of_this_session_leaves_no_trace(home: Home) -> None:
    keys = await home.open()
    kept = await keys.add(home.record("brief", Place.SESSION), secret("brief"))
    assert keys.active() == kept
    assert await keys.secret(kept) == secret("brief")
    assert not home.paths.keys_file.exists()
    other = await home.open()
    assert other.records() == ()
    with pytest.raises(KeyGone):
        await other.secret(kept)


async def test_names_are_given_once(home: Home) -> None:
    keys = await home.open()
    await keys.add(home.record("work"), secret("work"))
    brief = await keys.add(home.record("brief", Place.SESSION), secret("brief"))
    for record in (home.record("work"), home.record("work", Place.SESSION), home.record("brief")):
        with pytest.raises(NameTaken, match="already"):
            await keys.add(record, secret("other"))
    with pytest.raises(NameTaken):
        await keys.replace(replace(brief, name="work"))
    assert [record.name for record in keys.records()] == ["work", "brief"]


async def test_the_first_key_that_can_be_used_is_active_until_another_is_chosen(home: Home) -> None:
    keys = await home.open()
    await keys.add(replace(home.record("boss"), kind=KeyKind.ADMIN), secret("boss"))
    assert keys.active() is None
    work = await keys.add(home.record("work"), secret("work"))
    rest = await keys.add(home.record("rest"), secret("rest"))
    assert keys.active() == work
    keys.activate(rest.id)
    assert (await home.open()).active() == rest
    await keys.forget(rest.id)
    assert keys.active() == work
    with pytest.raises(VaultTrouble, match="no such key"):
        keys.activate("unknown")


async def test_forgetting_deletes_the_characters_and_their_copy(home: Home) -> None:
    keys = await home.open()
    kept = await keys.add(home.record("work"), secret("work"))
    await keys.forget(kept.id)
    assert keys.records() == ()
    assert await home.ids_in("vault") == await home.ids_in("vault.bak") == set()
    with pytest.raises(KeyGone):
        await keys.secret(kept)


@pytest.mark.parametrize("there", [Place.FILE, Place.KEYRING, Place.SESSION])
@pytest.mark.parametrize("back", [Place.FILE, Place.KEYRING, Place.SESSION])
async def test_a_key_can_be_moved_anywhere_and_is_in_one_place_only(home: Home, there: Place, back: Place) -> None:
    keys = await home.open()
    kept = await keys.add(home.record("work", there), secret("work"))
    moved = await keys.move(kept.id, back)
    assert (moved.place, moved.id) == (back, kept.id)
    assert keys.records() == (moved,)
    assert keys.active() == moved
    assert await keys.secret(moved) == secret("work")
    assert [kept.id in await home.ids_in(name) for name in ("vault", "other")] == [
        back is Place.FILE,
        back is Place.KEYRING,
    ]


async def test_what_two_keytui_change_of_one_key_is_both_kept(home: Home) -> None:
    here, there = await home.open(), await home.open()
    kept = await here.add(home.record("work"), secret("work"))
    seen_there = there.records()[0]
    await here.replace(replace(kept, name="shop"))
    # The other one still holds the record as it was before the renaming, also after it has read the list again.
    there.records()
    await there.replace(replace(seen_there, state=KeyState.WORKS, verified=home.clock()))
    merged = here.records()[0]
    assert (merged.name, merged.state, merged.verified) == ("shop", KeyState.WORKS, home.clock())


async def test_use_is_noted_once_an_hour(home: Home) -> None:
    keys = await home.open()
    kept = await keys.add(home.record("work"), secret("work"))
    await keys.used(kept.id)
    first = keys.records()[0].last_used
    home.clock.move(minutes=59)
    await keys.used(kept.id)
    assert keys.records()[0].last_used == first == kept.created
    home.clock.move(minutes=1)
    await keys.used(kept.id)
    assert keys.records()[0].last_used == home.clock()


async def test_fields_of_a_later_version_are_kept(home: Home) -> None:
    keys = await home.open()
    kept = await keys.add(home.record("work"), secret("work"))
    document = home.index()
    document["colour"] = "green"
    document["keys"][0]["owner"] = {"name": "Ada"}
    document["pending"] = [{"work": "painted"}]
    home.paths.keys_file.write_text(json.dumps(document))
    await keys.replace(replace(kept, name="shop"))
    assert await keys.heal() == ()
    after = home.index()
    assert (after["colour"], after["keys"][0]["owner"]) == ("green", {"name": "Ada"})
    assert (after["keys"][0]["name"], after["pending"]) == ("shop", [{"work": "painted"}])


def damaged(home: Home, text: str, replacement: str) -> bytes:
    whole = home.paths.keys_file.read_text()
    assert text in whole
    raw = whole.replace(text, replacement).encode()
    home.paths.keys_file.write_bytes(raw)
    return raw


@pytest.mark.parametrize(
    ("text", "replacement", "reason"),
    [
        ('"pending"', "pending", "line 7: Expecting property name"),
        ('"kind": "project"', '"kind": "magic"', "line 5: “kind” is “magic”"),
        ('"place": "file",', '"place": "moon",', "“place” is “moon”"),
        ('"name": "work", ', "", "“name” is missing"),
        ('"created": "2026', '"created": "soon', "“created” is not a date"),
        ('"version": 1', '"version": 99', "newer keytui"),
        ('"keys": [', '"keys": 1, "x": [', "“keys” is not a list"),
    ],
)
async def test_an_unreadable_index_is_named_by_line_and_never_overwritten(
    home: Home, text: str, replacement: str, reason: str
) -> None:
    keys = await home.open()
    kept = await keys.add(home.record("work"), secret("work"))
    raw = damaged(home, text, replacement)
    with pytest.raises(StoreUnreadable, match=reason):
        keys.records()
    for attempt in (keys.add(home.record("new"), secret("new")), keys.forget(kept.id), keys.heal()):
        with pytest.raises(StoreUnreadable):
            await attempt
    assert home.paths.keys_file.read_bytes() == raw
    assert await home.ids_in("vault") == {kept.id}
    # What needs no list goes on: a key for this session.
    brief = await keys.add(home.record("brief", Place.SESSION), secret("brief"))
    assert keys.active() == brief
    assert await keys.secret(brief) == secret("brief")


async def test_a_vault_that_refuses_leaves_no_key_and_no_mark(home: Home) -> None:
    keys = await home.open()
    keys._vaults[Place.FILE].lock()  # type: ignore[attr-defined]
    with pytest.raises(VaultLocked, match="passphrase"):
        await keys.add(home.record("work"), secret("work"))
    assert (home.index()["keys"], home.index()["pending"]) == ([], [])


async def test_a_full_disk_says_so_and_keeps_what_was_there(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = await home.open()
    kept = await keys.add(home.record("work"), secret("work"))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("keytui.adapters.keystore.index.write_private", full)
    with pytest.raises(VaultTrouble, match="No space left"):
        await keys.add(home.record("more"), secret("more"))
    assert keys.records() == (kept,)


class _Killed(BaseException):
    """The process ends here; nothing but the disk outlives it."""


class _Killer:
    """Ends the process at the nth of the moments around each write to the disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
        from keytui.adapters import files

        self.left = moment
        real = files.write_private

        def write(path: Path, data: bytes, **more: Path | None) -> None:
            self.tick()
            real(path, data, **more)
            self.tick()

        monkeypatch.setattr("keytui.adapters.keystore.index.write_private", write)
        monkeypatch.setattr("keytui.adapters.vault.encrypted_file.write_private", write)

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise _Killed


@pytest.mark.parametrize("moment", range(1, 7))
async def test_killed_while_adding_the_key_is_whole_or_not_there(
    home: Home, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    keys = await home.open()
    before = await keys.add(home.record("before"), secret("before"))
    with monkeypatch.context() as dying:
        _Killer(dying, moment)
        with pytest.raises(_Killed):
            await keys.add(home.record("work"), secret("work"))
    home.clock.move(minutes=11)
    after = await home.open()
    said = await after.heal()
    assert len(said) == (1 if 2 <= moment <= 5 else 0)
    names = [record.name for record in after.records()]
    assert names == (["before", "work"] if moment >= 4 else ["before"])
    assert {record.id for record in after.records()} == await home.ids_in("vault")
    for record in after.records():
        assert await after.secret(record) == secret(record.name)
    assert after.active() == before
    assert await after.heal() == ()
    assert home.index()["pending"] == []


@pytest.mark.parametrize("moment", range(1, 9))
async def test_killed_while_forgetting_the_key_is_whole_or_gone(
    home: Home, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    keys = await home.open()
    kept = await keys.add(home.record("work"), secret("work"))
    with monkeypatch.context() as dying:
        _Killer(dying, moment)
        with pytest.raises(_Killed):
            await keys.forget(kept.id)
    home.clock.move(minutes=11)
    after = await home.open()
    said = await after.heal()
    assert len(said) == (1 if 2 <= moment <= 7 else 0)
    assert [record.id for record in after.records()] == ([kept.id] if moment == 1 else [])
    assert await home.ids_in("vault") == ({kept.id} if moment == 1 else set())


@pytest.mark.parametrize("moment", range(1, 13))
async def test_killed_while_moving_the_key_is_in_exactly_one_place(
    home: Home, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    keys = await home.open()
    kept = await keys.add(home.record("work"), secret("work"))
    with monkeypatch.context() as dying:
        _Killer(dying, moment)
        with pytest.raises(_Killed):
            await keys.move(kept.id, Place.KEYRING)
    home.clock.move(minutes=11)
    after = await home.open()
    await after.heal()
    (record,) = after.records()
    assert await after.secret(record) == secret("work")
    there = [await home.ids_in("vault"), await home.ids_in("other")]
    assert there == ([{kept.id}, set()] if record.place is Place.FILE else [set(), {kept.id}])
    assert (record.place is Place.KEYRING) == (moment >= 6)
    assert home.index()["pending"] == []


async def test_work_of_a_living_process_is_left_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = await home.open()
    with monkeypatch.context() as dying:
        _Killer(dying, 4)
        with pytest.raises(_Killed):
            await keys.add(home.record("work"), secret("work"))
    assert await (await home.open()).heal() == ()
    assert len(home.index()["pending"]) == 1


async def test_a_key_half_stored_in_a_locked_file_waits_for_the_passphrase(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = await home.open()
    with monkeypatch.context() as dying:
        _Killer(dying, 4)
        with pytest.raises(_Killed):
            await keys.add(home.record("work"), secret("work"))
    home.clock.move(minutes=11)
    after = await home.open()
    after._vaults[Place.FILE].lock()  # type: ignore[attr-defined]
    (said,) = await after.heal()
    assert "locked" in said
    from tests.adapters.keys_support import PASSPHRASE

    await after.unlock(PASSPHRASE)
    assert "it is safe" in (await after.heal())[0]
    assert [record.name for record in after.records()] == ["work"]


async def test_an_older_file_put_back_is_told_once(home: Home) -> None:
    keys = await home.open()
    await keys.add(home.record("one"), secret("one"))
    older = home.paths.vault_file.read_bytes()
    await keys.change_passphrase(Secret("another one"))
    home.paths.vault_file.write_bytes(older)
    again = Keys(home.paths, {Place.FILE: FileVault(home.paths.vault_file, cost=CHEAP)}, home.clock)
    said = await again.unlock(PASSPHRASE)
    assert "older one than keytui wrote last" in said
    assert "earlier passphrase" in said
    assert await (await home.open()).unlock(PASSPHRASE) == ""
    # What is written from now on is counted from there.
    await again.add(home.record("two"), secret("two"))
    assert await (await home.open()).unlock(PASSPHRASE) == ""


async def test_many_tasks_at_once_lose_nothing(home: Home) -> None:
    here, there = await home.open(), await home.open()
    await asyncio.gather(
        *(here.add(home.record(f"here {n}"), secret(f"here {n}")) for n in range(10)),
        *(there.add(home.record(f"there {n}"), secret(f"there {n}")) for n in range(10)),
    )
    records = (await home.open()).records()
    assert {record.name for record in records} == {f"{who} {n}" for who in ("here", "there") for n in range(10)}
    for record in records:
        assert await here.secret(record) == secret(record.name)


async def test_an_empty_place_is_no_reason_to_fail(home: Home) -> None:
    keys = await home.open()
    assert (keys.records(), keys.active(), await keys.heal()) == ((), None, ())
    assert KeyIndex(home.paths.keys_file).read()["keys"] == []
    assert [report.place for report in await keys.places()] == [Place.FILE, Place.FILE, Place.SESSION]
    assert not home.paths.keys_file.exists()


def test_a_secret_of_another_name_is_another_secret() -> None:
    assert secret("a") != secret("b") != Secret("")
