"""Markdown that arrives piece by piece, as rows: what cannot change any more is drawn once and settled.

Only the open end is parsed again: the last block, and of a long list, table or code block only its last part. The rows
follow from the text alone, however it was cut on its way.
"""

from __future__ import annotations

import re

from keytui.tui.private.plain import plain
from keytui.tui.widgets.transcript.blocks import (
    Block,
    Drawing,
    Piece,
    blank_before,
    blocks,
    draw,
    draw_item,
    marker,
    start_of,
    table_cells,
)
from keytui.tui.widgets.transcript.code import CodeBlock, closes
from keytui.tui.widgets.transcript.coming import presentable
from keytui.tui.widgets.transcript.look import Look
from keytui.tui.widgets.transcript.row import EMPTY, Row
from keytui.tui.widgets.transcript.table import MEASURED, Table

_LONG = 4_000
"""Characters after which an open paragraph is settled up to its next space: without it one endless line would be
parsed anew for every frame."""

_CUT = re.compile(r"(?<=[\w,.;:]) (?=[^\W\d_])")


class _OpenCode:
    """A code block whose end has not come."""

    def __init__(self, block: Block, code: CodeBlock, first: int) -> None:
        self.marker = block.token.markup
        self.code, self.first = code, first
        self.indent = 0

    def stripped(self, line: str) -> str:
        """The line without the indentation of the fence."""
        spaces = len(line) - len(line.lstrip(" "))
        return line[min(self.indent, spaces) :]


