"""Where a line of the draft breaks into rows: a rule that looks one row ahead, so that an edit disturbs few rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len

from keytui.tui.private.plain import plain

_JOINERS = frozenset("\u200d\ufe0e\ufe0f")

_NEVER_FIRST = frozenset(" \t、。，．：；？！）」』】〕》〉・ー…)]}.,:;?!\"'")
"""Characters that do not begin a row after a wide one."""


def breaks(line: str, width: int, tab: int, start: int = 0) -> Iterator[int]:
    """The columns at which rows begin, after the row that begins at ``start``.

    A row ends after its last space or beside its last wide character (Chinese, Japanese, emoji), or, when it has none,
    where the next character would not fit. Each break follows
    from the text between the break before it and the one after it, and from nothing else.

    Args:
        line: One line, without a line end.
        width: Cells in a row; below 1 nothing is broken.
        tab: Cells between tab stops, counted from the row's own start.
        start: Where the first row begins.
    """
    if width < 1:
        return
    length = len(line)
    simple = line.isascii() and "\t" not in line
    while length - start > 0:
        edge = start + width
        window = "" if simple else line[start : edge + 1]
        if simple or (window.isascii() and "\t" not in window):
            if edge >= length:
                return
            after = line.rfind(" ", start, edge) + 1
            start = after if after > start else edge
        else:
            at = _measured(line, start, width, tab)
            if at is None:
                return
            start = at
        yield start


@lru_cache(4096)
def _cells(character: str) -> int:
    return cell_len(plain(character))


def _measured(line: str, start: int, width: int, tab: int) -> int | None:
    """The break after ``start`` in text that has to be measured; None when the rest fits."""
    cells = 0
    good = 0
    wide_before = False
    for column in range(start, len(line)):
        character = line[column]
        if character == "\t":
            own = tab - cells % tab
        elif character == "\ufe0f":
            # Asks for the wide form of the character before it, which may have been counted as narrow.
            own = 1
        else:
            own = 1 if character.isascii() else _cells(character)
        wide = own == 2 and character != "\t"
        if (wide or wide_before) and own and column > start and _may_begin(line, column):
            good = column
        cells += own
        if cells > width and column > start:
            return good or _whole_character(line, start, column)
        if character in " \t":
            good = column + 1
        wide_before = wide or (wide_before and not own)
    return None


def _may_begin(line: str, column: int) -> bool:
    """Whether a row may begin here, beside a wide character: not with a closing mark, nor within a character."""
    return line[column] not in _NEVER_FIRST and line[column] not in _JOINERS and line[column - 1] != "\u200d"


def _whole_character(line: str, start: int, column: int) -> int:
    """The nearest column at or before ``column`` that does not part a character from its marks."""
    at = column
    while at > start + 1 and (line[at] in _JOINERS or line[at - 1] == "\u200d" or not _cells(line[at])):
        at -= 1
    return at if at > start + 1 or line[column] not in _JOINERS else column


def rebreak(old: list[int], line: str, width: int, tab: int, edited: tuple[int, int, int]) -> list[int]:
    """The breaks of a line after an edit in it, from those before it.

    Args:
        old: The breaks before the edit.
        line: The line after it.
        width: Cells in a row.
        tab: Cells between tab stops.
        edited: First column touched, end of the removed text (old columns), end of the inserted text (new columns).
    """
    first, removed, inserted = edited
    shift = inserted - removed
    # A break is settled by the row before it and the row after it; tabs and marks without a width reach further.
    reach = 2 if line.isascii() and "\t" not in line else 16
    keep = max(0, bisect_right(old, first) - reach)
    fresh = old[:keep]
    later = keep
    for at in breaks(line, width, tab, old[keep - 1] if keep else 0):
        while later < len(old) and old[later] + shift < at:
            later += 1
        if at >= inserted and later < len(old) and old[later] + shift == at:
            return fresh + [column + shift for column in old[later:]] if shift else fresh + old[later:]
        fresh.append(at)
    return fresh
