"""What the terminal shows, cell by cell, and the fewest characters that turn it into what it shall show.

Nothing here knows Textual's app; it takes strips and answers with text for the terminal. ``rich`` styles are read by
their private fields, as textual 8.2.8 itself does in ``Strip.render_ansi``.
"""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import SGR_STYLES, Strip

from keytui.tui.private.ascii import ascii_cells
from keytui.tui.private.plain import harmless

Pen = tuple[str, str, str, str]
"""How a cell is drawn: attributes, foreground, background (SGR codes), address of a link."""

PLAIN: Pen = ("", "39", "49", "")
"""The terminal's own colours."""

_UNKNOWN = "\0"
"""A cell that may show anything: it differs from every character."""

_MERGED = 6
"""Equal cells between two changes that are written again, because moving over them takes as many characters."""

_ERASED = 9
"""Spaces in a row that are still written; more of them are erased."""

_GAP = " " * (_ERASED + 1)

_NARROWEST = 20
"""Columns that a part of the screen must have for its movement to be looked for."""

_GAIN = 40
"""Cells that moving a part of the screen must save to be worth its own characters."""

_INDENTED = 3
"""Columns that a row may begin at to be reached by a line end and spaces instead of by its numbers."""

_UNSEEN = ("", "1", "3")
"""Attributes (none, bold, italic) that an empty cell does not show."""

_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29"}
"""What ends an attribute alone. Starting from nothing (``0``) would cost both colours again."""


@dataclass(slots=True)
class Line:
    """The cells of one row. The second cell of a wide character holds no character."""

    characters: list[str]
    pens: list[Pen]

    def copy(self) -> Line:
        """The same cells, to be changed."""
        return Line(self.characters[:], self.pens[:])


