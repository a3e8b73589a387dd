"""The review in the pane: beside each key what was found, why, and the key to press."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from keytui.domain.review.reviewing import EVERY
from keytui.domain.usage import Usage
from keytui.tui.screens.news import remind
from tests.adapters.ledger.making import entry
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
        remind(stage.app.screen)
        await stage.pilot.pause()
        assert stage.said == ""
        stage.services.agenda.reviewed(stage.services.now())
        remind(stage.app.screen)
        await stage.hear("due for a review: press w")


async def test_real_use_tells_that_less_would_do_and_which_limit_was_hit() -> None:
    async with keys_pane(size=(110, 32)) as stage:
        record = stage.records["practice"]
        now = stage.services.now()
        await stage.services.keys.replace(
            replace(record, created=now - timedelta(days=40), monthly_cap=Decimal(50), last_used=now)
        )
        ledger = await stage.services.ledger()
        for number in range(12):
            ledger.book(entry(f"a{number}", at=now - timedelta(days=2), key_id=record.id))
            if number < 4:
                ledger.book(
                    entry(f"r{number}", at=now, key_id=record.id, usd=None, usage=Usage(), error="rate-limited")
                )
        await stage.press("w")
        await stage.until("decide: “practice” hit a rate limit 4", "o: Raise the project's rate limit")
        stage.pane.told()
        found = {finding.id: finding for finding in stage.pane.findings}
        assert found["limit-hit"].what.endswith("4 times in 30 days.")
        assert "needs no more than a cap of $5" in found["needs-less"].what
