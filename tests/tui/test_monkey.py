"""A monkey at the keyboard: short rounds at the two usual sizes; ``python -m tests.monkey`` is the long one."""

from __future__ import annotations

import pytest

from tests.monkey import SIZES, round_of


@pytest.mark.parametrize("size", SIZES[:2], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_random_keys_do_no_harm(size: tuple[int, int]) -> None:
    _, pressed = await round_of(150, seed=20 + size[1], size=size)
    assert len(pressed) == 150
