"""Several answers to one question, side by side; where they do not fit, one at a time with the others a key away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from keytui.tui.widgets.answer_column import AnswerColumn, ColumnFacts

NARROWEST = 34
"""Cells of a column in which an answer can still be read with pleasure."""


class AskedLine(Widget):
    """What was asked, and what all answers cost together; where columns do not fit, which answers there are."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    AskedLine { height: 1; padding: 0 1; }
    """

    asked: reactive[str] = reactive("")
    together: reactive[str] = reactive("")
    columns: reactive[tuple[tuple[ColumnFacts, bool], ...]] = reactive(())
    """The answers and which of them is in front, when only one can be seen; else empty."""

    def render(self) -> Content:
        """One row."""
        width = self.content_size.width
        if self.columns:
            room = width // len(self.columns) - 3
            parts = [
                Content.styled(
                    f" {facts.number} {_short(f'{facts.model} {facts.state}', room - 3)} ",
                    "bold $accent reverse" if current else "$dim",
                )
                for facts, current in self.columns
            ]
            return Content(" ").join(parts)
        asked = _short(" ".join(self.asked[:400].split()), width - len(self.together) - 6)
        gap = " " * max(1, width - len(asked) - len(self.together) - 5)
        return Content.assemble(("You  ", "bold $dim"), asked, gap, (self.together, "$dim"))


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: max(0, room - 1)]}…"


class AnswerColumns(Vertical):
    """Owns which answer is the current one: the one that the conversation goes on from."""

    HELP = """
    ### Answers side by side

    - **left** and **right** go from answer to answer. The conversation goes on from the one that is marked.
    - **enter** goes on from it; so does the next message that you send. The others stay in branches.
    - **x** stops this answer alone, **escape** all of them; each is booked.
    - **up**, **down**, **page up**, **page down** scroll, also while it comes; **c** copies its last code block.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "go on from this", tooltip="Go on from the marked answer.", id="columns.take"),
        Binding("right,l", "go(1)", "next answer", key_display="←→", id="columns.next"),
        Binding("left,h", "go(-1)", show=False, id="columns.previous"),
        Binding("x", "stop_one", "stop this one", tooltip="Stop the marked answer alone.", id="columns.stop"),
    ]

    @dataclass
    class Moved(Message):
        """Another answer is the current one."""

        columns: AnswerColumns

        @property
        def control(self) -> AnswerColumns:
            """The columns."""
            return self.columns

    @dataclass
    class Taken(Message):
        """The user goes on from the current answer."""

        columns: AnswerColumns

        @property
        def control(self) -> AnswerColumns:
            """The columns."""
            return self.columns

    @dataclass
    class StopWanted(Message):
        """The user stops one answer."""

        columns: AnswerColumns
        at: int

        @property
        def control(self) -> AnswerColumns:
            """The columns."""
            return self.columns

    def __init__(self, asked: str, models: Sequence[str], *, remote: bool) -> None:
        """Make an empty column for each model; what streams into them is the pane's matter."""
        super().__init__()
        self._line = AskedLine()
        self._line.asked = asked
        self.columns = tuple(
            AnswerColumn(ColumnFacts(number, model), remote=remote) for number, model in enumerate(models, 1)
        )
        self.current = 0
        """Which column is the current one, from 0."""
        self.columns[0].current = True
        self.coming = frozenset[int]()
        """Columns whose answer still comes."""

    def compose(self) -> ComposeResult:
        """What was asked, and the columns."""
        yield self._line
        with Horizontal():
            yield from self.columns

    def focus_current(self) -> None:
        """Give the keys to the current answer."""
        self.columns[self.current].transcript.focus()

    def show(self, at: int, facts: ColumnFacts) -> None:
        """Say how far an answer is."""
        if self.columns[at].facts != facts:
            self.columns[at].facts = facts
            self._name_all()

    def sum_up(self, together: str) -> None:
        """Say what all of them cost together."""
        self._line.together = together

    def now_coming(self, coming: frozenset[int]) -> None:
        """Say which answers still come."""
        if coming != self.coming:
            self.coming = coming
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One answer is stopped while it comes; the conversation goes on once none comes any more."""
        match action:
            case "stop_one":
                return self.current in self.coming and len(self.columns) > 1
            case "take":
                return not self.coming
        return True

    def go_to(self, at: int) -> None:
        """Make another answer the current one."""
        if at == self.current:
            return
        self.columns[self.current].current = False
        self.current = at
        self.columns[at].current = True
        self._name_all()
        self.refresh_bindings()
        self.post_message(self.Moved(self))

    def _name_all(self) -> None:
        tabbed = self.has_class("-tabbed")
        self._line.columns = tuple((one.facts, one.current) for one in self.columns) if tabbed else ()

    def on_resize(self, event: events.Resize) -> None:
        """Columns where each is wide enough, else one answer at a time."""
        self.set_class(event.size.width // len(self.columns) < NARROWEST, "-tabbed")
        self._name_all()

    @on(events.DescendantFocus)
    def _focused(self, event: events.DescendantFocus) -> None:
        for at, column in enumerate(self.columns):
            if event.widget is column.transcript:
                self.go_to(at)

    def action_go(self, step: int) -> None:
        """Go to another answer."""
        self.go_to((self.current + step) % len(self.columns))
        self.focus_current()

    def action_take(self) -> None:
        """Go on from the current answer."""
        self.post_message(self.Taken(self))

    def action_stop_one(self) -> None:
        """Stop the current answer alone."""
        self.post_message(self.StopWanted(self, self.current))
