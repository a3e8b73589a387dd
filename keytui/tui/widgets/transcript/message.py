"""One message of a transcript: its header, its thinking, its text, as rows at one width."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from time import monotonic
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from keytui.tui.private.plain import plain
from keytui.tui.private.rows import breaks
from keytui.tui.widgets.transcript.look import Look
from keytui.tui.widgets.transcript.row import EMPTY, TAB, Row, Run, flow
from keytui.tui.widgets.transcript.shown import Shown

if TYPE_CHECKING:
    # Markdown is drawn with the first answer, never before the first frame.
    from keytui.tui.widgets.transcript.blocks import Piece
    from keytui.tui.widgets.transcript.markdown import MarkdownRows

_GLIMPSE = 8
"""Rows of thinking that are seen while it comes, before any of the answer has."""


_SLICE = 2_000
"""Characters drawn between two looks at the clock."""


class TypedRows:
    """The rows of a text as it was typed; each is made when it is drawn."""

    def __init__(self, text: str, width: int, look: Look) -> None:
        self._look, self._text = look, text
        self._lines = plain(text.replace("\r\n", "\n").replace("\r", "\n")).expandtabs(TAB).split("\n")
        self._rows: list[tuple[int, int, int]] = []
        for number, line in enumerate(self._lines):
            if len(line) <= width and line.isascii():
                self._rows.append((number, 0, len(line)))
            else:
                edges = [0, *breaks(line, width, TAB), len(line)]
                self._rows += [(number, start, end) for start, end in pairwise(edges)]

    @property
    def codes(self) -> list[Piece]:
        """The code blocks; they are not drawn as such, so each is as much in view as the whole."""
        from keytui.tui.widgets.transcript.blocks import Piece, codes_of

        return [Piece(0, self.height, code) for code in codes_of(self._text)]

    @property
    def height(self) -> int:
        """Rows in all."""
        return len(self._rows)

    def row(self, number: int) -> Row:
        """One row."""
        line, start, end = self._rows[number]
        text = self._lines[line][start:end]
        if not text:
            return EMPTY
        return Row((Segment(text, self._look.text),), cell_len(text), wraps=end < len(self._lines[line]))


class MessageRows:
    """The rows of one message at one width."""

    def __init__(self, message: Message, width: int, look: Look) -> None:
        self.width = width
        self._look = look
        shown = message.shown
        self.body: TypedRows | MarkdownRows
        if shown.role == "user":
            self.body = TypedRows(message.text, width, look)
        else:
            from keytui.tui.widgets.transcript.markdown import MarkdownRows

            self.body = MarkdownRows(width, look)
            self.body.feed(message.text)
            if not message.is_open:
                self.body.finish()
        self._head: list[Row] = []
        self._foot: list[Row] = []
        self.thinking_row = -1
        self.dress(message)

    def dress(self, message: Message) -> None:
        """Draw anew what stands around the text."""
        look, width, shown = self._look, self.width, message.shown
        self._head = [self._header(shown)] if shown.title or shown.figures else []
        thinking = message.thinking
        self.thinking_row = -1
        if thinking:
            self.thinking_row = len(self._head)
            self._head += self._thinking(message, thinking)
        self._foot = []
        if message.is_open and not message.text and not thinking:
            self._foot.append(Row((Segment("…", look.dim),), 1, skip=1))
        if shown.note:
            self._foot += flow(_note(plain(shown.note), look), width)
        self._foot.append(EMPTY)

    def _header(self, shown: Shown) -> Row:
        look, width = self._look, self.width
        figures = plain(shown.figures)
        title = plain(shown.title)
        gap = width - cell_len(title) - cell_len(figures)
        if gap < 2:
            title = set_cell_size(title, max(0, min(cell_len(title), width - cell_len(figures) - 2)))
            gap = width - cell_len(title) - cell_len(figures)
        if gap < 1:
            figures, gap = "", width - cell_len(title)
        parts = (Segment(title, look.title), Segment(" " * gap, look.text), Segment(figures, look.dim))
        return Row(tuple(part for part in parts if part.text), width)

    def _thinking(self, message: Message, thinking: str) -> list[Row]:
        look, width = self._look, self.width
        glimpse = message.is_open and not message.text
        words = len(thinking.split())
        sign = "▾" if glimpse or message.unfolded else "▸"
        label = f"{sign} thinking · {words:,} words"
        head = Row((Segment(set_cell_size(label, min(width, cell_len(label))), look.dim),), min(width, cell_len(label)))
        if message.unfolded:
            return [head, *flow([(plain(thinking.strip()), look.dim)], width), EMPTY]
        if glimpse:
            recent = thinking[-width * _GLIMPSE :].lstrip()
            return [head, *flow([(plain(recent), look.dim)], width)[-_GLIMPSE:]]
        return [head]

    @property
    def height(self) -> int:
        """Rows in all, the empty one below included."""
        return len(self._head) + self.body.height + len(self._foot)

    @property
    def steady(self) -> int:
        """Rows at the top that more text does not change."""
        settled = self.body.height if isinstance(self.body, TypedRows) else len(self.body.settled.rows)
        return len(self._head) + settled

    def row(self, number: int) -> Row:
        """One row."""
        if number < len(self._head):
            return self._head[number]
        number -= len(self._head)
        height = self.body.height
        return self.body.row(number) if number < height else self._foot[number - height]

    @property
    def codes(self) -> list[Piece]:
        """The code blocks, placed in the message's rows."""
        above = len(self._head)
        return [replace(code, first=code.first + above, end=code.end + above) for code in self.body.codes]


