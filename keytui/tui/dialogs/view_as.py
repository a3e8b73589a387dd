"""The request as a program, to be copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from keytui.domain.snippets import Snippet
from keytui.tui.dialogs.dialog import Dialog
from keytui.tui.private.clipboard import copy
from keytui.tui.private.plain import plain
from keytui.tui.widgets.key_bar import KeyBar


class ViewAsScreen(Dialog[None]):
    """One language at a time; the next is a key away. The key itself is in none of them."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back", key_display="esc", id="leave"),
        Binding("tab,right", "turn(1)", "next language", key_display="tab", id="next"),
        Binding("shift+tab,left", "turn(-1)", show=False, id="previous"),
        Binding("y", "copy", "copy", id="copy"),
    ]

    def __init__(self, snippets: Sequence[Snippet]) -> None:
        super().__init__()
        self._snippets, self._at = tuple(snippets), 0

    def compose(self) -> ComposeResult:
        """The languages, the program, how to run it."""
        with Vertical(id="whole"):
            yield Static("", id="head", markup=False)
            with VerticalScroll():
                yield Static("", id="program", markup=False)
            yield Static("", id="pointed", markup=False)
            yield KeyBar()

    def on_mount(self) -> None:
        """Show the first."""
        self.query_one(VerticalScroll).focus()
        self._show()

    def _show(self) -> None:
        names = [(f" {one.name} ", "bold $accent reverse" if one is self._here else "$dim") for one in self._snippets]
        self.query_one("#head", Static).update(Content.assemble(("The next request as ", ""), *names))
        self.query_one("#program", Static).update(Content(plain(self._here.text)))
        self.query_one("#pointed", Static).update(
            Content.assemble(("it runs with the key by  ", "$dim"), self._here.note)
        )
        self.query_one(VerticalScroll).scroll_to(y=0, animate=False)

    @property
    def _here(self) -> Snippet:
        return self._snippets[self._at]

    def action_turn(self, step: int) -> None:
        """Show another language."""
        self._at = (self._at + step) % len(self._snippets)
        self._show()

    async def action_copy(self) -> None:
        """Copy the program."""
        copied = await copy(self.app, self._here.text)
        self.notify(copied.words, markup=False, timeout=5)

    def action_leave(self) -> None:
        """Back to the conversation."""
        self.dismiss(None)
