"""Tokens laid out in rows: how each looks, which row it is in, and how many a line of the text has."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence

from rich.cells import cell_len

from keytui.tui.private.plain import plain

Token = tuple[int, bytes]
"""Id and bytes."""

_MARKS = {" ": "·", "\n": "↵", "\r": "␍", "\t": "→"}
_MARKS_ASCII = {" ": "_", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def look(piece: bytes, *, ascii_only: bool = False) -> str:
    """A token's bytes as they are shown: white space by marks, a part of a character by its bytes, ``‹e2 9c›``.

    What would take no cell at all is shown by its code points.
    """
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        return _bracketed(piece.hex(" "), ascii_only)
    marks = _MARKS_ASCII if ascii_only else _MARKS
    shown = "".join(
        marks.get(character) or (("_" if ascii_only else "␣") if character.isspace() else character)
        for character in text
    )
    shown = plain(shown)
    if not cell_len(shown):
        return _bracketed(" ".join(f"{ord(character):x}" for character in text), ascii_only)
    return shown


def is_part(piece: bytes) -> bool:
    """Whether a token holds no whole text, but a part of a character."""
    try:
        piece.decode()
    except UnicodeDecodeError:
        return True
    return False


def _bracketed(text: str, ascii_only: bool) -> str:
    return f"<{text}>" if ascii_only else f"‹{text}›"


class TokenRows:
    """Rows of tokens, laid out piece by piece so that a million of them never hold anything up.

    A row begins with every line of the text and wherever the next token does not fit.
    """

    def __init__(self, tokens: Sequence[Token], width: int, *, ids: bool, ascii_only: bool) -> None:
        """``width`` in cells; with ``ids`` each token is followed by its id."""
        self.tokens = tokens
        self.laid_out = 0
        """Tokens that have their row by now."""
        self._width, self._ids, self._ascii = max(width, 4), ids, ascii_only
        self._firsts = array("L", [0])
        self._line_of_row = array("L", [1])
        self._tokens_of_line: dict[int, int] = {}
        self._cells = self._in_line = 0
        self._line, self._line_row = 1, 0
        self._looks: dict[bytes, tuple[str, int]] = {}

    @property
    def done(self) -> bool:
        """Whether all tokens have their row."""
        return self.laid_out >= len(self.tokens)

    @property
    def height(self) -> int:
        """Rows so far."""
        return len(self._firsts)

    def lay_out(self, amount: int) -> None:
        """Give the next tokens their rows."""
        end = min(self.laid_out + amount, len(self.tokens))
        for index in range(self.laid_out, end):
            token = self.tokens[index]
            width = self.cells(token)
            if self._cells and self._cells + width > self._width:
                self._begin_row(index, 0)
            self._cells += width
            self._in_line += 1
            if newlines := token[1].count(b"\n"):
                self._tokens_of_line[self._line_row] = self._in_line
                self._line += newlines
                self._in_line = 0
                self._begin_row(index + 1, self._line)
                self._line_row = len(self._firsts) - 1
        self.laid_out = end
        self._tokens_of_line[self._line_row] = self._in_line

    def _begin_row(self, first: int, line: int) -> None:
        self._firsts.append(first)
        self._line_of_row.append(line)
        self._cells = 0

    def cells(self, token: Token) -> int:
        """Cells that a token takes, with its id when ids are shown."""
        _, width = self._look(token[1])
        return min(width + len(str(token[0])) + 2 if self._ids else width, self._width)

    def text(self, token: Token) -> str:
        """How a token looks."""
        return self._look(token[1])[0]

    def _look(self, piece: bytes) -> tuple[str, int]:
        known = self._looks.get(piece)
        if known is None:
            shown = look(piece, ascii_only=self._ascii)
            known = self._looks[piece] = (shown, cell_len(shown))
        return known

    def row(self, number: int) -> range:
        """Indexes of a row's tokens."""
        after = self._firsts[number + 1] if number + 1 < len(self._firsts) else self.laid_out
        return range(self._firsts[number], after)

    def row_of(self, index: int) -> int:
        """The row that a token is in."""
        return max(0, bisect_right(self._firsts, index) - 1)

    def line(self, number: int) -> tuple[int, int] | None:
        """Number and tokens of the line that a row begins; None where it goes on with the line above."""
        line = self._line_of_row[number]
        return (line, self._tokens_of_line.get(number, 0)) if line else None


def characters_of(tokens: Sequence[Token], index: int) -> str:
    """The characters that a token is a part of; empty when it holds whole ones only."""
    if not is_part(tokens[index][1]):
        return ""
    # A character has four bytes at most, so all its tokens are among the three before and the three after this one.
    first, last = max(0, index - 3), min(index + 4, len(tokens))
    begins = sum(len(piece) for _, piece in tokens[first:index])
    ends = begins + len(tokens[index][1])
    found, at = "", 0
    for character in b"".join(piece for _, piece in tokens[first:last]).decode(errors="surrogateescape"):
        begin, at = at, at + len(character.encode(errors="surrogateescape"))
        if begin < ends and at > begins and (begin < begins or at > ends):
            found += character
    return found
