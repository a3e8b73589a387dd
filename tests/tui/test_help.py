"""Help: the words of the place in sight, and the keys that work there, from panes and from dialogs."""

from __future__ import annotations

import pytest

from tests.support.stage import on_stage


@pytest.mark.parametrize("size", [(110, 32), (80, 24)])
async def test_f1_explains_the_place_and_its_keys_and_leads_on(size: tuple[int, int]) -> None:
    async with on_stage(size=size) as stage:
        await stage.ready()
        await stage.press("f1")
        await stage.until("Draft", "Write your message here", "esc closes · w explains more: tokens and prices")
        await stage.press("end")
        await stage.until("Keys everywhere", "To the Costs pane.", "Leave keytui; nothing is lost.")
        await stage.press("w")
        await stage.until("Tokens and prices", "4 of 9")
        await stage.press("escape")
        await stage.until("Write a message")


async def test_escape_closes_the_help_before_it_does_anything_else() -> None:
    async with on_stage() as stage:
        await stage.press("f1")
        await stage.until("Write your message here", "esc closes")
        await stage.press("escape")
        await stage.until("enter send", "esc panes")
        assert "Write your message here" not in stage.text()


async def test_f1_explains_a_dialog_without_leaving_it() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.press("alt+3")
        await stage.until("Nothing has been booked yet.", "c caps")
        await stage.press("c")
        await stage.until("Caps", "each month")
        await stage.press("f1")
        await stage.until("The platform's limits.", "w explains more: surprises on the bill")
        await stage.press("f1")
        await stage.until("each month")
