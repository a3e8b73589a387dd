"""One line to write in: a name, a path, an amount."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from keytui.tui.dialogs.dialog import Dialog


class LineDialog(Dialog[str | None]):
    """Enter takes the line, escape leaves things as they are; a line that does not do stays, with the reason."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "back", id="leave")]

    def __init__(
        self, question: str, value: str = "", *, note: str = "", check: Callable[[str], str] | None = None
    ) -> None:
        """``check`` answers what is wrong with a line, as a sentence, or an empty text."""
        super().__init__()
        self._question, self._value, self._note, self._check = question, value, note, check

    def compose(self) -> ComposeResult:
        """The question, the line, and what there is to say."""
        with Vertical(id="dialog"):
            yield Static(self._question, id="title", markup=False)
            line = Input(self._value, compact=True)
            line.cursor_blink = False
            yield line
            yield Static(self._note, id="note", markup=False)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        problem = self._check(event.value) if self._check else ""
        if problem:
            self.query_one("#note", Static).update(Content.styled(problem, "$error"))
        else:
            self.dismiss(event.value)

    def action_leave(self) -> None:
        """Leave things as they are."""
        self.dismiss(None)
