"""What is not used any more, let go in a moment in which nobody types.

A closed screen, and much else that Textual makes and drops, is a web of references that only the garbage collector
takes apart; and here its last generation is nearly never looked at by itself (``keytui.tui.memory``).

textual 8.2.8: ``StylesCache.get_inner_outer`` is a method with an ``lru_cache`` of 1,024, which keeps the drawn rows of
as many widgets alive after they are gone: every dialog that is opened and closed adds some.
"""

from __future__ import annotations

import gc
from time import monotonic
from typing import Any

from textual import events
from textual._styles_cache import StylesCache
from textual.app import App
from textual.await_complete import AwaitComplete

_LOOK = 1.0
"""Seconds between two looks at whether there is anything to let go."""
_EARLIEST = 1.5
"""Seconds after which it is done: a screen that is closed is not taken apart at once."""
_CALM = 0.5
"""Seconds without a key that make such a moment: a collection takes some hundredths of a second."""
_LATEST = 30.0
"""Seconds after which it is done even while somebody types: what is not let go is kept in memory for good, since what
is made meanwhile lies behind it."""


class NoLeftovers(App[Any]):
    """An app that lets go of what it has dropped. Put it before ``App`` among the bases."""

    _touched_at = 0.0
    """When somebody last did something."""
    _due_since: float | None = None
    """Since when there is something to let go."""
    _popped = False
    """Whether a screen was closed since."""
    _young_seen = 0
    """How often the collector had looked at what is new by then: each time for as many new objects."""

    def on_mount(self) -> None:
        """Look from time to time."""
        self.set_interval(_LOOK, self._look_for_calm)

    async def on_event(self, event: events.Event) -> None:
        """See ``App.on_event``."""
        if isinstance(event, (events.InputEvent, events.Paste)):
            self._touched_at = monotonic()
        await super().on_event(event)

    def pop_screen(self) -> AwaitComplete:
        """See ``App.pop_screen``."""
        self._popped = True
        return super().pop_screen()

    def _look_for_calm(self) -> None:
        """Let go of what there is, unless somebody types."""
        # Until the collector is at work, start is not over.
        if not gc.isenabled() or not (self._popped or _young() > self._young_seen):
            return
        now = monotonic()
        self._due_since = now if self._due_since is None else self._due_since
        due, calm = now - self._due_since, now - self._touched_at
        if due >= _LATEST or (due >= _EARLIEST and calm >= _CALM):
            self._tidy()

    def _tidy(self) -> None:
        StylesCache.get_inner_outer.cache_clear()
        gc.collect()
        self._due_since, self._popped, self._young_seen = None, False, _young()


def _young() -> int:
    return int(gc.get_stats()[0]["collections"])
