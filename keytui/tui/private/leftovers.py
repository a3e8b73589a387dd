"""What a closed screen leaves behind, let go.

textual 8.2.8: ``StylesCache.get_inner_outer`` is a method with an ``lru_cache`` of 1,024, which keeps the drawn rows of
as many widgets alive after they are gone: every dialog that is opened and closed adds some. And a screen is a web of
references that only the garbage collector takes apart, whose last generation is nearly never looked at here.
"""

from __future__ import annotations

import gc
from typing import Any

from textual._styles_cache import StylesCache
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.timer import Timer

_LATER = 2.0
"""Seconds after a screen was closed: whoever closed it is doing something else first."""


class NoLeftovers(App[Any]):
    """An app that lets go of the screens it has closed. Put it before ``App`` among the bases."""

    _tidying: Timer | None = None

    def pop_screen(self) -> AwaitComplete:
        """See ``App.pop_screen``."""
        if self._tidying is not None:
            self._tidying.stop()
        self._tidying = self.set_timer(_LATER, self._tidy)
        return super().pop_screen()

    def _tidy(self) -> None:
        StylesCache.get_inner_outer.cache_clear()
        gc.collect()
