"""From rows to strips: margins, the mark of the current message, the selection, the card of an empty transcript."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip
from textual.visual import Visual, visualize
from textual.widget import Widget

from keytui.tui.widgets.transcript.look import Look
from keytui.tui.widgets.transcript.row import Row

MARGIN = 1
"""Cells left free at either side."""

PARTS = (
    "dim", "title", "heading", "code", "block", "link", "warning", "keyword", "string", "number", "comment", "name",
)  # fmt: skip
"""What the style sheet gives a style to, each as ``transcript--…``."""


class Painter:
    """The styles of a transcript as they are now, and what is painted with them."""

    def __init__(self, widget: Widget) -> None:
        base = widget.rich_style

        def style(name: str) -> Style:
            return base + widget.get_component_rich_style(f"transcript--{name}")

        self.look = Look(text=base, **{name: style(name) for name in PARTS})
        self._mark = style("current")
        self._selection = widget.screen.get_component_rich_style("screen--selection")

    def blank(self, width: int) -> Strip:
        """A row with nothing in it."""
        return Strip.blank(width, self.look.text)

    def strip(self, row: Row, width: int, *, marked: bool, selected: tuple[int, int] | None) -> Strip:
        """A row as wide as the view.

        Args:
            row: The row.
            width: Cells of the view.
            marked: Whether it belongs to the current message.
            selected: First and last column of the selection in it; -1 is the end of the text.
        """
        base = self.look.text
        segments = [Segment("▎", self._mark) if marked else Segment(" " * MARGIN, base), *row.segments]
        cells = MARGIN + row.cells
        if cells < width:
            segments.append(Segment(" " * (width - cells), base))
        strip = Strip(segments, max(cells, width))
        if cells > width:
            strip = strip.crop(0, width)
        if selected is not None:
            strip = _selected(strip, selected, MARGIN + len(row.text), self._selection)
        return strip

    def card(self, widget: Widget, lines: Sequence[Content | str], width: int) -> list[Strip]:
        """The strips of what an empty transcript says, one row below the top."""
        if not lines:
            return []
        content = Content("\n").join([line if isinstance(line, Content) else Content(line) for line in lines])
        inner = Visual.to_strips(widget, visualize(widget, content), max(1, width - 4), None, widget.visual_style)
        base = self.look.text
        rows = [
            Strip([Segment("  ", base), *strip, Segment(" " * max(0, width - 2 - strip.cell_length), base)], width)
            for strip in inner
        ]
        return [self.blank(width), *rows]


def _selected(strip: Strip, span: tuple[int, int], length: int, style: Style) -> Strip:
    start, end = span
    end = length if end == -1 else min(end, length)
    if start >= end:
        return strip
    segments: list[Segment] = []
    at = 0
    for text, own, _ in strip:
        for low, high in ((0, start), (start, end), (end, at + len(text))):
            if part := text[max(0, low - at) : max(0, high - at)]:
                segments.append(Segment(part, (own or Style()) + style if (low, high) == (start, end) else own))
        at += len(text)
    return Strip(segments, strip.cell_length)
