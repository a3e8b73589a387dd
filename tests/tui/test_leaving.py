"""What is kept when one leaves."""

from __future__ import annotations

import pytest

from keytui.adapters import paths
from keytui.adapters.conversations import SqliteConversations
from keytui.tui.panes.playground import drafting
from tests.support.stage import on_stage


@pytest.mark.parametrize("way", ["ctrl+q", "Leave practice"])
async def test_what_was_typed_a_moment_before_leaving_is_kept(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "SAVE_EVERY", 600.0)
    async with on_stage() as stage:
        await stage.ready()
        await stage.type("at last")
        if way == "ctrl+q":
            await stage.press(way)
        else:
            await stage.press("ctrl+p")
            await stage.until("Search for")
            await stage.type(way)
            await stage.until("keytui starts again on your own keys")
            await stage.press("enter")
        await stage.when(lambda: not stage.app.is_running, "the end")
    store = SqliteConversations(paths.find(practice=True).database)
    assert store.draft(None) == "at last"
    store.close()