class Front:
    """The screen as the terminal has it. ``put`` strips, then send what ``update`` answers."""

    def __init__(
        self, width: int, height: int, colors: ColorSystem, *, erase: bool = True, ascii_only: bool = False
    ) -> None:
        """Make a screen of which nothing is known.

        Args:
            width: Columns.
            height: Rows.
            colors: What the terminal can show.
            erase: Whether erased cells take the background colour, as they do in all but GNU screen.
            ascii_only: Whether the terminal can show nothing but ASCII.
        """
        self.width, self.height = width, height
        self._colors, self._erase, self._ascii = colors, erase, ascii_only
        self._lines = [Line([_UNKNOWN] * width, [PLAIN] * width) for _ in range(height)]
        self._next: dict[int, Line] = {}
        self._columns: Counter[tuple[int, int]] = Counter()
        self._pens: dict[Style, Pen] = {}
        self._pen = PLAIN
        self._at: tuple[int, int] | None = None
        self._parked: tuple[tuple[int, int], Pen] | None = None
        self._saved: tuple[tuple[int, int], Pen] | None = None
        self._out: list[str] = []

    # -- taking strips --------------------------------------------------------------------------------

    def put(self, y: int, x: int, strip: Strip) -> None:
        """Set the cells of a strip from a column on."""
        if not 0 <= y < self.height:
            return
        line = self._next.get(y)
        if line is None:
            line = self._next[y] = self._lines[y].copy()
        characters: list[str] = []
        pens: list[Pen] = []
        for text, style, control in strip:
            if control:
                continue
            pen = self._pen_of(style) if style else PLAIN
            if not text.isprintable():
                # Whatever a widget let through: nothing but our own sequences drives the terminal.
                text = harmless(text)
            if text.isascii():
                characters += text
            else:
                for start, end, cells in split_graphemes(text)[0]:
                    if cells and self._ascii:
                        characters += ascii_cells(text[start:end], cells)
                    elif cells:
                        characters.append(text[start:end])
                        characters += [""] * (cells - 1)
            if not pen[0] and pen[1] != "39" and text[-1:] == " ":
                # The colour of letters is nothing to an empty cell.
                empty = len(text) - len(text.rstrip(" "))
                pens += [pen] * (len(characters) - len(pens) - empty)
                pen = ("", "39", *pen[2:])
            pens += [pen] * (len(characters) - len(pens))
        end = min(x + len(characters), self.width)
        line.characters[x:end] = characters[: end - x]
        line.pens[x:end] = pens[: end - x]
        self._columns[x, end] += 1

    def _pen_of(self, style: Style) -> Pen:
        pen = self._pens.get(style)
        if pen is None:
            attributes = style._attributes & style._set_attributes
            codes = [SGR_STYLES[bit] for bit in range(attributes.bit_length()) if attributes & (1 << bit)]
            front, back = style._color, style._bgcolor
            pen = (
                ";".join(codes),
                ";".join(front.downgrade(self._colors).get_ansi_codes()) if front else "39",
                ";".join(back.downgrade(self._colors).get_ansi_codes(False)) if back else "49",
                _openable(style._link),
            )
            self._pens[style] = pen
        return pen

    # -- answering ------------------------------------------------------------------------------------

    def update(self, cursor: tuple[int, int]) -> str:
        """What to send so that the terminal shows all that was put; empty when it does so already.

        Args:
            cursor: Column and row that the (hidden) cursor is left at, where input methods open their windows.
        """
        changed = {y: line for y, line in self._next.items() if self._differs(y, line)}
        self._next.clear()
        if len(changed) > 3:
            self._scroll(changed)
        for y in sorted(changed):
            self._write_line(y, changed[y])
        self._columns.clear()
        if self._pen[3]:
            self._use((*self._pen[:3], ""))
        self._park(cursor)
        text = "".join(self._out)
        self._out.clear()
        return text

    def _park(self, cursor: tuple[int, int]) -> None:
        """Leave the cursor at its place; where it stays for a while, the terminal is asked to remember the way back."""
        if not self._out and self._at == cursor:
            return
        here = cursor, self._pen
        # Coming back brings the pen back too: one that the next text most likely has costs nothing then.
        steady, self._parked = self._parked == here, here
        if self._saved is not None and self._saved[0] == cursor and not (steady and self._saved != here):
            # Saved again at once: some emulators go back but once.
            self._out.append("\x1b8\x1b7")
            self._at, self._pen = self._saved
            return
        stays = self._saved is not None and self._saved[0] == cursor
        self._move(*cursor)
        self._saved = None
        if steady or stays:
            self._out.append("\x1b7")
            self._saved = here

    def reset(self) -> str:
        """What brings the terminal's pen back to its own colours, before somebody else writes."""
        self._use(PLAIN)
        self._at = None
        text = "".join(self._out)
        self._out.clear()
        return text

    def _differs(self, y: int, line: Line) -> bool:
        old = self._lines[y]
        return line.characters != old.characters or line.pens != old.pens

    def _write_line(self, y: int, line: Line) -> None:
        old = self._lines[y]
        characters, pens = line.characters, line.pens
        changed = [
            x
            for x, (new, pen, was, its_pen) in enumerate(zip(characters, pens, old.characters, old.pens, strict=True))
            if new != was or pen != its_pen
        ]
        start = 0
        while start < len(changed):
            end = start
            while end + 1 < len(changed) and changed[end + 1] - changed[end] <= _MERGED:
                end += 1
            first, last = changed[start], changed[end]
            while first and not characters[first]:
                first -= 1
            self._write(y, first, last + 1, line)
            start = end + 1
        self._lines[y] = line

    def _write(self, y: int, x: int, end: int, line: Line) -> None:
        """Write cells of a row; the caller has seen to it that no wide character is begun in its middle."""
        characters, pens = line.characters, line.pens
        while x < end:
            pen = pens[x]
            stop = x + 1
            while stop < end and pens[stop] == pen:
                stop += 1
            now = self._pen
            if not pen[0] and "".join(characters[x:stop]).isspace():
                self._use(("", now[1], *pen[2:]))
            else:
                self._use(pen)
            self._write_run(y, x, stop, characters, pen)
            x = stop

    def _write_run(self, y: int, x: int, stop: int, characters: list[str], pen: Pen) -> None:
        """Cells in one pen: long gaps are erased, and clusters whose width terminals disagree on are fenced in."""
        text = "".join(characters[x:stop])
        erase = self._erase and not pen[0]
        if not (erase and _GAP in text) and (text.isascii() or max(map(len, characters[x:stop])) < 2):
            self._say(x, y, text, stop)
            return
        while x < stop:
            end = x + 1
            if len(characters[x]) > 1:
                while end < stop and not characters[end]:
                    end += 1
                cells = end - x
                self._say(x, y, f"{' ' * cells}\x1b[{cells}D{characters[x]}\x1b[{end + 1}G", end)
            elif erase and characters[x] == " ":
                while end < stop and characters[end] == " ":
                    end += 1
                if end - x > _ERASED:
                    self._move(x, y)
                    self._out.append(f"\x1b[{end - x}X")
                else:
                    self._say(x, y, " " * (end - x), end)
            else:
                while end < stop and len(characters[end]) < 2 and not (erase and characters[end] == " "):
                    end += 1
                self._say(x, y, "".join(characters[x:end]), end)
            x = end

    def _say(self, x: int, y: int, text: str, end: int) -> None:
        """Write text at a place; ``end`` is the column after it."""
        self._move(x, y)
        self._out.append(text)
        self._at = (end, y) if end < self.width else None

    def _move(self, x: int, y: int) -> None:
        if self._at == (x, y):
            return
        if self._at is not None and self._at[1] == y:
            self._out.append(f"\x1b[{x + 1}G" if x else "\r")
        elif self._at is not None and self._at[1] + 1 == y and x <= _INDENTED and self._is_blank(y, x):
            self._out.append("\r\n" + " " * x)
        else:
            self._out.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        self._at = (x, y)

    def _is_blank(self, y: int, x: int) -> bool:
        """Whether the cells before a column are empty and stay so when spaces are written over them."""
        line, pen = self._lines[y], self._pen
        blanks = all(character == " " for character in line.characters[:x])
        return pen[0] in _UNSEEN and blanks and all(one == ("", "39", pen[2], pen[3]) for one in line.pens[:x])

    def _use(self, pen: Pen) -> None:
        now = self._pen
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
        self._pen = pen

    # -- moving a part of the screen ------------------------------------------------------------------

    def _scroll(self, changed: dict[int, Line]) -> None:
        """When most changed rows are old ones in another place, have the terminal move them."""
        top, bottom = min(changed), max(changed)
        step = self._step(changed)
        if not step or abs(step) > bottom - top:
            return
        new = {y: changed.get(y, self._lines[y]) for y in range(top, bottom + 1)}
        # Rows that come in take the background of the moment.
        back = new[bottom if step > 0 else top].pens[0][2] if self._erase else "49"
        blank = Line([" "] * self.width, [("", "39", back, "")] * self.width)

        def moved(y: int) -> Line:
            return self._lines[y + step] if top <= y + step <= bottom else blank

        stay = sum(_distance(self._lines[y], line) for y, line in new.items())
        go = sum(_distance(moved(y), line) for y, line in new.items())
        if go + _GAIN > stay:
            return
        self._use(("", self._pen[1], back, ""))
        lines = f"{step}M" if step > 0 else f"{-step}L"
        self._out.append(f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H\x1b[{lines}\x1b[r")
        # Taking the margins off puts the cursor home, but not in every terminal.
        self._at = None
        self._lines[top : bottom + 1] = [moved(y).copy() for y in range(top, bottom + 1)]
        changed.update({y: line for y, line in new.items() if self._differs(y, line)})

    def _step(self, changed: dict[int, Line]) -> int:
        """By how many rows most of the changed text has moved up (negative: down); 0 when it has not."""
        for (low, high), times in self._columns.most_common(2):
            if times > 3 and high - low >= _NARROWEST and (step := self._step_between(changed, low, high)):
                return step
        return 0

    def _step_between(self, changed: dict[int, Line], low: int, high: int) -> int:
        was: dict[str, list[int]] = {}
        for y in range(min(changed), max(changed) + 1):
            text = "".join(self._lines[y].characters[low:high])
            if not text.isspace() and _UNKNOWN not in text:
                was.setdefault(text, []).append(y)
        votes: Counter[int] = Counter()
        told = 0
        for y, line in changed.items():
            text = "".join(line.characters[low:high])
            if not text.isspace():
                told += 1
                votes.update(old - y for old in was.get(text, ())[:3])
        if not votes:
            return 0
        step, count = votes.most_common(1)[0]
        return step if count >= max(3, told * 0.3) else 0


@lru_cache(256)
def _from_to(now: str, attributes: str) -> tuple[str, ...]:
    """The codes that turn attributes into others, whatever the colours; or ``0`` and all of them anew."""
    had, wanted = now.split(";") if now else [], attributes.split(";") if attributes else []
    off = {_OFF.get(code, "0") for code in had if code not in wanted}
    if "0" in off:
        return ("0", *wanted)
    # Bold and dim end together.
    return (*sorted(off), *(code for code in wanted if code not in had or _OFF.get(code) in off))


def _openable(address: str | None) -> str:
    """An address as it may stand in an escape sequence; one that could end the sequence is no link."""
    return address if address and address.isascii() and address.isprintable() else ""


def _distance(old: Line, new: Line) -> int:
    """Cells that differ."""
    if old.characters == new.characters and old.pens == new.pens:
        return 0
    return sum(
        1
        for was, is_now, its_pen, pen in zip(old.characters, new.characters, old.pens, new.pens, strict=True)
        if was != is_now or its_pen != pen
    )
