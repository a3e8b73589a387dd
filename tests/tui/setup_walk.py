"""The app with the walk to a key in it, driven by keys; everything below the interface is real."""

from __future__ import annotations

import html
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Button

from keytui.cli.backstage import Backstage
from keytui.domain.setup import SetupResult, Step
from keytui.tui.app import KeytuiApp
from keytui.tui.screens.setup.picker import Picker
from keytui.tui.screens.setup.screen import SetupScreen
from keytui.tui.screens.setup.step import StepView
from tests.support.keyboard import press

PATIENCE = 30.0
"""Seconds that are waited for anything before a test is given up: a bound for hangs, not a goal."""

SIZES = ((80, 24), (110, 32))


class Walk:
    """A user at the keyboard."""

    def __init__(self, app: KeytuiApp, pilot: Pilot[object], services: Backstage) -> None:
        self.app, self.pilot, self.services = app, pilot, services
        self.pressed = 0
        self.results: list[SetupResult | None] = []

    @property
    def screen(self) -> SetupScreen:
        """The walk's screen, also while a dialog is over it."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, SetupScreen))

    @property
    def over(self) -> bool:
        return not any(isinstance(screen, SetupScreen) for screen in self.app.screen_stack)

    @property
    def step(self) -> Step:
        return self.screen.progress.step

    @property
    def view(self) -> StepView:
        return self.screen.query_one(StepView)

    async def press(self, *keys: str) -> None:
        self.pressed += len(keys)
        await press(self.pilot, *keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text; names and pastes are not counted as keystrokes."""
        await press(self.pilot, *text)

    async def paste(self, text: str) -> None:
        assert self.app.focused is not None
        self.app.focused.post_message(events.Paste(text))
        await self.pilot.pause()

    async def choose_place(self, place: str = "this session only") -> None:
        """Choose where the key is kept."""
        picker = self.screen.query_one("#place", Picker)
        picker.focus()
        for _ in range(9):
            if picker.words == place:
                return
            await self.press("right")
        raise AssertionError(f"there is no {place} to choose; the screen was:\n{self.text}")

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        end = time.monotonic() + PATIENCE
        while True:
            await self.pilot.pause(0.02)
            try:
                if condition():
                    return
            except LookupError:
                pass
            except Exception as missing:
                if type(missing).__name__ != "NoMatches":
                    raise
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain; the screen was:\n{self.text}")

    async def at(self, step: Step) -> None:
        """Wait until a step is there and takes keys."""
        await self.until(lambda: self.step is step and self.view.progress.step is step and self.app.focused)
        # What the step proposes is set while it is mounted; a key before that would be undone by it.
        await self.pilot.pause()

    async def proposes(self, words: str) -> None:
        """Wait until the first button says this."""
        await self.until(lambda: str(self.screen.query_one("#go-on", Button).label) == words and self.view.ready)

    def said(self, selector: str) -> str:
        """What a widget of the step says, when it is shown."""
        widget = self.screen.query_one(selector)
        return str(widget.render()) if widget.display else ""

    @property
    def text(self) -> str:
        """The whole screen."""
        picture = self.app.export_screenshot(simplify=True)
        rows: dict[float, list[tuple[float, str]]] = {}
        for found in re.finditer(r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', picture):
            rows.setdefault(float(found[2]), []).append((float(found[1]), html.unescape(found[3])))
        return "\n".join("".join(part for _, part in sorted(rows[y])).replace("\xa0", " ") for y in sorted(rows))

    def assert_fits(self) -> None:
        """Nothing of the step is cut off or has to be scrolled to; only a long answer may scroll in its own box."""
        content = self.screen.query_one("#content")
        assert content.max_scroll_y == 0, self.text
        for widget in self.view.query("*"):
            if not _shown(widget) or any(above.id == "answer-place" for above in widget.ancestors):
                continue
            where = self.screen.find_widget(widget)
            assert where.visible_region == where.region, f"{widget} is cut off:\n{self.text}"


def _shown(widget: Widget) -> bool:
    return bool(widget.size) and all(
        above.display for above in (widget, *widget.ancestors) if isinstance(above, Widget)
    )


@asynccontextmanager
async def walk(
    *,
    practice: bool = False,
    size: tuple[int, int] = (80, 24),
    start_at: str | None = None,
    services: Backstage | None = None,
) -> AsyncIterator[Walk]:
    """The walk, open on the real app; its services are ended with it."""
    services = services or Backstage(practice=practice, offline=False, practice_rate=None)
    app = KeytuiApp(services)
    try:
        async with app.run_test(size=size) as pilot:
            walking = Walk(app, pilot, services)
            await pilot.pause()
            await app.push_screen(SetupScreen(services, start_at=start_at), walking.results.append)
            await walking.until(lambda: walking.app.focused)
            yield walking
    finally:
        await services.close()
        services.end()
