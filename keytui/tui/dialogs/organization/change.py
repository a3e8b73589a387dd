"""A change on the platform, shown with before and after, and confirmed."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from keytui.domain.organization.changes import Change
from keytui.tui.dialogs.confirm import ConfirmDialog
from keytui.tui.widgets.sheet import Line, Sheet


class ChangeDialog(ConfirmDialog):
    """What is changed, from what to what, and what follows from it; leaving things as they are has the focus."""

    CSS_PATH = "../dialogs.tcss"

    def __init__(self, change: Change) -> None:
        super().__init__(change.what, change.consequence, yes=change.yes, no="Leave it")
        self._change = change

    def above(self) -> Iterable[Widget]:
        """Before and after, where there are two."""
        if self._change.after:
            yield Sheet((Line("now", self._change.before), Line("then", self._change.after), Line()))
