"""Stylesheets, each of them read once.

textual 8.2.8 reads all of them again when a theme was set before the app runs and when a screen brings one of its own;
and, as it remembers what it has read of 64 only, whenever a widget of a new kind is mounted in an app that has more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual.app import App
from textual.screen import Screen

_SHEETS = 500
"""Stylesheets that are remembered: more than there are, those of widgets included."""


class StylesOnce(App[Any]):
    """An app that goes on with the stylesheets it has read. Put it before ``App`` among the bases."""

    def begin_with_theme(self, theme: str) -> None:
        """Take a look before the app runs: what it will read then has these colours from the start."""
        self.set_reactive(App.theme, theme)
        dark = self.current_theme.dark
        self.set_class(dark, "-dark-mode", update=False)
        self.set_class(not dark, "-light-mode", update=False)
        self.add_class(f"-theme-{theme}", update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())
        self.stylesheet._parse_cache.grow(_SHEETS)

    def read_styles(self, *paths: Path) -> bool:
        """Read these stylesheets, unless they were read before; whether any was new. For what is not mounted yet."""
        fresh = [path for path in paths if not self.stylesheet.has_source(str(path))]
        self.stylesheet.read_all(fresh)
        if fresh:
            self.stylesheet.parse()
        return bool(fresh)

    def _load_screen_css(self, screen: Screen[Any]) -> None:
        if self.read_styles(*screen.css_path):
            self.stylesheet.update(self)
