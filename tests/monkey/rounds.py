"""One round of the monkey.

It knows the bindings of what has the focus and presses them more often than letters; it pastes, resizes, lets requests
fail, wait and break off, and once ends the engine's process. A round ends with a complaint when the app crashes or
ends, fails where nobody sees it, keeps a key waiting or stands still for a second, shows or writes a practice key where
nobody asked for it, or holds more in the end than when it had begun.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from textual import events
from textual.app import App

from tests.monkey.faults import LATE, faulty_network
from tests.monkey.watch import Busy, Held, at_work, unseen_failures
from tests.support.keyboard import dealt_with, press, resize
from tests.support.stage import Stage, on_stage

OTHERS = ((20, 5), (1, 1), (200, 60), (60, 18))
"""Sizes that a round visits for a few keys."""
LEAVING = {"ctrl+q", "f10", "ctrl+z"}
"""Keys that end or suspend the app: those are tried elsewhere."""
ALWAYS = (
    "enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "space",
    "backspace", "ctrl+p", "f1", "f2", "alt+1", "alt+2", "alt+3", "alt+4", "1", "2", "3", "4", "question_mark",
)  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
PASTES = (
    "",
    "two\nlines",
    "\x1b[2J\u202e\x00\x07",
    "👩‍👩‍👧 漢字 é",
    "x" * 20_000,
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "sk-abc",
)
BUSY = 1.0
"""Seconds of work without a pause that count as a hang."""


@dataclass(slots=True)
class Report:
    """How a round went."""

    pressed: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """Screens that were in front, by the names of their classes."""
    busy: float = 0.0
    """Longest time that the app's loop did not come round, in seconds."""
    slowest: float = 0.0
    """Longest time until a key was dealt with, in seconds."""
    begun: Held | None = None
    """What was held after the first tenth of the keys."""
    ended: Held | None = None
    """What was held at the end, back on the main screen."""

    def __str__(self) -> str:
        assert self.begun is not None
        assert self.ended is not None
        return (
            f"{len(self.pressed)} keys on {len(self.seen)} screens; loop held for {self.busy * 1e3:.0f} ms at most, "
            f"a key for {self.slowest * 1e3:.0f} ms; from {self.begun} to {self.ended}"
        )


async def round_of(keys: int, *, seed: int, size: tuple[int, int], faults: float = 0.2) -> Report:
    """One round.

    Raises whatever the app raises, or what else is wrong, with the last keys in a note.
    """
    chance, report = random.Random(seed), Report()
    try:
        async with _watched(size, report) as watched:
            with faulty_network(random.Random(seed), faults):
                for number in range(keys):
                    if number == keys // 10:
                        await _come_back(watched.stage)
                        report.begun = Held.now(watched.stage.app)
                    if number == keys // 2:
                        watched.end_engine()
                    await _do_something(watched, chance, report, size)
                    watched.complain(thoroughly=number % 20 == 0)
            await _come_back(watched.stage)
            report.ended = Held.now(watched.stage.app)
            watched.complain(thoroughly=True)
            watched.complain_of_files(Path.home())
    except BaseException as error:
        error.add_note(f"seed {seed}, {size}, after {len(report.pressed)} keys: … {' '.join(report.pressed[-40:])}")
        raise
    assert report.begun is not None
    if grown := report.ended.more_than(report.begun):
        raise AssertionError(f"seed {seed}, {size}, {len(report.pressed)} keys have left behind: {grown}")
    return report


