"""Code in colour. Pygments is imported when the first code block is drawn, never before the first frame."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from rich.segment import Segment

from keytui.tui.widgets.transcript.look import Look
from keytui.tui.widgets.transcript.row import Row, Run, beside, filled, flow

_FEWEST, _MOST = 24, 48
"""Lines of a block that are coloured together: from the first number on it may end at a good place."""

Pieces = tuple[tuple[tuple[str, str], ...], ...]
"""For each line its pieces: kind and characters."""


@lru_cache(64)
def _lexer(language: str) -> Any:
    """The lexer of a language; None when there is none of that name."""
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(512)
def _kind(token: Any) -> str:
    """Which of the look's few styles a token has."""
    from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String  # type: ignore[import-untyped]

    groups = (
        ("comment", (Comment, Generic.Deleted)),
        ("string", (String, Generic.Inserted)),
        ("number", (Number, Name.Constant, Keyword.Constant)),
        ("keyword", (Keyword, Operator.Word, Generic.Heading, Generic.Subheading)),
        ("name", (Name.Function, Name.Class, Name.Decorator, Name.Tag, Name.Builtin, Name.Attribute)),
    )
    for kind, members in groups:
        if any(token in member for member in members):
            return kind
    return ""


@lru_cache(256)
def pieces(language: str, code: str) -> Pieces:
    """The lines of a piece of code, each in pieces of one kind; uncoloured for a language that is not known."""
    lexer = _lexer(language) if language else None
    if lexer is None:
        return tuple(((("", line),) if line else ()) for line in code.split("\n"))
    lines: list[list[tuple[str, str]]] = [[]]
    for token, text in lexer.get_tokens(code):
        kind = _kind(token)
        first, *others = text.split("\n")
        if first:
            lines[-1].append((kind, first))
        for part in others:
            lines.append([(kind, part)] if part else [])
    wanted = code.count("\n") + 1
    # A lexer may end the text with a line feed of its own, or drop one.
    lines = (lines + [[] for _ in range(wanted)])[:wanted]
    return tuple(tuple(line) for line in lines)


class CodeBlock:
    """The rows of one code block, settled chunk by chunk while it grows.

    Where a chunk ends follows from the lines alone, so the rows do not depend on how the text came in.
    """

    def __init__(self, language: str, width: int, look: Look) -> None:
        self.language = language.strip().split(" ")[0].strip("{}.").lower() if language.strip() else ""
        self.lines: list[str] = []
        self._width, self._look = width, look
        self._settled = 0

    @property
    def text(self) -> str:
        """The code so far."""
        return "\n".join(self.lines)

    def heading(self) -> list[Row]:
        """The row above the code that names the language; none when it is not named."""
        if not self.language:
            return []
        look = self._look
        tag = Row((Segment("│ ", look.dim), Segment(self.language, look.dim)), 2 + len(self.language), skip=2)
        return [tag] if tag.cells <= self._width else []

    def add(self, line: str) -> list[Row]:
        """Take a line; the rows that will not change any more."""
        lines = self.lines
        count = len(lines) - self._settled
        starts_anew = line[:1].strip() != "" and lines and not lines[-1].strip()
        rows: list[Row] = []
        if count >= _MOST or (count >= _FEWEST and starts_anew):
            rows = self.rest()
            self._settled = len(lines)
        lines.append(line)
        return rows

    def rest(self, partial: str | None = None) -> list[Row]:
        """The rows of what is not settled, with a line that is not whole yet."""
        chunk = self.lines[self._settled :]
        if partial is not None:
            chunk = [*chunk, partial]
        return self._drawn(chunk) if chunk else []

    def _drawn(self, chunk: list[str]) -> list[Row]:
        look, width = self._look, max(1, self._width - 2)
        bar = Segment("│ ", look.dim)
        rows: list[Row] = []
        for line in pieces(self.language, "\n".join(chunk)):
            runs: list[Run] = [(text, look.of_kind(kind)) for kind, text in line]
            rows += beside([filled(row, width, look.block) for row in flow(runs, width)], bar, bar)
        return rows


_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,})(.*)")


def closes(line: str, marker: str) -> bool:
    """Whether a line ends the block that this fence began."""
    match = _FENCE.fullmatch(line.rstrip())
    return bool(match and match[2].startswith(marker) and not match[3].strip())
