"""A list of options whose cursor is seen in the terminal's own colours, too.

textual 8.2.8: ``Widget.get_visual_style`` leaves out ``reverse``, so that a style sheet cannot ask for it here.
"""

from __future__ import annotations

from textual.style import Style
from textual.widgets import OptionList

HIGHLIGHTED = "option-list--option-highlighted"


class Options(OptionList):
    """An ``OptionList``; where the look has no colours of its own, the row under the cursor is reversed."""

    def get_visual_style(self, *component_classes: str, partial: bool = False) -> Style:
        """See ``Widget``."""
        style = super().get_visual_style(*component_classes, partial=partial)
        if HIGHLIGHTED in component_classes and self.app.current_theme.ansi:
            return style + Style(reverse=True)
        return style
