"""The walk with an admin key, where there are few colours or none: by keys alone, told by signs and words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.support.terminal import Terminal
from tests.tui.test_setup_walk import MOST_KEYSTROKES

MANY = re.compile(rb"\x1b\[[0-9;]*[34]8;[25];([0-9;]+)m")
"""A colour out of 256 or of 16 million."""
FEW = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[1-6]|4[1-6]|9[1-6]|10[1-6])m")
"""One of the sixteen that is no grey."""


@pytest.mark.parametrize(
    ("environment", "unwanted"),
    [({"TERM": "linux"}, MANY), ({"NO_COLOR": "1"}, FEW)],
    ids=["16 colours", "no colour"],
)
def test_the_automatic_path_by_keys_alone(
    terminal: Callable[..., Terminal], environment: dict[str, str], unwanted: re.Pattern[bytes]
) -> None:
    pressed = 0
    with terminal("setup", "--practice", environment=environment, columns=80, rows=24) as screen:
        for seen, *keys in (
            ("› Let me practise first", "down", "down", "down"),
            ("› I own the organisation", "enter"),
            ("Enough: gpt-6-luna", "enter"),
            ("To the admin key", "enter"),
            ("Look first", "enter"),
            ("Make it", "enter"),
            ("✓ works", "enter"),
            ("up to $", "enter"),
            ("billed", "enter"),
            ("keytui exec -k keytui -- your-program", "enter"),
        ):
            screen.wait_for(seen)
            screen.press(*keys)
            pressed += len(keys)
        screen.wait_for("month")
        screen.press("ctrl+q")
        assert screen.wait_exit() == 0
        assert pressed <= MOST_KEYSTROKES
        assert not unwanted.search(screen.raw)
