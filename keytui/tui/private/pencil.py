"""The terminal's cursor and pen, and the fewest characters that have them write changed cells."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from keytui.tui.private.cells import PLAIN, Line, Pen, changes

_MERGED = 6
"""Equal cells between two changes that are written again, because moving over them takes as many characters."""

_ERASED = 9
"""Spaces in a row that are still written; more of them are erased."""

_GAP = " " * (_ERASED + 1)

_INDENTED = 3
"""Columns that a row may begin at to be reached by a line end and spaces instead of by its numbers."""

_UNSEEN = ("", "1", "3")
"""Attributes (none, bold, italic) that an empty cell does not show."""

_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29"}
"""What ends an attribute alone. Starting from nothing (``0``) would cost both colours again."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Cells of one row that are written with one pen."""

    y: int
    x: int
    characters: Sequence[str]
    pen: Pen
    margin: Pen | None = None
    """The pen of the cells before it, where all of these are empty, and stay so."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be seen in it but its background."""
        return not self.pen[0] and all(character == " " for character in self.characters)


def pieces(y: int, old: Line, new: Line) -> Iterator[Piece]:
    """What has to be written to turn one row into another, from left to right."""
    changed = changes(old, new)
    start = 0
    while start < len(changed):
        end = start
        while end + 1 < len(changed) and _is_written_over(new, changed[end], changed[end + 1]):
            end += 1
        first, stop = changed[start], changed[end] + 1
        while first and not new.characters[first]:
            first -= 1
        while stop < len(new.characters) and not new.characters[stop]:
            stop += 1
        yield from _in_one_pen(y, first, stop, old, new)
        start = end + 1


def _is_written_over(line: Line, x: int, later: int) -> bool:
    """Whether the equal cells between two changed ones cost less than a movement: they are few, and need no pen."""
    if later - x - 1 > _MERGED:
        return False
    before, after = line.pens[x], line.pens[later]
    seen_after = False
    for between in range(x + 1, later):
        pen = line.pens[between]
        seen_after |= pen != before
        if pen != (after if seen_after else before) and not (line.characters[between] == " " and _fits(pen, before)):
            return False
    return True


def _fits(empty: Pen, pen: Pen) -> bool:
    """Whether an empty cell looks the same in another pen."""
    return not empty[0] and not pen[0] and empty[2:] == pen[2:]


def _in_one_pen(y: int, x: int, stop: int, old: Line, new: Line) -> Iterator[Piece]:
    """Cells of a row, parted where the pen changes; empty ones take the pen of what stands before them."""
    characters, pens = new.characters, new.pens
    while x < stop:
        pen, only_empty = pens[x], characters[x] == " "
        end = x + 1
        while end < stop:
            if pens[end] != pen and not (characters[end] == " " and _fits(pens[end], pen)):
                if not (only_empty and _fits(pen, pens[end])):
                    break
                pen = pens[end]
            only_empty = only_empty and characters[end] == " "
            end += 1
        margin = new.margin(x) if x <= _INDENTED and new.margin(x) == old.margin(x) else None
        yield Piece(y, x, characters[x:end], pen, margin)
        x = end


