"""What the terminal shows, cell by cell, and the fewest characters that turn it into what it shall show.

Nothing here knows Textual's app; it takes strips and answers with text for the terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from rich.cells import split_graphemes
from rich.color import ColorSystem
from textual.strip import Strip

from keytui.tui.private.ascii import ascii_cells
from keytui.tui.private.cells import PLAIN, UNKNOWN, Line, Pen, Pens, changes
from keytui.tui.private.moving import steps
from keytui.tui.private.pencil import Pencil, pieces
from keytui.tui.private.plain import harmless

_GAIN = 40
"""Cells that moving a part of the screen must save to be worth its own characters."""


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
        self._erase, self._ascii = erase, ascii_only
        self._lines = [Line([UNKNOWN] * width, [PLAIN] * width) for _ in range(height)]
        self._next: dict[int, Line] = {}
        self._columns: Counter[tuple[int, int]] = Counter()
        self._pens = Pens(colors)
        self._pencil = Pencil(width, erase=erase)
        # Somebody else may have written in italics.
        self._pencil.send("\x1b[0m", at=None)
        self._parked: tuple[tuple[int, int], Pen] | None = None
        self._saved: tuple[tuple[int, int], Pen] | None = None

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
            pen = self._pens.of(style) if style else PLAIN
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

    # -- answering ------------------------------------------------------------------------------------

    def update(self, cursor: tuple[int, int]) -> str:
        """What to send so that the terminal shows all that was put; empty when it does so already.

        Args:
            cursor: Column and row that the (hidden) cursor is left at, where input methods open their windows.
        """
        changed = {y: line for y, line in self._next.items() if changes(self._lines[y], line)}
        self._next.clear()
        if len(changed) > 3:
            self._scroll(changed)
        self._columns.clear()
        self._pencil.write([piece for y in sorted(changed) for piece in pieces(y, self._lines[y], changed[y])])
        for y, line in changed.items():
            self._lines[y] = line
        if self._pencil.pen[3]:
            self._pencil.use((*self._pencil.pen[:3], ""))
        self._park(cursor)
        return self._pencil.take()

    def reset(self) -> str:
        """What brings the terminal's pen back to its own colours, before somebody else writes."""
        self._pencil.use(PLAIN)
        self._pencil.at = None
        return self._pencil.take()

    def _park(self, cursor: tuple[int, int]) -> None:
        """Leave the cursor at its place; where it stays for a while, the terminal is asked to remember the way back."""
        pencil = self._pencil
        if not pencil and pencil.at == cursor:
            return
        here = cursor, pencil.pen
        # Coming back brings the pen back too: one that the next text most likely has costs nothing then.
        steady, self._parked = self._parked == here, here
        if self._saved is not None and self._saved[0] == cursor and not (steady and self._saved != here):
            # Saved again at once: some emulators go back but once.
            pencil.send("\x1b8\x1b7", at=cursor)
            pencil.pen = self._saved[1]
            return
        stays = self._saved is not None and self._saved[0] == cursor
        pencil.move(*cursor)
        self._saved = None
        if steady or stays:
            pencil.send("\x1b7", at=cursor)
            self._saved = here

    def _scroll(self, changed: dict[int, Line]) -> None:
        """When most changed rows are old ones in another place, have the terminal move them."""
        top, bottom = min(changed), max(changed)
        new = {y: changed.get(y, self._lines[y]) for y in range(top, bottom + 1)}
        best, least = 0, _differing(self._lines[top : bottom + 1], new.values()) - _GAIN
        for step in steps(self._lines, changed, self._columns):
            moved = self._moved(new, step)
            if abs(step) <= bottom - top and (left := _differing(moved, new.values())) <= least:
                best, least = step, left
        if not best:
            return
        moved = self._moved(new, best)
        self._pencil.use(("", self._pencil.pen[1], self._back(new, best), ""))
        lines = f"{best}M" if best > 0 else f"{-best}L"
        # Taking the margins off puts the cursor home, but not in every terminal.
        self._pencil.send(f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H\x1b[{lines}\x1b[r", at=None)
        self._lines[top : bottom + 1] = [line.copy() for line in moved]
        changed.update({y: line for y, line in new.items() if changes(self._lines[y], line)})

    def _back(self, new: Mapping[int, Line], step: int) -> str:
        """The background that rows which come in take: that of the moment."""
        return new[max(new) if step > 0 else min(new)].pens[0][2] if self._erase else "49"

    def _moved(self, new: Mapping[int, Line], step: int) -> list[Line]:
        """Rows of the screen, each as it is once all of them have moved up by ``step``."""
        blank = Line([" "] * self.width, [("", "39", self._back(new, step), "")] * self.width)
        return [self._lines[y + step] if y + step in new else blank for y in new]


def _differing(some: Iterable[Line], others: Iterable[Line]) -> int:
    """Cells that differ."""
    return sum(len(changes(one, other)) for one, other in zip(some, others, strict=True))
