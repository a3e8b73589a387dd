"""A monkey at the keyboard: short rounds at three sizes; ``python -m tests.monkey`` is the long one."""

from __future__ import annotations

import os
import random

import pytest

from tests.monkey import SIZES, round_of
from tests.support.stage import on_stage

SEED = int(os.environ.get("MONKEY_SEED", random.randrange(1_000_000)))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_random_keys_do_no_harm(size: tuple[int, int]) -> None:
    # A failure tells its seed; MONKEY_SEED=… plays it again.
    report = await round_of(100, seed=SEED, size=size)
    assert len(report.pressed) == 100


async def test_the_palette_takes_its_keys_where_it_has_no_room() -> None:
    async with on_stage(size=(1, 1)) as stage:
        await stage.press("ctrl+p", "down", "pagedown", "pageup", "end", "pagedown", "escape")
        await stage.pilot.resize_terminal(80, 24)
        await stage.until("Playground")


async def test_the_palette_opens_over_a_dialog_that_came_over_the_palette() -> None:
    async with on_stage() as stage:
        await stage.ready()
        await stage.press("ctrl+p")
        stage.app.action_help()  # as whatever ends by itself meanwhile
        await stage.when(lambda: len(stage.app.screen_stack) == 3, "the dialog")
        await stage.press("ctrl+p")
        assert len(stage.app.screen_stack) == 4
        await stage.press("escape", "escape", "escape")
        await stage.when(lambda: len(stage.app.screen_stack) == 1, "the main screen")
