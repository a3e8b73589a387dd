"""A text area whose cost for a key does not grow with the draft.

textual 8.2.8, ``TextArea``: for every row drawn it joins the whole document and divides a whole line; it looks for the
matching bracket to the document's end; it wraps everything twice when a scrollbar appears, and an undo of the paste
that made it appear then fails (Textualize/textual#6686). What is overridden here is private there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.document._document import Location, Selection
from textual.document._document_navigator import DocumentNavigator
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

from keytui.tui.private.document import DraftDocument, DraftRows, EditListener
from keytui.tui.private.keys import take_own_key
from keytui.tui.private.plain import plain

_NEAR = 2_000
"""Characters looked through for a word's edge before the whole line is."""


class FastTextArea(TextArea):
    """A ``TextArea`` for plain text of any size, always wrapped, that tells of each edit as it happens."""

    document: DraftDocument
    wrapped_document: DraftRows

    on_edit: EditListener | None = None
    """Called within each edit (typing, paste, delete, undo, redo): top, bottom, text that is now between them."""
    on_load: Callable[[str], None] | None = None
    """Called with the whole text when it is replaced by ``load_text``."""

    async def _on_key(self, event: events.Key) -> None:
        await take_own_key(self, event)

    def _set_document(self, text: str, language: str | None) -> None:
        document = DraftDocument(text)
        self.document = document
        self.wrapped_document = DraftRows(document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        document.listeners.append(self._tell)
        self.selection = Selection.cursor((0, 0))
        if self.on_load is not None:
            self.on_load(document.text)
        self._rewrap_and_refresh_virtual_size()

    def _tell(self, top: Location, bottom: Location, text: str, ended: Location) -> None:
        if self.on_edit is not None:
            self.on_edit(top, bottom, text)

    def _build_highlight_map(self) -> None:
        """Plain text has no highlights, and rows are not kept."""

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """Never looked for: prose has few, and a long draft would be read to its end."""
        return None

    def _rewrap_and_refresh_virtual_size(self) -> None:
        self.wrapped_document.wrap(self.wrap_width, tab_width=self.indent_width)
        self._refresh_size()

    def _refresh_size(self) -> None:
        """Take the new height without a new layout of the screen, which a reactive ``virtual_size`` asks for."""
        size = Size(0, self.wrapped_document.height)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self.resized_content(size.height)
            self._scroll_update(size)

    def resized_content(self, rows: int) -> None:
        """Called when the number of rows has changed."""

    def render_line(self, y: int) -> Strip:
        """One row, from the part of the draft that it shows and from nothing else."""
        if self.document.is_empty:
            return super().render_line(y)
        theme = self._theme
        base = theme.base_style or self.rich_style
        width = self.scrollable_content_region.width
        found = self.wrapped_document.row_at(y + self.scroll_offset.y)
        if found is None:
            return Strip.blank(width, base)
        line, first, end, last = found
        text = self.document.lines[line][first:end]
        marks = self._marks(line, first, end, last)
        if not marks and text.isascii() and text.isprintable():
            return Strip([Segment(text + " " * (width - len(text)), base)], width)
        return self._styled(text, marks, base, width)

    def _marks(self, line: int, first: int, end: int, last: bool) -> list[tuple[int, int, Style]]:
        """Selection and cursor in a row: start, end (columns in the row) and style, later ones on top."""
        theme = self._theme
        marks: list[tuple[int, int, Style]] = []
        top, bottom = sorted(self.selection)
        if top != bottom and theme.selection_style and top[0] <= line <= bottom[0]:
            start = max(first, top[1]) if line == top[0] else first
            # The space after a line stands for its line end.
            stop = min(end, bottom[1]) if line == bottom[0] else end + last
            if start < stop:
                marks.append((start - first, stop - first, theme.selection_style))
        row, column = self.selection.end
        if row == line and (first <= column < end or (last and column == end)) and self._draw_cursor:
            marks.append((column - first, column - first + 1, theme.cursor_style or Style(reverse=True)))
        return marks

    def _styled(self, text: str, marks: list[tuple[int, int, Style]], base: Style, width: int) -> Strip:
        """A row with its marks, tabs widened and characters made safe."""
        length = max([len(text), *(stop for _, stop, _ in marks)])
        text = text.ljust(length)
        edges = sorted({0, length, *(edge for mark in marks for edge in mark[:2])})
        segments: list[Segment] = []
        cells = 0
        for start, stop in pairwise(edges):
            style = base
            for mark_start, mark_stop, mark in marks:
                if mark_start <= start and stop <= mark_stop:
                    style += mark
            part, cells = self._widened(text[start:stop], cells)
            segments.append(Segment(part, style))
        return Strip(segments, cells).adjust_cell_length(width, base)

    def _widened(self, text: str, cells: int) -> tuple[str, int]:
        """A part of a row as it is shown, and the cell that it ends at."""
        rows = self.wrapped_document
        text = plain(text)
        if "\t" not in text:
            return text, cells + rows.cells(text)
        shown = ""
        for part in re.split("(\t)", text):
            piece = " " * (self.indent_width - cells % self.indent_width) if part == "\t" else part
            shown += piece
            cells += rows.cells(piece)
        return shown, cells

    def get_cursor_word_left_location(self) -> Location:
        """Where a word to the left begins; on a long line only the near part is searched at first."""
        row, column = self.cursor_location
        near = max(0, column - _NEAR)
        if near:
            text = self.document[row][near:column].rstrip()
            edges = [match.start() for match in self._word_pattern.finditer(text)]
            if edges:
                return row, near + edges[-1]
        return super().get_cursor_word_left_location()

    def get_cursor_word_right_location(self) -> Location:
        """Where the word to the right ends; on a long line only the near part is searched at first."""
        row, column = self.selection.end
        line = self.document[row]
        if len(line) - column > _NEAR:
            text = line[column : column + _NEAR]
            stripped = text.lstrip()
            match = self._word_pattern.search(stripped)
            if match:
                return row, column + len(text) - len(stripped) + match.start()
        return super().get_cursor_word_right_location()

    def action_delete_word_right(self) -> None:
        """Delete to the end of the word at the right, or the selection."""
        row, column = self.selection.end
        line = self.document[row]
        match = re.compile(r"\s*\w+").search(line, column) if self.selection.is_empty else None
        if match:
            self._delete_via_keyboard((row, column), (row, match.end()))
        else:
            super().action_delete_word_right()
