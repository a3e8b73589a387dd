"""Yes or no, asked before something cannot be taken back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Button, Static

from keytui.tui.dialogs.dialog import Dialog


class ConfirmDialog(Dialog[bool]):
    """A question, what follows from yes, and two buttons; the harmless one has the focus."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "no", id="no"),
        Binding("y", "answer(True)", "yes", id="yes"),
        Binding("left,right", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, consequence: str, *, yes: str, no: str = "Keep it") -> None:
        super().__init__()
        self._question, self._consequence = question, consequence
        self._yes, self._no = yes, no

    def compose(self) -> ComposeResult:
        """The question and its answers."""
        with Vertical(id="dialog"):
            yield Static(self._question, id="title", markup=False)
            yield from self.above()
            yield Static(self._consequence, markup=False)
            with Horizontal(classes="actions"):
                yield Button(self._no, id="keep", compact=True)
                yield Button(self._yes, id="go", variant="error", compact=True)

    def above(self) -> Iterable[Widget]:
        """What stands between the question and what follows from it."""
        return ()

    def on_mount(self) -> None:
        """Doing nothing is the default."""
        self.query_one("#keep").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "go")

    def action_answer(self, answer: bool) -> None:
        """Answer by key."""
        self.dismiss(answer)