class MarkdownRows:
    """The rows of one text at one width.

    ``feed`` as it comes, ``finish`` once; then ``settled`` rows never change and ``loose`` ones are drawn anew with
    every piece.
    """

    def __init__(self, width: int, look: Look) -> None:
        self._width, self._look = max(1, width), look
        self.settled = Drawing()
        self.loose: list[Row] = []
        self._loose_codes: list[Piece] = []
        self._source = ""
        self._ended = False
        self._open_code: _OpenCode | None = None
        self._open_table: tuple[str, Table] | None = None
        self._gap = False
        self._number: int | None = None

    @property
    def height(self) -> int:
        """Rows in all."""
        return len(self.settled.rows) + len(self.loose)

    def row(self, number: int) -> Row:
        """One row."""
        settled = self.settled.rows
        return settled[number] if number < len(settled) else self.loose[number - len(settled)]

    @property
    def codes(self) -> list[Piece]:
        """The code blocks, the open one included."""
        return self.settled.codes + self._loose_codes

    def feed(self, text: str) -> None:
        """Take the next piece of the text."""
        self._source += plain(text.replace("\r", ""))
        self._go_on()

    def finish(self) -> None:
        """There is no more."""
        self._ended = True
        self._go_on()

    def _go_on(self) -> None:
        self.loose, self._loose_codes = [], []
        while self._step():
            pass

    def _step(self) -> bool:
        """Settle what can be settled next; whether there may be more."""
        if self._open_code is not None:
            return self._more_code(self._open_code)
        if self._open_table is not None:
            return self._more_table(*self._open_table)
        return self._more_blocks()

    def _begin_block(self, drawing: Drawing) -> None:
        if self._gap and self.settled.rows:
            drawing.add([EMPTY])

    def _settle(self, other: Drawing, *, gap: bool = True) -> None:
        at = len(self.settled.rows)
        self.settled.rows += other.rows
        self.settled.codes += [Piece(code.first + at, code.end + at, code.text) for code in other.codes]
        self._gap = gap

    # -- blocks ------------------------------------------------------------------------------------

    def _more_blocks(self) -> bool:
        source = self._source
        found = blocks(source) if source.strip() else []
        if not found:
            return False
        lines = source.split("\n")
        *whole, last = found
        if whole and self._unsure(last, lines):
            # What a line without its end will be is not known: "3" may go on as "3." and the list before it with it.
            whole.pop()
        last = found[len(whole)]
        for place, block in enumerate(whole):
            if _flows(block) and self._too_long(found, place, lines):
                self._source = "\n".join(lines[block.first :])
                return self._split_paragraph()
            self._settle(self._drawn(block, lines))
            self._number = None
        self._source = "\n".join(lines[last.first :]) if whole else source
        if whole:
            lines = lines[last.first :]
            # Parsed again from its own first line: its line numbers count from there.
            last = blocks(self._source)[0]
        if len(found) - len(whole) > 1:
            *others, end = blocks(self._source)
            for block in others:
                self._let_loose(block, lines, gap=self._gap if block.first == last.first else True)
            if (coming := _for_now(end, lines)) is not None:
                self._let_loose(*coming, gap=True)
            return False
        return self._last_block(last, lines)

    def _unsure(self, block: Block, lines: list[str]) -> bool:
        """Whether a block begins on the last line, which is not whole yet."""
        return not self._ended and bool(lines[-1]) and block.first == len(lines) - 1

    def _let_loose(self, block: Block, lines: list[str], *, gap: bool) -> None:
        """Draw a block that may still change."""
        drawing = Drawing()
        if gap and (self.settled.rows or self.loose):
            drawing.add([EMPTY])
        at = len(self.settled.rows) + len(self.loose) + len(drawing.rows)
        inner = draw(block, lines, self._width, self._look, number=self._number)
        self.loose += [*drawing.rows, *inner.rows]
        self._loose_codes += [Piece(code.first + at, code.end + at, code.text) for code in inner.codes]

    def _too_long(self, found: list[Block], place: int, lines: list[str]) -> bool:
        end = found[place + 1].first
        return sum(map(len, lines[found[place].first : end])) > _LONG

    def _last_block(self, block: Block, lines: list[str]) -> bool:
        """The block at the open end: settle of it what is whole."""
        match block.kind:
            case "fence" if len(lines) > block.first + 1:
                return self._open_fence(block, lines)
            case "table" if len(lines) - 1 - (block.first + 2) >= MEASURED:
                return self._open_long_table(block, lines)
            case "bullet_list" | "ordered_list" if len(block.inside) > 1 + self._unsure(block.inside[-1], lines):
                self._settle_items(block, lines)
                return True
            case _ if _flows(block) and len(self._source) > _LONG and self._split_paragraph():
                return True
        if self._ended:
            self._settle(self._drawn(block, lines))
            self._source = ""
        elif (coming := _for_now(block, lines)) is not None:
            drawing = self._drawn(*coming)
            at = len(self.settled.rows)
            self.loose = drawing.rows
            self._loose_codes = [Piece(code.first + at, code.end + at, code.text) for code in drawing.codes]
        return False

    def _drawn(self, block: Block, lines: list[str]) -> Drawing:
        drawing = Drawing()
        self._begin_block(drawing)
        at = len(drawing.rows)
        inner = draw(block, lines, self._width, self._look, number=self._number)
        drawing.rows += inner.rows
        drawing.codes += [Piece(code.first + at, code.end + at, code.text) for code in inner.codes]
        return drawing

    def _split_paragraph(self) -> bool:
        """Settle the beginning of a paragraph that has no end; whether there was a place to cut."""
        match = _CUT.search(self._source, _LONG)
        if match is None:
            return False
        head, self._source = self._source[: match.start()], self._source[match.end() :]
        for block in blocks(head):
            self._settle(self._drawn(block, head.split("\n")), gap=False)
        return True

    def _settle_items(self, block: Block, lines: list[str]) -> None:
        """Settle all items of a list but the last; it may still grow."""
        first = start_of(block) if self._number is None else self._number
        *whole, last = block.inside
        if self._unsure(last, lines):
            last = whole.pop()
        for place, item in enumerate(whole):
            drawing = Drawing()
            if place:
                self._gap = blank_before(item, lines)
            self._begin_block(drawing)
            draw_item(drawing, item, marker(block, place, 0, first), lines, self._width, self._look, 0)
            self._settle(drawing)
        self._gap = blank_before(last, lines)
        self._number = first + len(whole) if block.kind == "ordered_list" else None
        self._source = "\n".join(lines[last.first :])

    # -- code ----------------------------------------------------------------------------------------

    def _open_fence(self, block: Block, lines: list[str]) -> bool:
        drawing = Drawing()
        self._begin_block(drawing)
        code = CodeBlock(block.token.info, self._width, self._look)
        opening = lines[block.first]
        open_code = _OpenCode(block, code, len(self.settled.rows) + len(drawing.rows))
        open_code.indent = len(opening) - len(opening.lstrip(" "))
        drawing.add(code.heading())
        self._settle(drawing, gap=False)
        self._source = "\n".join(lines[block.first + 1 :])
        self._open_code = open_code
        self._number = None
        return True

    def _more_code(self, open_code: _OpenCode) -> bool:
        code = open_code.code
        *whole, partial = self._source.split("\n")
        if self._ended and partial:
            whole, partial = [*whole, partial], ""
        for place, line in enumerate(whole):
            if closes(line, open_code.marker):
                self._source = "\n".join([*whole[place + 1 :], partial])
                self._close_code(open_code)
                return True
            self.settled.rows += code.add(open_code.stripped(line))
        self._source = partial
        if self._ended:
            self._close_code(open_code)
            return False
        # A line of the fence's own characters may be about to close it.
        hidden = not partial or not partial.strip().strip(open_code.marker[0])
        self.loose = code.rest(None if hidden else open_code.stripped(partial))
        end = len(self.settled.rows) + len(self.loose)
        self._loose_codes = [Piece(open_code.first, end, code.text)]
        return False

    def _close_code(self, open_code: _OpenCode) -> None:
        self.settled.rows += open_code.code.rest()
        self.settled.codes.append(Piece(open_code.first, len(self.settled.rows), open_code.code.text))
        self._open_code = None
        self._gap = True

    # -- tables ---------------------------------------------------------------------------------------

    def _open_long_table(self, block: Block, lines: list[str]) -> bool:
        drawing = Drawing()
        self._begin_block(drawing)
        header, aligns, body = table_cells(block, self._look)
        table = Table(header, aligns, body[:MEASURED], self._width, self._look)
        drawing.add(table.heading())
        for row in body[:MEASURED]:
            drawing.add(table.row(row))
        self._settle(drawing, gap=False)
        body_at = block.first + 2
        self._open_table = "\n".join(lines[block.first : body_at]), table
        self._source = "\n".join(lines[body_at + MEASURED :])
        self._number = None
        return True

    def _more_table(self, head: str, table: Table) -> bool:
        while self._source:
            line, end, after = self._source.partition("\n")
            found = blocks(f"{head}\n{line}")
            body = table_cells(found[0], self._look)[2]
            if len(found) > 1 or not body:
                if not end and not self._ended:
                    return False
                self._open_table = None
                self._gap = True
                return True
            if not end and not self._ended:
                self.loose = table.row(body[0])
                return False
            self.settled.rows += table.row(body[0])
            self._source = after
        return False


def _flows(block: Block) -> bool:
    """Whether a block's text came as a paragraph: a line of dashes below makes it a heading only while it is short."""
    return block.kind == "paragraph" or (block.kind == "heading" and block.token.markup in ("-", "="))


def _for_now(block: Block, lines: list[str]) -> tuple[Block, list[str]] | None:
    """What is shown of a block that is still coming, and its lines; None while that is nothing."""
    source = "\n".join(lines[block.first :])
    shown = presentable(block.kind, source)
    if shown == source:
        return block, lines
    found = blocks(shown)
    return (found[0], shown.split("\n")) if found else None
