"""The review in the pane: beside each key what was found, why, and the key to press."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keytui.domain.review import EVERY
from tests.tui.panes.keys_stage import keys_pane


@pytest.mark.parametrize("size", [(110, 32), (80, 24)])
async def test_findings_stand_beside_the_key_with_the_key_to_press(size: tuple[int, int]) -> None:
    async with keys_pane(size=size) as stage:
        record = stage.records["practice"]
        await stage.services.keys.replace(replace(record, expires=stage.services.now() + timedelta(days=3)))
        stage.pane.told()
        await stage.until("decide: “practice” expires on", "r: Make its successor now", "! 1")


async def test_files_are_looked_into_only_when_asked(sealed: Path) -> None:
    async with keys_pane() as stage:
        secret = await stage.services.keys.secret(stage.records["practice"])
        (sealed / ".bashrc").write_text(f"export OPENAI_API_KEY={secret.reveal()}\n")
        await stage.press("w")
        await stage.hear("2 findings", "The platform was asked, too", "shift+w looks into")
        await stage.until("has no spend limit", "o: Set a spend limit for the project")
        assert ".bashrc" not in stage.text()
        await stage.press("W")
        text = await stage.until("do now: “practice” is also in clear", "~/.bashrc")
        assert secret.reveal()[10:24] not in text
        # It stays known when the list is read again, until the next look.
        stage.pane.told()
        await stage.until("is also in clear")
        (sealed / ".bashrc").unlink()
        await stage.press("W")
        await stage.when(lambda: ".bashrc" not in stage.text(), "no finding")


async def test_a_review_sets_the_day_of_the_next_and_its_reminder() -> None:
    async with keys_pane() as stage:
        await stage.press("w")
        await stage.hear("Next review")
        following = stage.services.agenda.next_review()
        assert timedelta(0) <= stage.services.now() + EVERY - following < timedelta(minutes=5)
        stage.app._notifications.clear()
        stage.app.screen._remind()
        await stage.pilot.pause()
        assert stage.said == ""
        stage.services.agenda.reviewed(stage.services.now())
        stage.app.screen._remind()
        await stage.hear("due for a review: press w")
