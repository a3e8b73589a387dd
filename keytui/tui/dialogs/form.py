"""A few fields on one small screen, answered together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Static

from keytui.domain.key_edit import NotFitting
from keytui.tui.dialogs.dialog import EntryDialog

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FormField:
    """One line to write in."""

    id: str
    label: str
    value: str = ""
    placeholder: str = ""
    """What an empty field means, in the user's words."""


class FormDialog(EntryDialog[T], Generic[T]):
    """Enter takes the whole form, tab goes from field to field, escape leaves things as they are."""

    CSS_PATH = "dialogs.tcss"

    def __init__(self, title: str, fields: Sequence[FormField], *, note: str = "", yes: str = "Save") -> None:
        super().__init__()
        self._title, self._fields, self._note, self._yes = title, tuple(fields), note, yes

    def compose(self) -> ComposeResult:
        """The title, the fields, what there is to say, two buttons."""
        with Vertical(id="dialog"):
            yield Static(self._title, id="title", markup=False)
            yield from self.above()
            with VerticalScroll(id="form", can_focus=False):
                for field in self._fields:
                    with Horizontal(classes="field"):
                        yield Label(field.label, markup=False)
                        line = Input(field.value, placeholder=field.placeholder, compact=True, id=f"field-{field.id}")
                        line.cursor_blink = False
                        yield line
            yield Static(self._note, id="note", markup=False)
            with Horizontal(classes="actions"):
                yield Button("Cancel", id="keep", compact=True)
                yield Button(self._yes, id="go", variant="primary", compact=True)

    def above(self) -> Iterable[Widget]:
        """What stands between the title and the fields."""
        return ()

    def on_mount(self) -> None:
        """The first field takes the keys."""
        self.query(Input).first().focus()

    @property
    def values(self) -> dict[str, str]:
        """What the fields say."""
        return {field.id: self.query_one(f"#field-{field.id}", Input).value for field in self._fields}

    def accept(self, values: dict[str, str]) -> T:
        """What the form answers. Raises ``NotFitting``."""
        raise NotFitting("", "")

    def complain(self, sentence: str) -> None:
        """Say why this cannot be taken."""
        self.query_one("#note", Static).update(Content.styled(sentence, "$error"))

    def take(self) -> None:
        """See ``EntryDialog``."""
        try:
            answer = self.accept(self.values)
        except NotFitting as why:
            self.complain(str(why))
            if why.field in self.values:
                self.query_one(f"#field-{why.field}", Input).focus()
            return
        self.dismiss(answer)
