"""The draft's text and its rows, for Textual's text area.

textual 8.2.8: ``Document`` splits lines wherever ``str.splitlines`` does and so alters form feeds and the like; its
``WrappedDocument`` adds up the height of every line for each row it draws, and breaks whole lines anew after each edit.
Both are private modules there, and both are replaced here, method by method.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate, pairwise

from rich.cells import cell_len
from textual.document._document import Document, EditResult, Location
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Offset, clamp

from keytui.tui.private.plain import one_newline, plain
from keytui.tui.private.rows import breaks, rebreak

EditListener = Callable[[Location, Location, str], None]
"""Called with top and bottom of the removed range and the text that came in its place, as it stands in the draft."""

_WHOLE: list[int] = []
"""The breaks of every line that fits into one row: one list for all, never altered."""


class DraftDocument(Document):
    """Lines that end at a line feed and nowhere else. Every change passes through ``replace_range``."""

    def __init__(self, text: str) -> None:
        text = one_newline(text)
        self._newline = "\n"
        self._lines = text.split("\n")
        self._text: str | None = text
        self.listeners: list[Callable[[Location, Location, str, Location], None]] = []
        """Called after each change, in order: top, bottom (old), inserted text, its end (new)."""

    @property
    def text(self) -> str:
        """The whole draft; joined once after a change."""
        if self._text is None:
            self._text = "\n".join(self._lines)
        return self._text

    @property
    def is_empty(self) -> bool:
        """Whether there is no character at all; takes no time."""
        return len(self._lines) == 1 and not self._lines[0]

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replace a range and tell the listeners. Locations outside the draft are moved to its edge."""
        top, bottom = sorted((self._inside(start), self._inside(end)))
        (top_row, top_column), (bottom_row, bottom_column) = top, bottom
        text = one_newline(text)
        removed = self.get_text_range(top, bottom)
        lines = self._lines
        before = lines[top_row][:top_column]
        after = lines[bottom_row][bottom_column:]
        if "\n" in text:
            fresh = text.split("\n")
            last = len(fresh[-1])
            fresh[0] = before + fresh[0]
            fresh[-1] += after
        else:
            fresh = [before + text + after]
            last = top_column + len(text)
        if len(fresh) == 1 and top_row == bottom_row:
            lines[top_row] = fresh[0]
        else:
            lines[top_row : bottom_row + 1] = fresh
        self._text = None
        ended = (top_row + len(fresh) - 1, last)
        for listener in self.listeners:
            listener(top, bottom, text, ended)
        return EditResult(ended, removed)

    def get_text_range(self, start: Location, end: Location) -> str:
        """The text between two locations."""
        (top_row, top_column), (bottom_row, bottom_column) = sorted((self._inside(start), self._inside(end)))
        lines = self._lines
        if top_row == bottom_row:
            return lines[top_row][top_column:bottom_column]
        middle = lines[top_row + 1 : bottom_row]
        return "\n".join([lines[top_row][top_column:], *middle, lines[bottom_row][:bottom_column]])

    def _inside(self, location: Location) -> Location:
        row, column = location
        if row >= len(self._lines):
            return self.end
        return max(row, 0), clamp(column, 0, len(self._lines[row]))


