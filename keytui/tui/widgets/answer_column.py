"""One of several answers to the same question: who gives it, how far it is and what it takes, and its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from keytui.tui.widgets.transcript import Transcript


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What stands above an answer."""

    number: int
    model: str
    state: str = ""
    """In a word or two: ``writing``, ``finished``, ``cut off``."""
    figures: tuple[str, ...] = ()
    """What it has taken so far, most important first."""
    trouble: bool = False
    """Whether it came to nothing, or not to its end."""


class ColumnHead(Widget):
    """The name and the state in one row, figures below as they fit; the current one has a mark, not only a colour."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ColumnHead { height: 3; padding: 0 1; background: $surface; }
    """

    facts: reactive[ColumnFacts | None] = reactive(None)
    current: reactive[bool] = reactive(False)

    def render(self) -> Content:
        """As many figures as fit."""
        if self.facts is None:
            return Content("")
        facts, width = self.facts, self.content_size.width
        ascii_only: bool = self.app.ascii_only  # type: ignore[attr-defined]
        mark = (">" if ascii_only else "▸") if self.current else " "
        name = f"{mark}{facts.number} {facts.model}"
        room = max(4, width - len(facts.state) - 1)
        name = name if len(name) <= room else f"{name[: room - 1]}…"
        gap = " " * max(1, width - len(name) - len(facts.state))
        rows = _rows(facts.figures, width)
        state = "$warning" if facts.trouble else "$dim"
        head = Content.assemble((name, "bold $accent" if self.current else "bold"), gap, (facts.state, state))
        return Content("\n").join([head, *(Content.styled(row, "$dim") for row in rows[: self.size.height - 1])])


def _rows(figures: Sequence[str], width: int) -> list[str]:
    rows: list[str] = []
    for figure in figures:
        if rows and len(rows[-1]) + len(figure) + 3 <= width:
            rows[-1] += f" · {figure}"
        else:
            rows.append(f" {figure}")
    return rows


class AnswerText(Transcript):
    """The text of one answer. Its keys are a transcript's; the footer has its room for those of all the columns."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_code", "copy code", show=False, id="answer.code"),
        Binding("y", "copy_message", "copy message", show=False, id="answer.message"),
        Binding("t", "fold", "thinking", show=False, id="answer.thinking"),
    ]


class AnswerColumn(Vertical):
    """A head, and a transcript of one message below it."""

    def __init__(self, facts: ColumnFacts, *, remote: bool) -> None:
        super().__init__()
        self.head = ColumnHead()
        self.head.facts = facts
        self.transcript = AnswerText(remote=remote)

    def compose(self) -> ComposeResult:
        """Head and text."""
        yield self.head
        yield self.transcript

    @property
    def facts(self) -> ColumnFacts:
        """What stands above the text."""
        assert self.head.facts is not None
        return self.head.facts

    @facts.setter
    def facts(self, facts: ColumnFacts) -> None:
        self.head.facts = facts

    @property
    def current(self) -> bool:
        """Whether it is the one that the conversation goes on from."""
        return self.head.current

    @current.setter
    def current(self, current: bool) -> None:
        self.head.current = current
        self.set_class(current, "-current")