class _Watched:
    """The app, its secrets, and whoever watches over them."""

    def __init__(self, stage: Stage, secrets: list[str], busy: Busy, failures: list[str], report: Report) -> None:
        self.stage, self.busy, self.report = stage, busy, report
        self._secrets, self._failures = secrets, failures
        self._at_work = ""

    def end_engine(self) -> None:
        """Once in a round the engine's process, and the practice service in it, ends by itself."""
        engine = self.stage.services._engine
        if engine is not None and engine.pid is not None:
            os.kill(engine.pid, signal.SIGKILL)

    def look(self) -> None:
        """See what a key is waiting for."""
        self._at_work = at_work()

    def complain(self, *, thoroughly: bool) -> None:
        """Raise what is wrong."""
        self.report.busy = self.busy.longest
        self.report.seen.add(type(self.stage.app.screen).__name__)
        if self.stage.app._exception is not None:
            raise self.stage.app._exception
        if self.report.busy > BUSY:
            raise AssertionError(f"the app was busy for {self.report.busy:.1f} s: {self.busy.where}")
        if self.report.slowest > BUSY:
            raise AssertionError(f"a key was dealt with after {self.report.slowest:.1f} s; {self._at_work}")
        if self._failures:
            raise AssertionError(f"failed unseen: {'; '.join(self._failures)}")
        if not thoroughly or any("Reveal" in type(screen).__name__ for screen in self.stage.app.screen_stack):
            return
        text = self.stage.text().replace("\n", "")
        if any(secret in text for secret in self._secrets):
            raise AssertionError("a practice key is on the screen")

    def complain_of_files(self, folder: Path) -> None:
        """Raise when a secret was written anywhere."""
        for file in folder.rglob("*"):
            if file.is_file() and any(secret.encode() in file.read_bytes() for secret in self._secrets):
                raise AssertionError(f"a practice key is in {file}")


@asynccontextmanager
async def _watched(size: tuple[int, int], report: Report) -> AsyncIterator[_Watched]:
    with unseen_failures() as failures:
        async with on_stage(size=size, rate=100_000) as stage:
            await stage.when(lambda: stage.services.keys.active() is not None, "the practice key")
            # The palette leaves the app in words; that is tried elsewhere as well.
            stage.app.exit = lambda *_, **__: None  # type: ignore[method-assign]
            handed = await stage.services.practice_keys()
            busy = Busy()
            busy.start()
            try:
                yield _Watched(stage, [handed.api_key, handed.admin_key], busy, failures, report)
            finally:
                busy.end()


async def _come_back(stage: Stage) -> None:
    """Leave whatever is open, as a user would, and let what was begun come to its end."""
    for _ in range(20):
        if len(stage.app.screen_stack) == 1:
            break
        await press(stage.pilot, "escape")
    while len(stage.app.screen_stack) > 1:
        stage.app.pop_screen()
        await dealt_with(stage.pilot)
    # A conversation may hold much that was pasted: that is no leak.
    await press(stage.pilot, "alt+2", "ctrl+n")
    await asyncio.sleep(2 * LATE)


async def _do_something(watched: _Watched, chance: random.Random, report: Report, size: tuple[int, int]) -> None:
    stage, kind, begun = watched.stage, chance.random(), watched.busy.clock()
    late = asyncio.get_running_loop().call_later(BUSY * 0.7, watched.look)
    if kind < 0.01:
        other = chance.choice((*OTHERS, size, size))
        report.pressed.append(f"{other[0]}x{other[1]}")
        await resize(stage.pilot, *other)
    elif kind < 0.03:
        text = chance.choice(PASTES)
        report.pressed.append(f"paste({text[:8]!a})")
        stage.app.post_message(events.Paste(text))
        await dealt_with(stage.pilot)
    else:
        key = _next_key(stage.app, chance)
        report.pressed.append(key)
        await press(stage.pilot, key)
    late.cancel()
    report.slowest = max(report.slowest, watched.busy.clock() - begun)
    if chance.random() < 0.05:
        # Now and then there is time for what was begun to end.
        await asyncio.sleep(0.05)


def _next_key(app: App[object], chance: random.Random) -> str:
    known = [key for key, active in app.screen.active_bindings.items() if active.enabled and key not in LEAVING]
    kind = chance.random()
    if kind < 0.45 and known:
        return chance.choice(sorted(known))
    if kind < 0.8:
        return chance.choice(ALWAYS)
    return chance.choice(LETTERS)
