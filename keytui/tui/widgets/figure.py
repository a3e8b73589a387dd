"""One large figure: its name, the amount in tall digits, and a line about it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.renderables.digits import Digits as TallDigits
from textual.widget import Widget
from textual.widgets import Digits, Static


class Figure(Widget):
    """Five rows, four in a low window: there the name stands before the line below the digits.

    The digits give way to plain bold text where they do not fit, and where the locale has no box drawing.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Figure {
        width: 1fr;
        height: 5;
        Digits, .plain { height: 3; width: 1fr; }
        .plain { text-style: bold; padding: 1 0 0 0; display: none; }
        .note { height: 1; color: $dim; &:ansi { text-style: dim; } }
        .title { height: 1; text-style: bold; }
        &.-plain Digits { display: none; }
        &.-plain .plain { display: block; }
    }
    .-low Figure, .-flat Figure {
        height: 4;
        .title { display: none; }
    }
    .-flat Figure {
        height: 2;
        Digits { display: none; }
        .plain { display: block; height: 1; padding: 0; }
    }
    """

    def __init__(self, title: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title, self._amount = title, ""
        self._notes: tuple[Content, ...] = ()

    def compose(self) -> ComposeResult:
        """Name, digits, the same as text, and the line below."""
        yield Static(self._title, classes="title", markup=False)
        yield Digits("")
        yield Static("", classes="plain", markup=False)
        yield Static("", classes="note", markup=False)

    def show(self, title: str, amount: str, *notes: str | Content) -> None:
        """Another figure: its name, the amount as text, and a line about it, the widest wording of it first."""
        self._title, self._amount = title, amount
        self._notes = tuple(Content(note) if isinstance(note, str) else note for note in notes)
        self.query_one(".title", Static).update(title)
        self.query_one(Digits).update(amount)
        self.query_one(".plain", Static).update(amount)
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
        tall = TallDigits.get_width(self._amount) < self.size.width and not ascii_only
        # A lower bound has no tall form, and words are no digits.
        self.set_class(not tall or not set(self._amount) <= set("$-0123456789.,?"), "-plain")
