"""The whole app on the practice service, driven by keys and read from its screen."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from textual.pilot import Pilot

from keytui.cli.backstage import Backstage
from keytui.tui.app import KeytuiApp
from tests.support.keyboard import press

_APPS = count(1)
_APPS_KEPT = 8
"""Apps that are over and may still be in memory."""


class Stage:
    """The running app, with the few moves that a user has."""

    def __init__(self, app: KeytuiApp, pilot: Pilot[Any], services: Backstage) -> None:
        self.app = app
        self.pilot = pilot
        self.services = services

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await press(self.pilot, *keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text."""
        names = {" ": "space", "?": "question_mark", ".": "full_stop", ",": "comma", "!": "exclamation_mark"}
        await self.press(*(names.get(character, character) for character in text))

    async def until(self, *wanted: str, seconds: float = 20.0) -> str:
        """Let the app run until all of these are on the screen; answers what it says then."""

        def seen() -> bool:
            text = self.text()
            return all(part in text for part in wanted)

        await self.when(seen, f"{wanted} on the screen", seconds)
        return self.text()

    async def when(self, holds: Callable[[], object], what: str = "it", seconds: float = 20.0) -> None:
        """Let the app run until something holds."""
        end = asyncio.get_running_loop().time() + seconds
        while not holds():
            if asyncio.get_running_loop().time() > end:
                raise AssertionError(f"waited {seconds} s for {what}; the screen says:\n{self.text()}")
            await self.pilot.pause(0.02)

    def text(self) -> str:
        """What the screen says, row by row."""
        rows = self.app.screen._compositor.render_strips()
        return "\n".join(row.text.rstrip() for row in rows)

    async def ready(self) -> None:
        """Wait for the practice key and the counter."""
        await self.until("practice ····", "~0 tokens")


@asynccontextmanager
async def on_stage(
    *, size: tuple[int, int] = (110, 32), practice: bool = True, rate: float | None = None, **options: Any
) -> AsyncIterator[Stage]:
    """The app as ``keytui --practice`` starts it, in this process; its data lies under ``KEYTUI_HOME``."""
    services = Backstage(practice=practice, offline=False, practice_rate=rate)
    app = KeytuiApp(services, **options)
    try:
        async with app.run_test(size=size) as pilot:
            try:
                yield Stage(app, pilot, services)
            finally:
                await services.close()
    finally:
        services.end()
        _let_go()


def _let_go() -> None:
    """Give back what earlier apps held, from time to time: each has frozen all that was there (``settle_memory``).

    Without it a process grows by 2.5 MB with every app; a collection takes a tenth of a second.
    """
    gc.unfreeze()
    if next(_APPS) % _APPS_KEPT == 0:
        gc.collect()
