"""One of a few values, on one line: left and right change it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from keytui.tui.screens.setup.marks import marks

T = TypeVar("T")


class Picker(Widget, Generic[T], can_focus=True):
    """``‹ chat only ›``, and what the value means beside it."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "turn(-1)", "other", key_display="←→", id="picker.before"),
        Binding("right,l,space", "turn(1)", "other", show=False, id="picker.after"),
    ]

    chosen: reactive[int] = reactive(0)

    class Changed(Message):
        """Another value was chosen."""

        def __init__(self, picker: Picker[object]) -> None:
            super().__init__()
            self.picker = picker

        @property
        def control(self) -> Picker[object]:
            """The picker."""
            return self.picker

    def __init__(
        self,
        choices: Sequence[tuple[T, str, str]],
        chosen: T | None = None,
        *,
        all_shown: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own word
    ) -> None:
        """``choices`` are (value, name, what it means); ``chosen`` is the value to begin with, else the first.

        With ``all_shown`` the other names stand beside the chosen one.
        """
        super().__init__(id=id)
        self._all_shown = all_shown
        self._choices = tuple(choices)
        self.set_reactive(Picker.chosen, self._place(chosen))

    def _place(self, value: T | None) -> int:
        return next((at for at, choice in enumerate(self._choices) if choice[0] == value), 0)

    @property
    def value(self) -> T:
        """The chosen value."""
        return self._choices[self.chosen][0]

    @value.setter
    def value(self, value: T) -> None:
        self.chosen = self._place(value)

    @property
    def words(self) -> str:
        """The name of the chosen value."""
        return self._choices[self.chosen][1]

    def offer(self, choices: Sequence[tuple[T, str, str]], chosen: T | None = None) -> None:
        """Replace the values."""
        self._choices = tuple(choices)
        self.chosen = self._place(chosen)
        self.refresh()

    def render(self) -> Content:
        """The value between two arrows."""
        _, name, says = self._choices[self.chosen]
        if self._all_shown:
            names = [
                self._between_arrows(other) if at == self.chosen else Content.styled(f"  {other}  ", "$dim")
                for at, (_, other, _) in enumerate(self._choices)
            ]
            return Content(" ").join(names)
        shown = self._between_arrows(name) if len(self._choices) > 1 else Content.styled(name, "bold")
        if says and shown.cell_length + len(says) + 2 <= self.size.width:
            shown += Content.assemble("  ", (says, "$dim"))
        return shown

    def _between_arrows(self, name: str) -> Content:
        signs, arrows = marks(self), "bold $accent" if self.has_focus else "$dim"
        return Content.assemble(
            (signs.before, arrows), " ", (name, "bold" if self.has_focus else ""), " ", (signs.after, arrows)
        )

    def action_turn(self, by: int) -> None:
        """Choose a neighbour; after the last comes the first."""
        if len(self._choices) > 1:
            self.chosen = (self.chosen + by) % len(self._choices)
            self.post_message(self.Changed(self))  # type: ignore[arg-type]

    def on_click(self, event: events.Click) -> None:
        """The left arrow goes back, anything else on."""
        self.action_turn(-1 if event.x < 2 else 1)
