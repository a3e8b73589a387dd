"""A list to choose from, with a filter: the one dialog behind models and conversations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from keytui.tui.dialogs.dialog import Dialog
from keytui.tui.private.options import Options

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One row: what is chosen, and how it reads."""

    value: T
    name: str
    detail: str = ""
    """Right-aligned beside the name."""


class ChooseDialog(Dialog[T | None], Generic[T]):
    """Type to filter, arrows to move, enter to choose, escape to leave things as they are."""

    CSS_PATH = "dialogs.tcss"
    TITLE_TEXT: ClassVar[str] = "Choose"
    EMPTY_TEXT: ClassVar[str] = "Nothing here yet."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", id="leave"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "move(10)", show=False),
        Binding("pageup", "move(-10)", show=False),
    ]

    def __init__(self, choices: Sequence[Choice[T]] = (), *, current: T | None = None) -> None:
        super().__init__()
        self._choices = tuple(choices)
        self._current = current
        self._note = ""
        self._heads = ""
        self.listed: list[Choice[T]] = []
        """The rows that the filter lets through."""

    def compose(self) -> ComposeResult:
        """A title, the filter, the rows, and a line for what there is to say."""
        with Vertical(id="dialog"):
            yield Static(self.TITLE_TEXT, id="title", markup=False)
            yield Input(placeholder="type to filter", compact=True)
            yield Static("", id="heads", markup=False)
            yield Options(compact=True)
            yield Static("", id="note", markup=False)

    def on_mount(self) -> None:
        """Show all rows."""
        self.query_one(OptionList).can_focus = False
        self._fill("")

    def offer(self, choices: Sequence[Choice[T]], note: str = "", heads: str = "") -> None:
        """Replace the rows; ``heads`` stand above their details."""
        self._choices = tuple(choices)
        self._note, self._heads = note, heads
        self._fill(self.query_one(Input).value)

    def _fill(self, wanted: str) -> None:
        words = wanted.casefold().split()
        self.listed = [
            choice
            for choice in self._choices
            if all(word in f"{choice.name} {choice.detail}".casefold() for word in words)
        ]
        self.draw_rows()
        if self.listed:
            current = [number for number, choice in enumerate(self.listed) if choice.value == self._current]
            self.query_one(OptionList).highlighted = current[0] if current else 0

    def draw_rows(self) -> None:
        """Draw the rows anew, the cursor where it is."""
        rows = self.query_one(OptionList)
        at, width = rows.highlighted, max(20, self.query_one("#dialog").content_size.width - 2 or 60)
        rows.clear_options()
        rows.add_options([Option(self.row(choice, width)) for choice in self.listed])
        if at is not None and at < len(self.listed):
            rows.highlighted = at
        heads = self.query_one("#heads", Static)
        heads.display = bool(self._heads)
        heads.update(f"{self._heads:>{width}}")
        self.query_one("#note", Static).update(self.note or ("" if self._choices else self.EMPTY_TEXT))

    @property
    def note(self) -> str:
        """What there is to say below the rows."""
        return self._note

    def take(self, choice: Choice[T]) -> None:
        """This one was chosen."""
        self.dismiss(choice.value)

    def row(self, choice: Choice[T], width: int) -> Content:
        """How a choice reads, in so many cells."""
        room = max(8, width - len(choice.detail) - 2)
        name = choice.name if len(choice.name) <= room else choice.name[: room - 1] + "…"
        gap = " " * max(2, width - len(name) - len(choice.detail))
        return Content.assemble(name, gap, (choice.detail, "$dim"))

    def on_resize(self) -> None:
        """Lay the rows out for the new width."""
        self.draw_rows()

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value)

    @on(Input.Submitted)
    def _choose(self, event: Input.Submitted) -> None:
        event.stop()
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self.listed):
            self.take(self.listed[at])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.take(self.listed[event.option_index])

    def action_move(self, rows: int) -> None:
        """Move in the list without leaving the filter."""
        options = self.query_one(OptionList)
        if self.listed:
            at = (options.highlighted or 0) + rows
            options.highlighted = min(max(at, 0), len(self.listed) - 1)

    def action_leave(self) -> None:
        """Leave things as they are."""
        self.dismiss(None)
