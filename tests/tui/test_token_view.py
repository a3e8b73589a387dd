"""The token view, as it is used."""

from __future__ import annotations

import pytest

from keytui.tui.widgets.composer import Composer
from tests.support.stage import on_stage


@pytest.mark.parametrize("size", [(110, 32), (80, 24)])
async def test_the_draft_is_seen_token_by_token(size: tuple[int, int]) -> None:
    async with on_stage(size=size) as stage:
        await stage.ready()
        stage.app.screen.query_one(Composer).load_text("How does it work?\n\thello ✋🏽")
        await stage.press("ctrl+t")
        text = await stage.until("Draft", "o200k_base, assumed", "How·does·it·work?↵", "→hello")
        assert "token 1  id 5299  How" in text
        await stage.press("right")
        await stage.until("token 2  id 2226  ·does  bytes 20 64 6f 65 73")
        await stage.press("i")
        await stage.until("How 5299", "·does 2226")
        await stage.press("end")
        await stage.until("a part of 🏽")
        await stage.press("escape")
        await stage.until("hello ✋")


async def test_without_a_draft_it_shows_the_last_message_and_steps_to_earlier_ones() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.type("What is a token?")
        await stage.press("enter")
        await stage.until("billed")
        await stage.press("ctrl+t")
        await stage.until("gpt-6-luna  ", "practice·answer")
        await stage.press("p")
        await stage.until("You  5 tokens · 16 characters", "What·is·a·token?")
        await stage.press("n", "n")
        await stage.until("Draft  0 tokens", "There is no text here.")


async def test_the_marked_message_is_seen_token_by_token_whatever_is_in_the_draft() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.type("What is a token?")
        await stage.press("enter")
        await stage.until("billed")
        await stage.type("half a thought")
        await stage.press("ctrl+t")
        await stage.until("Draft  3 tokens")
        await stage.press("escape", "escape", "k", "k", "ctrl+t")
        await stage.until("You  5 tokens", "What·is·a·token?")
        await stage.press("escape", "j", "ctrl+t")
        await stage.until("gpt-6-luna  ", "practice·answer")


async def test_a_megabyte_is_laid_out_and_its_end_is_reached() -> None:
    async with on_stage() as stage:
        await stage.ready()
        stage.app.screen.query_one(Composer).load_text("one two three four five six seven\n" * 30_000)
        await stage.press("ctrl+t")
        await stage.until("240,000 tokens · 1,020,000 characters")
        await stage.press("end")
        await stage.until("token 240,000", "30,000     8")
