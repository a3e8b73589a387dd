"""Pictures of the screen without what is revealed on it.

textual 8.2.8: ``App.export_screenshot`` draws the screen anew from its widgets. While it does, widgets of the class
``secret`` see ``taking_picture`` and draw themselves without their characters.
"""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.widget import Widget


class QuietPictures(App[Any]):
    """An app whose pictures show no secret. Put it before ``App`` among the bases."""

    taking_picture = False

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """See ``App.export_screenshot``."""
        secret: list[Widget] = [widget for screen in self.screen_stack for widget in screen.query(".secret")]
        self.taking_picture = True
        try:
            for widget in secret:
                widget.refresh()
            return super().export_screenshot(title=title, simplify=simplify)
        finally:
            self.taking_picture = False
            for widget in secret:
                widget.refresh()
