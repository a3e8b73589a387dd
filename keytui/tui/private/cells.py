"""Cells of the terminal's screen: what one shows and how it is drawn.

``rich`` styles are read by their private fields, as textual 8.2.8 itself does in ``Strip.render_ansi``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.color import ColorSystem
from rich.style import Style
from textual.strip import SGR_STYLES

Pen = tuple[str, str, str, str]
"""How a cell is drawn: attributes, foreground, background (SGR codes), address of a link."""

PLAIN: Pen = ("", "39", "49", "")
"""The terminal's own colours."""

UNKNOWN = "\0"
"""A cell that may show anything: it differs from every character."""


@dataclass(slots=True)
class Line:
    """The cells of one row. The second cell of a wide character holds no character."""

    characters: list[str]
    pens: list[Pen]

    def copy(self) -> Line:
        """The same cells, to be changed."""
        return Line(self.characters[:], self.pens[:])

    def margin(self, x: int) -> Pen | None:
        """The one pen of the cells before a column, all of them empty; None where there is no such pen."""
        if any(character != " " for character in self.characters[:x]):
            return None
        pens = set(self.pens[:x])
        return pens.pop() if len(pens) == 1 else None


def changes(old: Line, new: Line) -> Sequence[int]:
    """The columns in which two rows differ."""
    if old.characters == new.characters and old.pens == new.pens:
        return ()
    cells = zip(old.characters, new.characters, old.pens, new.pens, strict=True)
    return [x for x, (was, is_now, its_pen, pen) in enumerate(cells) if was != is_now or its_pen != pen]


class Pens:
    """The pens of styles, for a terminal that can show some colours only."""

    def __init__(self, colors: ColorSystem) -> None:
        self._colors = colors
        self._known: dict[Style, Pen] = {}

    def of(self, style: Style) -> Pen:
        """How a style is drawn."""
        pen = self._known.get(style)
        if pen is None:
            attributes = style._attributes & style._set_attributes
            codes = [SGR_STYLES[bit] for bit in range(attributes.bit_length()) if attributes & (1 << bit)]
            front, back = style._color, style._bgcolor
            pen = self._known[style] = (
                ";".join(codes),
                ";".join(front.downgrade(self._colors).get_ansi_codes()) if front else "39",
                ";".join(back.downgrade(self._colors).get_ansi_codes(False)) if back else "49",
                _openable(style._link),
            )
        return pen


def _openable(address: str | None) -> str:
    """An address as it may stand in an escape sequence; one that could end the sequence is no link."""
    return address if address and address.isascii() and address.isprintable() else ""