class Pencil:
    """Where the terminal's cursor is and how it writes; nothing is known of the place at first."""

    def __init__(self, width: int, *, erase: bool = True) -> None:
        """Make a pencil.

        Args:
            width: Columns of the screen.
            erase: Whether erased cells take the background colour, as they do in all but GNU screen.
        """
        self.at: tuple[int, int] | None = None
        self.pen = PLAIN
        self._width, self._erases = width, erase
        self._out: list[str] = []

    def __bool__(self) -> bool:
        """Whether something is to be sent."""
        return bool(self._out)

    def take(self) -> str:
        """What is to be sent; nothing is, after that."""
        text = "".join(self._out)
        self._out.clear()
        return text

    def send(self, sequence: str, *, at: tuple[int, int] | None) -> None:
        """Send a sequence that leaves the cursor somewhere; None: nobody knows where."""
        self._out.append(sequence)
        self.at = at

    def write(self, written: Sequence[Piece]) -> None:
        """Write all of it, in the order that takes fewer characters: row by row, or one pen after the other."""
        if len({piece.pen for piece in written}) < 2 or len({piece.y for piece in written}) < 2:
            self._write(written)
            return
        ways = []
        for order in (written, _by_pen(written, self.pen)):
            one = Pencil(self._width, erase=self._erases)
            one.at, one.pen = self.at, self.pen
            one._write(order)
            ways.append(("".join(one._out), one))
        text, best = min(ways, key=lambda way: len(way[0]))
        self._out.append(text)
        self.at, self.pen = best.at, best.pen

    def _write(self, written: Iterable[Piece]) -> None:
        for piece in written:
            if piece.is_empty:
                self.use(("", self.pen[1], *piece.pen[2:]))
            else:
                self.use(piece.pen)
            self._write_cells(piece)

    def _write_cells(self, piece: Piece) -> None:
        """Cells in one pen: long gaps are erased, and clusters whose width terminals disagree on are fenced in."""
        cells, y, x = piece.characters, piece.y, piece.x
        text = "".join(cells)
        erase = self._erases and not piece.pen[0]
        if not (erase and _GAP in text) and (text.isascii() or max(map(len, cells)) < 2):
            self._say(x, y, text, x + len(cells), piece.margin)
            return
        start = 0
        while start < len(cells):
            end = start + 1
            if len(cells[start]) > 1:
                while end < len(cells) and not cells[end]:
                    end += 1
                width = end - start
                fenced = f"{' ' * width}\x1b[{width}D{cells[start]}\x1b[{x + end + 1}G"
                self._say(x + start, y, fenced, x + end)
            elif erase and cells[start] == " ":
                while end < len(cells) and cells[end] == " ":
                    end += 1
                if end - start > _ERASED:
                    self.move(x + start, y)
                    self._out.append(f"\x1b[{end - start}X")
                else:
                    self._say(x + start, y, " " * (end - start), x + end)
            else:
                while end < len(cells) and len(cells[end]) < 2 and not (erase and cells[end] == " "):
                    end += 1
                self._say(x + start, y, "".join(cells[start:end]), x + end, None if start else piece.margin)
            start = end

    def _say(self, x: int, y: int, text: str, end: int, margin: Pen | None = None) -> None:
        """Write text at a place; ``end`` is the column after it."""
        self.move(x, y, margin)
        self._out.append(text)
        self.at = (end, y)

    def move(self, x: int, y: int, margin: Pen | None = None) -> None:
        """Go to a column and row; ``margin`` is the pen of the empty cells before it, where there is one."""
        if self.at == (x, y):
            return
        sequence = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
        if self.at is not None:
            at_the_edge = self.at[0] == self._width
            sequence = min(sequence, _moved(*self.at, x, y, at_the_edge=at_the_edge) or sequence, key=len)
            if x and self.at[1] + 1 == y and self._looks_like(margin):
                sequence = min(sequence, "\r\n" + " " * x, key=len)
        self._out.append(sequence)
        self.at = (x, y)

    def _looks_like(self, margin: Pen | None) -> bool:
        """Whether spaces written now look like the empty cells of a margin."""
        pen = self.pen
        return margin is not None and pen[0] in _UNSEEN and not margin[0] and margin[2:] == pen[2:]

    def use(self, pen: Pen) -> None:
        """Write with another pen from now on."""
        now = self.pen
        if pen == now:
            return
        attributes, front, back, link = pen
        codes = [*_from_to(now[0], attributes)] if attributes != now[0] else []
        if codes[:1] == ["0"]:
            now = ("", "39", "49", now[3])
        if front != now[1]:
            codes.append(front)
        if back != now[2]:
            codes.append(back)
        if codes:
            self._out.append(f"\x1b[{';'.join(codes)}m")
        if link != now[3]:
            name = f"id={zlib.crc32(link.encode()):x}" if link else ""
            self._out.append(f"\x1b]8;{name};{link}\x1b\\")
        self.pen = pen


def _by_pen(written: Sequence[Piece], pen: Pen) -> list[Piece]:
    """Pieces of one pen after each other, those of the present pen first; empty ones stay with what they follow."""
    groups: dict[Pen, list[Piece]] = {pen: []}
    last: Piece | None = None
    for piece in written:
        follows = last is not None and piece.is_empty and last.y == piece.y and _fits(piece.pen, last.pen)
        if not follows:
            last = piece
        assert last is not None
        groups.setdefault(last.pen, []).append(piece)
    return [piece for group in groups.values() for piece in group]


@lru_cache(4096)
def _moved(x: int, y: int, to_x: int, to_y: int, *, at_the_edge: bool) -> str | None:
    """The shortest movement from a place to another one on the same row or below it; None to a row above.

    ``at_the_edge``: the last column was written, and terminals disagree on which column the cursor is in now.
    """
    if to_y < y:
        return None
    down = ("", "\x1bD")[to_y - y] if to_y - y < 2 else f"\x1b[{to_y - y}B"
    if to_x == 0:
        return "\r\n" if to_y == y + 1 else f"\r{down}"
    if at_the_edge:
        return f"{down}\x1b[{to_x + 1}G"
    if to_x == x:
        return down
    across = f"\x1b[{to_x - x}C" if to_x > x else min("\b" * (x - to_x), f"\x1b[{x - to_x}D", key=len)
    return down + min(across, f"\x1b[{to_x + 1}G", key=len)


@lru_cache(256)
def _from_to(now: str, attributes: str) -> tuple[str, ...]:
    """The codes that turn attributes into others, whatever the colours; or ``0`` and all of them anew."""
    had, wanted = now.split(";") if now else [], attributes.split(";") if attributes else []
    off = {_OFF.get(code, "0") for code in had if code not in wanted}
    if "0" in off:
        return ("0", *wanted)
    # Bold and dim end together.
    return (*sorted(off), *(code for code in wanted if code not in had or _OFF.get(code) in off))
