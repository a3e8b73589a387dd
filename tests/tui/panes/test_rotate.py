"""Rotating a key in the pane: pasted, checked, taken over, revoked; interrupted and gone on with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from keytui.domain.secrets import Secret
from keytui.tui.screens.news import remind
from tests.support.platform_owner import Owner
from tests.tui.panes.keys_stage import KeysStage, keys_pane


@asynccontextmanager
async def owned(**options: object) -> AsyncIterator[tuple[KeysStage, Owner]]:
    async with keys_pane(**options) as stage:
        handed = await stage.services.practice_keys()
        owner = Owner(handed.base_url, handed.admin_key)
        yield stage, owner
        owner.close()


async def rotate(stage: KeysStage, key: str) -> None:
    await stage.press("r")
    await stage.until("Rotate practice")
    await stage.paste(key)
    await stage.press("enter")
    await stage.settled()


async def characters(stage: KeysStage, name: str) -> str:
    return (await stage.services.keys.secret(stage.records[name])).reveal()


@pytest.mark.parametrize("size", [(110, 32), (80, 24)])
async def test_a_key_is_rotated_from_paste_to_revocation(size: tuple[int, int]) -> None:
    async with owned(size=size) as (stage, owner):
        old, new = await characters(stage, "practice"), owner.make_key()
        await rotate(stage, f'"{new}"\n')
        await stage.hear("practice is the new key now")
        assert await characters(stage, "practice") == new
        assert await characters(stage, "practice (old)") == old
        # The status line and the next question use the new key at once.
        await stage.until(f"practice ····{new[-4:]}")
        owner.revoke(old)
        await stage.press("alt+2")
        await stage.type("What is a token?")
        await stage.press("enter")
        await stage.until("practice answer", "billed")
        await stage.press("alt+1", "r")
        await stage.until("The old key of practice", f"…{old[-4:]}")
        await stage.press("enter")
        await stage.hear("The rotation of practice is done")
        assert set(stage.records) == {"practice"}


async def test_an_old_key_that_still_works_is_not_believed_to_be_revoked() -> None:
    async with owned() as (stage, owner):
        await rotate(stage, owner.make_key())
        await stage.hear("practice is the new key now")
        await stage.press("r")
        await stage.until("The old key of practice")
        await stage.press("enter")
        await stage.until("The old key still works")
        await stage.press("escape")
        await stage.settled()
        assert "practice (old)" in stage.records


async def test_a_refused_new_key_leaves_the_old_one_in_use_and_can_be_taken_away() -> None:
    async with owned() as (stage, _):
        old = await characters(stage, "practice")
        await rotate(stage, "sk-proj-" + "aB3dE6gH9jT3BlbkFJ" * 6)
        await stage.hear("was refused, so practice is still the old one")
        await stage.press("r")
        await stage.until("Rotating practice", "Delete the new key here")
        await stage.press("down", "enter")
        await stage.when(lambda: set(stage.records) == {"practice"}, "the old key alone")
        assert await characters(stage, "practice") == old


async def test_what_is_due_is_said_once_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async with owned() as (stage, owner):
        await rotate(stage, owner.make_key())
        await stage.hear("practice is the new key now")
        [rotation] = stage.services.agenda.rotations()
        stage.services.agenda.keep(replace(rotation, until=stage.services.now() - timedelta(days=1)))
        remind(stage.app.screen)
        await stage.hear("The old key of “practice” is to be revoked now")
        await stage.press("r")
        await stage.until("It was to be kept until")
        await stage.press("down", "enter")
        await stage.until("How long is the old key of practice kept?")
        await stage.fill("until", "2099-01-01")
        await stage.press("enter")
        await stage.settled()
        [rotation] = stage.services.agenda.rotations()
        assert rotation.until.year in (2098, 2099)


@pytest.mark.parametrize("size", [(110, 32), (80, 24)])
async def test_an_admin_key_makes_the_new_key_and_revokes_the_old_one(size: tuple[int, int]) -> None:
    async with owned(size=size) as (stage, owner):
        await stage.services.keys.add(
            replace(stage.records["practice"], id="", name="till"), Secret(owner.make_key("till"))
        )
        stage.pane.told(stage.records["till"])
        old = await characters(stage, "till")
        await stage.press("r")
        await stage.until("Rotate till", "ctrl+o")
        await stage.press("ctrl+o")
        await stage.until("The new key of till", "sk-svcacct-", "never used; ends", "does not tell")
        await stage.fill("scopes", "api.model.read, api.model.request, api.responses.write")
        await stage.press("enter")
        await stage.hear("till is the new key now")
        new = await characters(stage, "till")
        assert (new != old, await characters(stage, "till (old)")) == (True, old)
        await stage.when(lambda: stage.services.agenda.rotations()[0].end_set)
        assert owner.listed()[old[-4:]]["expires_at"] is not None
        # Ended before the platform was told, the next look at the old key offers that.
        [rotation] = stage.services.agenda.rotations()
        stage.services.agenda.keep(replace(rotation, end_set=False))
        await stage.press("r")
        await stage.until("The old key of till", "Let it end by itself then")
        await stage.press("down", "enter")
        await stage.hear("The old key ends by itself on")
        assert stage.services.agenda.rotations() == (rotation,)
        await stage.press("r")
        await stage.until("The old key of till", "Revoke it now")
        await stage.press("enter")
        await stage.until("Revoke the old key of till", "Nobody used it")
        await stage.press("y")
        await stage.hear("The rotation of till is done")
        assert old[-4:] not in owner.listed()
        assert set(stage.records) == {"practice", "till"}
