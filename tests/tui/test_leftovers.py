"""Dialogs that were closed are gone, with all that was drawn of them."""

from __future__ import annotations

import gc

import pytest
from textual._styles_cache import StylesCache

from keytui.tui.private import leftovers
from tests.support.stage import Stage, on_stage


async def test_a_closed_dialog_leaves_nothing_behind() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await _open_and_close(stage)
        before = _kept(stage)
        for _ in range(3):
            await _open_and_close(stage)
        # A screen is taken apart a little after it is closed.
        await stage.when(lambda: _kept(stage) <= before, "the dialogs to be gone")


async def test_it_is_let_go_when_nobody_types_and_at_the_latest_after_half_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.when(gc.isenabled, "the end of the start")
        moment, collections, young = [1_000.0], [0], [0]
        monkeypatch.setattr(leftovers, "monotonic", lambda: moment[0])
        monkeypatch.setattr(leftovers, "_young", lambda: young[0])
        monkeypatch.setattr(leftovers.gc, "collect", lambda: collections.append(0))
        app = stage.app
        app._tidy()
        collections.clear()

        async def after(seconds: float, *keys: str) -> int:
            moment[0] += seconds
            await stage.press(*keys)
            app._look_for_calm()
            return len(collections)

        # Nothing was made: nothing is done, however long it takes.
        assert await after(0) == 0
        assert await after(100) == 0
        # A dialog was closed: it is let go a little later.
        assert await after(1, "ctrl+p", "escape") == 0
        assert await after(1) == 0
        assert await after(1) == 1
        assert await after(100) == 1
        # Much was made while somebody types all the time: not before they stop …
        young[0] += 1
        assert [await after(1, "a") for _ in range(20)] == [1] * 20
        assert await after(0.6) == 2
        # … or for half a minute at most, dialogs opened and closed meanwhile included.
        young[0] += 1
        assert [await after(1, "ctrl+p", "escape") for _ in range(30)] == [2] * 30
        assert await after(1, "a") == 3


async def _open_and_close(stage: Stage) -> None:
    await stage.press("ctrl+o")
    await stage.until("No conversations yet")
    await stage.press("escape")
    await stage.when(lambda: len(stage.app.screen_stack) == 1)


def _kept(stage: Stage) -> int:
    """How many widgets' drawn rows there are."""
    stage.app._tidy()
    return sum(isinstance(one, StylesCache) for one in gc.get_objects())