def _note(text: str, look: Look) -> list[Run]:
    """What went wrong stands out; what to do about it is read as any text, a page as a link."""
    from keytui.tui.widgets.transcript.inline import linked

    first, *others = text.split("\n")
    return [
        (first, look.warning),
        *(
            ("\n" + line, linked(look.text, line, look) if line.startswith("https://") else look.text)
            for line in others
        ),
    ]


class Message:
    """One message, drawn or not."""

    def __init__(self, shown: Shown, *, is_open: bool = False) -> None:
        self.shown = shown
        self.is_open = is_open
        """Whether more may come."""
        self.unfolded = False
        """Whether its thinking is shown whole."""
        self.rows: MessageRows | None = None
        """None until it is on the screen, and again when it has long been off it."""
        self.ending: Shown | None = None
        """What it will be once everything that has come is drawn."""
        self._parts: list[str] = [shown.text] if shown.text else []
        self._thoughts: list[str] = [shown.thinking] if shown.thinking else []
        self.waiting: list[str] = []
        """Text that has come and is not drawn."""
        self.thought = False
        """Whether there is new thinking that is not drawn."""

    @property
    def text(self) -> str:
        """The text that is drawn, or would be."""
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    @property
    def thinking(self) -> str:
        """The thinking so far."""
        if len(self._thoughts) > 1:
            self._thoughts = ["".join(self._thoughts)]
        return self._thoughts[0] if self._thoughts else ""

    def estimate(self, width: int) -> int:
        """About how many rows it takes; a good guess costs too much for ten thousand of them."""
        text = self.shown.text
        return 3 + len(text) // max(1, width) + text.count("\n")

    def draw(self, width: int, look: Look) -> MessageRows:
        """Its rows at a width, made when they are not there."""
        if self.rows is None or self.rows.width != width:
            self.rows = MessageRows(self, width, look)
        return self.rows

    def think(self, text: str) -> None:
        """Take a piece of thinking."""
        self._thoughts.append(text)
        self.thought = True

    @property
    def has_news(self) -> bool:
        """Whether something has come, or happened, that is not drawn."""
        return bool(self.waiting or self.thought or self.ending)

    def catch_up(self, until: float) -> bool:
        """Draw what has come, until a time (``time.monotonic``); whether that was all."""
        if self.thought:
            self.thought = False
            if self.rows is not None:
                self.rows.dress(self)
        text = "".join(self.waiting)
        self.waiting.clear()
        for at in range(0, len(text), _SLICE):
            if at and monotonic() > until:
                self.waiting.append(text[at:])
                return False
            self._take(text[at : at + _SLICE])
        return True

    def _take(self, text: str) -> None:
        first = not self._parts
        self._parts.append(text)
        rows = self.rows
        if rows is not None:
            if not isinstance(rows.body, TypedRows):
                rows.body.feed(text)
            if first:
                rows.dress(self)

    def close(self, shown: Shown) -> None:
        """Nothing more comes; this is what it has become."""
        same = self.text == shown.text and shown.role == self.shown.role
        self.shown = shown
        self.is_open = False
        self.ending = None
        self._parts = [shown.text] if shown.text else []
        if shown.thinking:
            self._thoughts = [shown.thinking]
        rows = self.rows
        if rows is None:
            return
        if not same or isinstance(rows.body, TypedRows):
            self.rows = None
            return
        rows.body.finish()
        rows.dress(self)