class DraftRows(WrappedDocument):
    """The rows of a draft, kept in step by the document itself, so never wrong between the edits of one undo."""

    document: DraftDocument

    def __init__(self, document: DraftDocument, width: int = 0, tab_width: int = 4) -> None:
        self._starts: list[int] = []
        self._settled = 0
        self._wrapped_at: tuple[int, int] | None = None
        super().__init__(document, width, tab_width)
        document.listeners.insert(0, self._follow)

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Break every line anew, unless they are broken at this width already."""
        tab = tab_width or self._tab_width
        if self._wrapped_at == (width, tab):
            return
        self._wrapped_at = (width, tab)
        self._width, self._tab_width = width, tab
        self._wrap_offsets = [self._broken(line) for line in self.document.lines]
        self._unsettle(0)

    def wrap_range(self, start: Location, old_end: Location, new_end: Location) -> None:
        """Nothing to do: the document has told of the edit already."""

    def _broken(self, line: str) -> list[int]:
        width = self._width
        if len(line) <= width and line.isascii() and "\t" not in line:
            return _WHOLE
        return list(breaks(line, width, self._tab_width)) or _WHOLE

    def _follow(self, top: Location, bottom: Location, text: str, ended: Location) -> None:
        row, lines = top[0], self.document.lines
        if row == bottom[0] == ended[0]:
            old = self._wrap_offsets[row]
            line = lines[row]
            if not old and len(line) <= self._width:
                new = self._broken(line)
            else:
                new = rebreak(old, line, self._width, self._tab_width, (top[1], bottom[1], ended[1])) or _WHOLE
            self._wrap_offsets[row] = new
            if len(new) != len(old):
                self._unsettle(row)
        else:
            self._wrap_offsets[row : bottom[0] + 1] = [self._broken(line) for line in lines[row : ended[0] + 1]]
            self._unsettle(row)

    def _unsettle(self, line: int) -> None:
        """The rows of this line are other ones now: where the lines after it begin has to be added up again."""
        self._settled = min(self._settled, line)

    def _first_rows(self) -> list[int]:
        """The first row of each line, and the number of rows as one more item."""
        lines = len(self._wrap_offsets)
        if self._settled <= lines or len(self._starts) != lines + 1:
            settled = self._settled
            base = self._starts[settled] if settled and settled < len(self._starts) else None
            if base is None:
                settled, base = 0, 0
            counts = [len(offsets) + 1 for offsets in self._wrap_offsets[settled:]]
            self._starts[settled:] = accumulate(counts, initial=base)
            self._settled = lines + 1
        return self._starts

    @property
    def height(self) -> int:
        """Rows in all."""
        return self._first_rows()[-1]

    @property
    def lines(self) -> list[list[str]]:
        """The rows of each line."""
        return [self.get_sections(line) for line in range(len(self._wrap_offsets))]

    def row_at(self, row: int) -> tuple[int, int, int, bool] | None:
        """Line, first column, end column of a row, and whether it is the line's last; None below the draft."""
        starts = self._first_rows()
        if not 0 <= row < starts[-1]:
            return None
        line = bisect_right(starts, row) - 1
        offsets = self._wrap_offsets[line]
        section = row - starts[line]
        first = offsets[section - 1] if section else 0
        if section < len(offsets):
            return line, first, offsets[section], False
        return line, first, len(self.document.lines[line]), True

    def cells(self, text: str) -> int:
        """Cells that the beginning of a row takes."""
        if "\t" not in text:
            return cell_len(plain(text))
        total = 0
        *parts, last = text.split("\t")
        for part in parts:
            total += cell_len(plain(part))
            total += self._tab_width - total % self._tab_width
        return total + cell_len(plain(last))

    def column_at(self, text: str, cells: int) -> int:
        """The column of a row that covers a cell; the row's length when it is shorter."""
        if text.isascii() and "\t" not in text:
            return min(cells, len(text))
        reached = 0
        for column, character in enumerate(text):
            if character == "\t":
                reached += self._tab_width - reached % self._tab_width
            else:
                reached += cell_len(plain(character))
            if reached > cells:
                return column
        return len(text)

    def offset_to_location(self, offset: Offset) -> Location:
        """The place in the draft under a cell; below the last row, the nearest in it."""
        row = clamp(offset.y, 0, self.height - 1)
        found = self.row_at(row)
        if found is None:
            return self.document.end
        line, first, end, last = found
        column = first + self.column_at(self.document.lines[line][first:end], max(0, offset.x))
        return line, column if last else min(column, end - 1)

    def location_to_offset(self, location: Location) -> Offset:
        """The cell of a place in the draft; a place outside it counts as its nearest edge."""
        lines = self.document.lines
        line = clamp(location[0], 0, len(lines) - 1)
        column = clamp(location[1], 0, len(lines[line]))
        offsets = self._wrap_offsets[line]
        section = bisect_right(offsets, column)
        first = offsets[section - 1] if section else 0
        return Offset(self.cells(lines[line][first:column]), self._first_rows()[line] + section)

    def get_target_document_column(self, line_index: int, x_offset: int, y_offset: int) -> int:
        """The column of a line under a cell of one of its rows (negative rows count from the line's end)."""
        offsets = self._wrap_offsets[line_index]
        line = self.document.lines[line_index]
        section = y_offset if y_offset >= 0 else len(offsets) + 1 + y_offset
        first = offsets[section - 1] if section else 0
        end = offsets[section] if section < len(offsets) else len(line)
        column = first + self.column_at(line[first:end], x_offset)
        return column if section >= len(offsets) else min(column, end - 1)

    def get_sections(self, line_index: int) -> list[str]:
        """The rows of one line."""
        line = self.document.lines[line_index]
        edges = [0, *self._wrap_offsets[line_index], len(line)]
        return [line[first:end] for first, end in pairwise(edges)]

    def get_tab_widths(self, line_index: int) -> list[int]:
        """Not kept: tab stops are counted from the start of each row, when it is drawn."""
        return []
