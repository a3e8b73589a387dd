"""One row of a transcript, and the flow of styled text into rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from keytui.tui.private.rows import breaks

Run = tuple[str, Style]
"""Text in one style."""

TAB = 4
"""Cells between tab stops."""


@dataclass(frozen=True, slots=True)
class Row:
    """Segments that fit the width they were made for."""

    segments: tuple[Segment, ...]
    cells: int
    wraps: bool = False
    """Whether the same line goes on in the next row: no line end between them when it is copied."""
    skip: int = 0
    """Characters at the beginning that are drawn, not said: they are left out of what is copied."""

    @property
    def text(self) -> str:
        """The characters."""
        return "".join(segment.text for segment in self.segments)


EMPTY = Row((), 0)
"""The row between two blocks."""


def flow(runs: Iterable[Run], width: int) -> list[Row]:
    """Styled text in rows of at most ``width`` cells; a line feed begins a new row, tabs are widened."""
    rows: list[Row] = []
    line: list[Run] = []
    for text, style in runs:
        first, *others = text.split("\n")
        if first:
            line.append((first, style))
        for part in others:
            rows += _line(line, width)
            line = [(part, style)] if part else []
    rows += _line(line, width)
    return rows


def _line(runs: Sequence[Run], width: int) -> list[Row]:
    if not runs:
        return [EMPTY]
    text = "".join(part for part, _ in runs)
    if "\t" in text:
        runs = _widened(runs)
        text = "".join(part for part, _ in runs)
    offsets = list(breaks(text, width, TAB))
    if not offsets:
        return [Row(tuple(Segment(part, style) for part, style in runs), cell_len(text))]
    rows: list[Row] = []
    edges = [0, *offsets, len(text)]
    at, number = 0, 0
    for start, end in pairwise(edges):
        segments: list[Segment] = []
        # The piece that this row begins in may have begun rows before: only slices are made, whatever its length.
        while number < len(runs):
            piece, style = runs[number]
            segments.append(Segment(piece[max(0, start - at) : end - at], style))
            if at + len(piece) > end:
                break
            at += len(piece)
            number += 1
            if at == end:
                break
        rows.append(Row(tuple(segments), cell_len(text[start:end]), wraps=end < len(text)))
    return rows


def _widened(runs: Sequence[Run]) -> list[Run]:
    """The runs with tabs as spaces, up to the next tab stop of the line."""
    wide: list[Run] = []
    cells = 0
    for text, style in runs:
        shown = ""
        for number, part in enumerate(text.split("\t")):
            if number:
                gap = TAB - cells % TAB
                shown += " " * gap
                cells += gap
            shown += part
            cells += cell_len(part)
        wide.append((shown, style))
    return wide


def beside(rows: Sequence[Row], first: Segment, others: Segment, *, said: int = 0) -> list[Row]:
    """Rows with something drawn at their left.

    Args:
        rows: What stands at the right.
        first: The left of the first row.
        others: The left of the others; as wide as the first.
        said: How many characters of the first row's left belong to the text and are copied with it.
    """
    wider: list[Row] = []
    for number, row in enumerate(rows):
        left = others if number else first
        skip = row.skip + len(left.text) if number or not said else 0
        wider.append(Row((left, *row.segments), row.cells + left.cell_length, row.wraps, skip))
    return wider


def filled(row: Row, width: int, style: Style) -> Row:
    """The row, with its style's background up to the width."""
    missing = width - row.cells
    if missing <= 0:
        return row
    return Row((*row.segments, Segment(" " * missing, style)), width, row.wraps, row.skip)
