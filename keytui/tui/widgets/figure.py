"""One large figure: its name, the amount in tall digits, and a line about it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.renderables.digits import Digits as TallDigits
from textual.widget import Widget
from textual.widgets import Digits, Static


@dataclass(frozen=True, slots=True)
class Tall:
    """An amount as a large figure has it: as plain text, and as digits with a unit after them."""

    text: str
    digits: str = ""
    """Empty where the text has no tall form."""
    unit: str = ""


class Figure(Widget):
    """Five rows, four in a low window: there the name stands before the line below the digits.

    The digits give way to plain bold text where they do not fit, and where the locale has no box drawing.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Figure {
        width: 1fr;
        height: 5;
        .tall, .plain { height: 3; width: 1fr; }
        Digits { width: auto; }
        .unit { width: auto; padding: 2 0 0 1; color: $dim; &:ansi { text-style: dim; } }
        .plain { text-style: bold; padding: 1 0 0 0; display: none; }
        .note { height: 1; color: $dim; &:ansi { text-style: dim; } }
        .title { height: 1; text-style: bold; }
        &.-plain .tall { display: none; }
        &.-plain .plain { display: block; }
    }
    .-low Figure, .-flat Figure {
        height: 4;
        .title { display: none; }
    }
    .-flat Figure {
        height: 2;
        .tall { display: none; }
        .plain { display: block; height: 1; padding: 0; }
    }
    """

    def __init__(self, title: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title, self._amount = title, Tall("")
        self._notes: tuple[Content, ...] = ()

    def compose(self) -> ComposeResult:
        """Name, digits with their unit, the same as text, and the line below."""
        yield Static(self._title, classes="title", markup=False)
        with Horizontal(classes="tall"):
            yield Digits("")
            yield Static("", classes="unit", markup=False)
        yield Static("", classes="plain", markup=False)
        yield Static("", classes="note", markup=False)

    def show(self, title: str, amount: Tall, *notes: str | Content) -> None:
        """Another figure: its name, the amount, and a line about it, the widest wording of it first."""
        self._title, self._amount = title, amount
        self._notes = tuple(Content(note) if isinstance(note, str) else note for note in notes)
        self.query_one(".title", Static).update(title)
        self.query_one(Digits).update(amount.digits)
        self.query_one(".unit", Static).update(amount.unit)
        self.query_one(".plain", Static).update(amount.text)
        self._fit()

    def on_resize(self) -> None:
        """Another width may be too narrow for the digits, another height hides the name."""
        self._fit()

    def _fit(self) -> None:
        low = self.screen.has_class("-low") or self.screen.has_class("-flat")
        name = f"{self._title}  " if low else ""
        room = self.size.width - len(name) - 1
        fitting = [note for note in self._notes if note.cell_length <= room] or list(self._notes[-1:])
        self.query_one(".note", Static).update(Content.assemble(name, *fitting[:1]))
        ascii_only: bool = self.app.ascii_only  # type: ignore[attr-defined]
        digits, unit = self._amount.digits, self._amount.unit
        wide = TallDigits.get_width(digits) + (len(unit) + 1 if unit else 0)
        self.set_class(not digits or ascii_only or wide >= self.size.width, "-plain")
