from __future__ import annotations

import pytest
from textual.command import CommandList

from keytui.tui.private.palette import Palette
from tests.support.stage import on_stage


@pytest.mark.parametrize("opened", ["action_command_palette", "search_themes"])
async def test_page_keys_where_the_list_has_no_room_move_nothing_and_end_nothing(sealed: object, opened: str) -> None:
    async with on_stage(size=(80, 24)) as stage:
        getattr(stage.app, opened)()
        await stage.until("Search for")
        found = stage.app.screen.query_one(CommandList)
        await stage.when(lambda: found.option_count > 2, "what is found")
        await stage.pilot.resize_terminal(80, 1)
        assert isinstance(stage.app.screen, Palette)
        found.highlighted = 1
        stage.app.screen._action_command_list("page_up")
        await stage.press("pageup", "pagedown")
        assert stage.app.is_running
