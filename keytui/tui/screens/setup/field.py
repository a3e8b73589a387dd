"""One line to write in, with its label."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, Label

from keytui.tui.private.keys import take_own_key
from keytui.tui.screens.setup.step import GOES_ON


class Field(Input):
    """A compact input; enter goes on to the next step, tab to the next field."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", GOES_ON, id="setup.field-on")]

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        max_length: int = 200,
        restrict: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own word
    ) -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            compact=True,
            max_length=max_length,
            restrict=restrict,
            select_on_focus=True,
            id=id,
        )
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        await take_own_key(self, event)


class Row(Horizontal):
    """A label and what belongs to it."""

    def __init__(
        self,
        label: str,
        *parts: Widget,
        id: str | None = None,  # noqa: A002 - Textual's own word
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._label, self._parts = label, parts

    def compose(self) -> ComposeResult:
        """The label first."""
        yield Label(self._label, markup=False)
        yield from self._parts

    def on_descendant_focus(self) -> None:
        """The label stands out with its field; textual 8.2.8 restyles no descendant of ``:focus-within``."""
        self.add_class("-active")

    def on_descendant_blur(self) -> None:
        """See ``on_descendant_focus``."""
        self.remove_class("-active")
