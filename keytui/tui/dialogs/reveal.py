"""Showing the characters of a key for ten seconds."""

from __future__ import annotations

from time import monotonic
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from keytui.domain.secrets import Secret
from keytui.tui.dialogs.dialog import Dialog
from keytui.tui.widgets.revealed import Revealed

SECONDS = 10
"""How long the characters are to be seen."""


class RevealDialog(Dialog[None]):
    """Hides the characters by itself; any of the usual keys hides them at once."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q,space", "leave", "hide", id="leave")]

    def __init__(self, name: str, secret: Secret) -> None:
        super().__init__()
        self._key_name = name
        self._revealed = Revealed(secret)
        self._ends = monotonic() + SECONDS

    def compose(self) -> ComposeResult:
        """The name, the characters, how long they stay."""
        with Vertical(id="dialog"):
            yield Static(self._key_name, id="title", markup=False)
            yield self._revealed
            yield Static("", id="note", markup=False)
            with Horizontal(classes="actions"):
                yield Button("Hide", id="keep", compact=True)

    def on_mount(self) -> None:
        """Begin to count."""
        self._count()
        self.set_interval(0.25, self._count)

    def _count(self) -> None:
        left = self._ends - monotonic()
        if left <= 0:
            self.action_leave()
            return
        self.query_one("#note", Static).update(f"Hidden again in {left:.0f} s. Whoever sees it can spend your money.")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_leave()

    def action_leave(self) -> None:
        """Hide them."""
        self._revealed.hide()
        if self.is_current:
            self.dismiss(None)
