"""What was copied, shown alone: for where no clipboard takes it, and for texts longer than the screen.

With the panes beside it, the mouse would select those as well; on the terminal's own screen the text is alone.
"""

from __future__ import annotations

import sys
from typing import Any

from textual.app import App, SuspendNotSupported

from keytui.tui.private.plain import plain


class ShowsCopies(App[Any]):
    """An app that shows what was copied alone on the terminal, for where no clipboard takes it.

    Put it before ``App`` among the bases.
    """

    last_copied = ""
    """The text that was copied last; never a key."""

    def action_show_copied(self) -> None:
        """Leave the screen to the text, which the mouse can then select, until enter is pressed."""
        if not self.last_copied:
            self.notify("Nothing was copied yet. In the conversation, y copies a message and c its code.", timeout=5)
            return
        try:
            with self.suspend():
                _show_alone(self.last_copied)
        except SuspendNotSupported:
            self.notify("The screen cannot be left from here. Hold shift and select with the mouse.", timeout=5)


def _show_alone(text: str) -> None:
    screen, keyboard = sys.__stderr__, sys.__stdin__
    if screen is not None and keyboard is not None:
        screen.write(f"\n{plain(text)}\n\nSelect it with the mouse; enter goes back to keytui. ")
        screen.flush()
        keyboard.readline()
