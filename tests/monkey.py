"""Random keys all over the app, on the practice service with random faults: ``python -m tests.monkey [KEYS [SEED]]``.

It knows the bindings of what has the focus and presses them more often than letters; it pastes, resizes, and lets
requests fail. A round ends with a complaint when the app crashes or ends, is busy for a second, or shows the practice
key where nobody asked for it.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from unittest.mock import patch

import httpx2
from textual import events
from textual.app import App

from keytui.adapters.network.transport import PatientTransport
from tests.support.keyboard import dealt_with, press
from tests.support.stage import Stage, on_stage

SIZES = ((110, 32), (80, 24), (40, 12))
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

FAULTS = (
    httpx2.ConnectError("refused"), httpx2.ConnectTimeout("late"), httpx2.ReadError("cut"), httpx2.ReadTimeout("late"),
    httpx2.RemoteProtocolError("no HTTP"), 400, 401, 403, 404, 429, 500, 503, "<html>", "", "null", "[1, {", "{}",
)  # fmt: skip


class Busy(threading.Thread):
    """Watches from outside whether the app's loop comes round; counts the processor's time, not other programs'."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="monkey's watch")
        self.longest = 0.0
        self._loop, self._over = asyncio.get_running_loop(), threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.05):
            came = threading.Event()
            begun = time.process_time()
            self._loop.call_soon_threadsafe(came.set)
            while not came.wait(0.05) and not self._over.is_set():
                pass
            self.longest = max(self.longest, time.process_time() - begun)

    def end(self) -> None:
        self._over.set()
        self.join()


@contextmanager
def faulty_network(chance: random.Random, share: float) -> Iterator[None]:
    """Let this share of all requests fail, in one way or another."""
    send = PatientTransport.handle_async_request

    async def sometimes(self: PatientTransport, request: httpx2.Request) -> httpx2.Response:
        if chance.random() >= share:
            return await send(self, request)
        fault = chance.choice(FAULTS)
        if isinstance(fault, Exception):
            raise fault
        if isinstance(fault, int):
            error = {"message": "as chance has it", "code": None}
            return httpx2.Response(fault, json={"error": error}, headers={"retry-after": "1"}, request=request)
        kind = "text/html" if "<" in fault else "application/json"
        return httpx2.Response(200, text=fault, headers={"content-type": kind}, request=request)

    with patch.object(PatientTransport, "handle_async_request", sometimes):
        yield


async def round_of(keys: int, *, seed: int, size: tuple[int, int], faults: float = 0.2) -> tuple[float, list[str]]:
    """One round; gives the longest time that the app was busy, in seconds, and what was pressed.

    Raises whatever the app raises, with the last keys in a note.
    """
    chance = random.Random(seed)
    pressed: list[str] = []
    try:
        async with _watched(size) as (stage, secret, busy):
            with faulty_network(random.Random(seed), faults):
                for number in range(keys):
                    await _do_something(stage, chance, pressed, size)
                    if stage.app._exception is not None:
                        raise stage.app._exception
                    if busy.longest > BUSY:
                        raise AssertionError(f"the app was busy for {busy.longest:.1f} s")
                    if number % 20 == 0:
                        _assert_hidden(stage, secret)
            _assert_hidden(stage, secret)
    except BaseException as error:
        error.add_note(f"seed {seed}, {size}, after {len(pressed)} keys: … {' '.join(pressed[-40:])}")
        raise
    return busy.longest, pressed


@asynccontextmanager
async def _watched(size: tuple[int, int]) -> AsyncIterator[tuple[Stage, str, Busy]]:
    async with on_stage(size=size, rate=100_000) as stage:
        await stage.when(lambda: stage.services.keys.active() is not None, "the practice key")
        # The palette leaves the app in words; that is tried elsewhere as well.
        stage.app.exit = lambda *_, **__: None  # type: ignore[method-assign]
        secret = (await stage.services.keys.secret(stage.services.keys.records()[0])).reveal()
        busy = Busy()
        busy.start()
        try:
            yield stage, secret, busy
        finally:
            busy.end()


async def _do_something(stage: Stage, chance: random.Random, pressed: list[str], size: tuple[int, int]) -> None:
    kind = chance.random()
    if kind < 0.01:
        other = chance.choice((*OTHERS, size, size))
        pressed.append(f"{other[0]}x{other[1]}")
        await stage.pilot.resize_terminal(*other)
    elif kind < 0.03:
        text = chance.choice(PASTES)
        pressed.append(f"paste({text[:8]!a})")
        stage.app.post_message(events.Paste(text))
        await dealt_with(stage.pilot)
    else:
        key = _next_key(stage.app, chance)
        pressed.append(key)
        await press(stage.pilot, key)
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
            os.chdir(home)
            begun = time.monotonic()
            longest, pressed = asyncio.run(round_of(keys // len(SIZES), seed=seed + index, size=size))
            took = time.monotonic() - begun
            print(f"{size[0]}x{size[1]}: {len(pressed)} keys in {took:.0f} s, busy for {longest * 1e3:.0f} ms at most")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
