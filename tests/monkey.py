"""Random keys all over the app, on the practice service: ``python -m tests.monkey [KEYS [SEED]]``.

It knows the bindings of what has the focus and presses them more often than letters. A round ends with a complaint when
the app crashes or ends, does not come back from a key, or shows the practice key where nobody asked for it.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from textual.app import App

from tests.support.stage import Stage, on_stage

SIZES = ((110, 32), (80, 24), (40, 12))
LEAVING = {"ctrl+q", "f10", "ctrl+z"}
"""Keys that end or suspend the app: those are tried elsewhere."""
ALWAYS = (
    "enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "space",
    "backspace", "ctrl+p", "f1", "f2", "alt+1", "alt+2", "alt+3", "alt+4", "1", "2", "3", "4", "question_mark",
)  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


async def round_of(keys: int, *, seed: int, size: tuple[int, int]) -> tuple[float, list[str]]:
    """One round; gives the longest time that a key took, in seconds, and the keys that were pressed.

    Raises whatever the app raises, with the last keys in a note.
    """
    chance = random.Random(seed)
    pressed: list[str] = []
    slowest = 0.0
    try:
        async with on_stage(size=size, rate=100_000) as stage:
            await stage.when(lambda: stage.services.keys.active() is not None, "the practice key")
            secret = (await stage.services.keys.secret(stage.services.keys.records()[0])).reveal()
            for number in range(keys):
                key = _next_key(stage.app, chance)
                pressed.append(key)
                begun = time.perf_counter()
                await stage.pilot.press(key)
                slowest = max(slowest, time.perf_counter() - begun)
                if stage.app._exit:
                    raise AssertionError("the app has ended")
                if number % 20 == 0:
                    _assert_hidden(stage, secret)
            _assert_hidden(stage, secret)
    except BaseException as error:
        error.add_note(f"seed {seed}, {size}, after {len(pressed)} keys: … {' '.join(pressed[-40:])}")
        raise
    return slowest, pressed


def _next_key(app: App[object], chance: random.Random) -> str:
    known = [key for key, active in app.screen.active_bindings.items() if active.enabled and key not in LEAVING]
    kind = chance.random()
    if kind < 0.45 and known:
        return chance.choice(sorted(known))
    if kind < 0.8:
        return chance.choice(ALWAYS)
    return chance.choice(LETTERS)


def _assert_hidden(stage: Stage, secret: str) -> None:
    asked_for = any("Reveal" in type(screen).__name__ for screen in stage.app.screen_stack)
    if not asked_for and secret in stage.text().replace("\n", ""):
        raise AssertionError("the practice key is on the screen")


def main(words: list[str]) -> int:
    """Run rounds at all sizes and say how they went."""
    keys, seed = int(words[0]) if words else 10_000, int(words[1]) if len(words) > 1 else 1
    for index, size in enumerate(SIZES):
        with tempfile.TemporaryDirectory(prefix="keytui-monkey-") as home:
            os.environ.update(HOME=home, KEYTUI_HOME=str(Path(home) / "keytui"))
            slowest, pressed = asyncio.run(round_of(keys // len(SIZES), seed=seed + index, size=size))
            print(f"{size[0]}x{size[1]}: {len(pressed)} keys, the slowest {slowest * 1e3:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
