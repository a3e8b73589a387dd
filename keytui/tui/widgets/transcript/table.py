"""Tables: column widths from the first rows, then row by row."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from keytui.tui.widgets.transcript.inline import BOLD
from keytui.tui.widgets.transcript.look import Look
from keytui.tui.widgets.transcript.row import EMPTY, Row, Run, beside, flow

MEASURED = 16
"""Rows of a table that its column widths are taken from; later rows are fitted to them."""

_NARROWEST = 4
"""Cells below which a column cannot be read; the table is then drawn as a list."""

_BETWEEN = "   "
"""What parts columns: a line there would cost two changes of colour for each cell, and says no more than the space."""

_HEADER = BOLD + Style(underline=True)

Cell = list[Run]


class Table:
    """The rows of one table. Alignment is ``left``, ``right`` or ``center`` for each column."""

    def __init__(
        self, header: Sequence[Cell], aligns: Sequence[str], rows: Sequence[Sequence[Cell]], width: int, look: Look
    ) -> None:
        self._look, self._width, self._aligns = look, width, aligns
        self._header = [[(text, style + _HEADER) for text, style in cell] for cell in header]
        self._widths = _shares([[_natural(cell) for cell in line] for line in (header, *rows)], width)

    def heading(self) -> list[Row]:
        """The header, underlined: a rule below it would take a row, and three bytes for each of its cells."""
        return [] if self._widths is None else self._line(self._header)

    def row(self, cells: Sequence[Cell]) -> list[Row]:
        """The rows of one table row."""
        if self._widths is None:
            return self._listed(cells)
        return self._line(cells)

    def _line(self, cells: Sequence[Cell]) -> list[Row]:
        assert self._widths is not None
        columns = [flow(cell, wide) for cell, wide in zip(cells, self._widths, strict=False)]
        between = Segment(_BETWEEN, self._look.text)
        rows: list[Row] = []
        for number in range(max(map(len, columns), default=0)):
            segments: list[Segment] = []
            for column, wide, align in zip(columns, self._widths, self._aligns, strict=False):
                row = column[number] if number < len(column) else EMPTY
                gap = max(0, wide - row.cells)
                before = gap if align == "right" else gap // 2 if align == "center" else 0
                segments += [between] if segments else []
                segments += [Segment(" " * before, self._look.text)] if before else []
                segments += row.segments
                segments += [Segment(" " * (gap - before), self._look.text)] if gap > before else []
            rows.append(Row(tuple(segments), sum(segment.cell_length for segment in segments)))
        return rows

    def _listed(self, cells: Sequence[Cell]) -> list[Row]:
        """A table row as a list of names and values, for a window too narrow for columns."""
        rows: list[Row] = []
        for name, cell in zip(self._header, cells, strict=False):
            runs: list[Run] = [*name, (": ", self._look.text), *cell]
            mark = Segment("  " if rows else "• ", self._look.text)
            rows += beside(flow(runs, max(1, self._width - 2)), mark, Segment("  ", self._look.text), said=2)
        return rows


def _natural(cell: Cell) -> int:
    """The width that a table cell asks for."""
    return cell_len("".join(text for text, _ in cell))


def _shares(lines: list[list[int]], width: int) -> list[int] | None:
    """The width of each column; None when there is no room for columns."""
    count = len(lines[0])
    wanted = [max((line[n] for line in lines if n < len(line)), default=1) or 1 for n in range(count)]
    room = width - len(_BETWEEN) * (count - 1)
    if sum(wanted) <= room:
        return wanted
    if room < _NARROWEST * count:
        return None
    shares = [0] * count
    left, open_columns = room, list(range(count))
    while open_columns:
        fair = left // len(open_columns)
        small = [n for n in open_columns if wanted[n] <= fair]
        if not small:
            for place, n in enumerate(open_columns):
                shares[n] = fair + (1 if place < left % len(open_columns) else 0)
            break
        for n in small:
            shares[n] = wanted[n]
            left -= wanted[n]
            open_columns.remove(n)
    return shares
