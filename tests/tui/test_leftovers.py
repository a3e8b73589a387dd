"""Dialogs that were closed are gone, with all that was drawn of them."""

from __future__ import annotations

import gc

from textual._styles_cache import StylesCache

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


async def _open_and_close(stage: Stage) -> None:
    await stage.press("ctrl+o")
    await stage.until("No conversations yet")
    await stage.press("escape")
    await stage.when(lambda: len(stage.app.screen_stack) == 1)


def _kept(stage: Stage) -> int:
    """How many widgets' drawn rows there are."""
    stage.app._tidy()
    return sum(isinstance(one, StylesCache) for one in gc.get_objects())
