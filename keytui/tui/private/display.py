"""Only the cells that have changed are written.

textual 8.2.8: ``App._display`` writes every cell of every row that was painted, 11 to 15 KB for a key. It is overridden
here; what it is not known to handle (inline apps, tests without a terminal, other updates) is left to Textual.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App

from keytui.tui.private.front import Front

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.screen import Screen

_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"

_AT_ONCE = 400
"""Characters that a terminal takes in one go anyway: shorter updates need no marks around them."""


class CellDiff(App[Any]):
    """An app that remembers what the terminal shows. Put it before ``App`` among the bases.

    Whoever else has written to the terminal calls ``forget_screen``; ``action_redraw`` is for the user (ctrl+l).
    """

    ascii_only = False
    """Whether the locale can show nothing but ASCII: then no cell is written that is anything else."""
    sent = 0
    """Characters that the terminal was sent for updates so far."""
    _front: Front | None = None

    def get_driver_class(self) -> type[Driver]:
        """The driver that fits this app, where there is a Unix terminal."""
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual
        from keytui.tui.private.driver import TerminalDriver

        return TerminalDriver

    def forget_screen(self) -> None:
        """Everything is written anew with the next update that covers it."""
        self._front = None

    def action_redraw(self) -> None:
        """Write the whole screen again, after something else has written over it."""
        self.forget_screen()
        self.screen.refresh(layout=True)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if (
            driver is None
            or driver.is_inline
            or self.is_headless
            or self._batch_count
            or not self._running
            or self._closed
            or not isinstance(renderable, CompositorUpdate)
        ):
            super()._display(screen, renderable)
            return
        try:
            text = self._changes(renderable)
        except Exception as error:
            # As in the method that this replaces: an error in drawing ends the app with a report, not the loop.
            self._handle_exception(error)
            return
        if text is None:
            driver.write(self._front.reset() if self._front else "")
            self.forget_screen()
            super()._display(screen, renderable)
            return
        if text:
            if self._sync_available and len(text) > _AT_ONCE:
                text = f"{_SYNC_START}{text}{_SYNC_END}"
            self.sent += len(text)
            driver.write(text)
            driver.flush()
        self.post_display_hook()

    def _changes(self, update: CompositorUpdate) -> str | None:
        """What the terminal has to be sent for an update; None for an update that is not known."""
        front = self._front_of_size(self.size.width, self.size.height)
        if isinstance(update, LayoutUpdate):
            _put_layout(front, update)
        elif isinstance(update, ChopsUpdate):
            _put_chops(front, update)
        else:
            return None
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        self._previous_cursor_position = cursor
        return front.update((cursor.x, cursor.y))

    def _front_of_size(self, width: int, height: int) -> Front:
        front = self._front
        if front is None or (front.width, front.height) != (width, height):
            names = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT, "windows": ColorSystem.WINDOWS}
            colors = names.get(self.console.color_system or "", ColorSystem.TRUECOLOR)
            front = self._front = Front(
                width, height, colors, erase="STY" not in os.environ, ascii_only=self.ascii_only
            )
        return front


def _put_layout(front: Front, update: LayoutUpdate) -> None:
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            front.put(y, x, strip)
            x += strip.cell_length


def _put_chops(front: Front, update: ChopsUpdate) -> None:
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x > last or end <= first:
                continue
            front.put(y, x, strip if end <= last else strip.crop(0, last - x))
