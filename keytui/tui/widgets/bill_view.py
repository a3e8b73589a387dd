"""The bill beside the ledger: a table of both sides, and what lies between them as a fall of bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from keytui.domain.money import dollars
from keytui.tui.widgets.rows import Rows


@dataclass(frozen=True, slots=True)
class Step:
    """One line between two sums: its name and USD. A whole one begins at nothing, the others where the last ended."""

    name: str
    amount: Decimal
    whole: bool = False


class Steps(Widget):
    """Bars below each other: the first sum, what is added and taken off, and the second sum."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Steps { height: auto; }
    """
    steps: reactive[tuple[Step, ...]] = reactive((), layout=True)

    def render(self) -> Content:
        """A line for each step: its name, its bar, its amount."""
        if not self.steps:
            return Content("")
        amounts = [_signed(step) for step in self.steps]
        name, end = max(len(step.name) for step in self.steps), max(map(len, amounts))
        room = max(self.content_size.width - name - end - 2, 1)
        spans = _spans(self.steps)
        top = max(high for _, high in spans) or Decimal(1)
        lines = []
        for step, amount, (low, high) in zip(self.steps, amounts, spans, strict=True):
            first, past = int(low / top * room), -int(-high / top * room)
            past = min(max(past, first + 1), room) if high > low else first
            first = min(first, past)
            style = "$secondary" if step.whole else "$warning" if step.amount > 0 else "$success"
            full = "#" if self.app.ascii_only else "█" if step.whole else "▓"  # type: ignore[attr-defined]
            lines.append(
                Content.assemble(
                    (f"{step.name:<{name}} ", "bold" if step.whole else ""),
                    " " * first,
                    (full * (past - first), style),
                    " " * (room - past + 1),
                    (f"{amount:>{end}}", "bold" if step.whole else ""),
                )
            )
        return Content("\n").join(lines)

    def get_content_height(self, *_: object) -> int:
        """A row for each step."""
        return max(len(self.steps), 1)


class BillView(Horizontal):
    """Both sides by day, project or key at the left; at the right the reasons, and what can be done about them."""

    DEFAULT_CSS = """
    BillView {
        height: 1fr;
        .both { width: 1fr; height: 1fr; }
        .why { width: 46; height: 1fr; padding-left: 2; }
        .said { height: auto; margin-top: 1; color: $dim; &:ansi { text-style: dim; } }
        Steps { margin-top: 1; }
    }
    .-narrow BillView, .-tiny BillView {
        layout: vertical;
        .both { height: 1fr; }
        .why { width: 1fr; height: auto; padding: 0; .head { display: none; } }
        .said { margin: 0; }
        Steps { margin: 0; }
    }
    """

    def compose(self) -> ComposeResult:
        """The table, the reasons, a sentence below them."""
        with Vertical(classes="both"):
            yield Static("", classes="head", markup=False)
            yield Rows(id="bill-rows")
        with Vertical(classes="why"):
            yield Static(Content.styled("Why they differ", "bold"), classes="head")
            yield Steps()
            yield Static("", classes="said", markup=False)

    def say(self, sentence: str | Content) -> None:
        """What there is to say below the reasons."""
        self.query_one(".said", Static).update(sentence)

    def explain(self, steps: Sequence[Step]) -> None:
        """Show what lies between the two sums."""
        self.query_one(Steps).steps = tuple(steps)


def _signed(step: Step) -> str:
    return f"+{dollars(step.amount)}" if step.amount > 0 and not step.whole else dollars(step.amount)


def _spans(steps: Sequence[Step]) -> list[tuple[Decimal, Decimal]]:
    """Where each bar begins and ends, in USD; sums may pass below nothing, bars do not."""
    found: list[tuple[Decimal, Decimal]] = []
    here = Decimal(0)
    for step in steps:
        there = step.amount if step.whole else here + step.amount
        low, high = sorted((Decimal(0) if step.whole else here, there))
        found.append((max(low, Decimal(0)), max(high, Decimal(0))))
        here = there
    return found
