"""Blocks of Markdown as rows. What is drawn of a block follows from its own source, never from what comes later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment

from keytui.tui.widgets.transcript.code import CodeBlock
from keytui.tui.widgets.transcript.inline import BOLD, runs
from keytui.tui.widgets.transcript.look import Look
from keytui.tui.widgets.transcript.row import EMPTY, Row, Run, beside, flow
from keytui.tui.widgets.transcript.table import MEASURED, Cell, Table

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_BULLETS = "•◦▪"


@lru_cache(1)
def parser() -> MarkdownIt:
    """The Markdown parser: CommonMark with tables and strikethrough, HTML as text, line ends kept.

    Link definitions are left out: one at the end of an answer would change what was drawn long before.
    """
    from markdown_it import MarkdownIt

    return (
        MarkdownIt("commonmark", {"html": False, "breaks": True})
        .enable(["table", "strikethrough"])
        .disable(["reference", "html_block", "html_inline"])
    )


@dataclass(slots=True)
class Block:
    """A token with what stands inside it."""

    token: Token
    inside: list[Block] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """``paragraph``, ``heading``, ``bullet_list``, ``list_item``, ``fence``, ``inline`` and so on."""
        return self.token.type.removesuffix("_open")

    @property
    def first(self) -> int:
        """The line that it begins at."""
        return self.token.map[0] if self.token.map else 0

    @property
    def runs_of(self) -> Sequence[Token]:
        """The tokens of its text."""
        return (self.inside[0].token.children or ()) if self.inside else ()


def blocks(source: str) -> list[Block]:
    """The top-level blocks of a source."""
    root: list[Block] = []
    levels = [root]
    for token in parser().parse(source):
        if token.nesting < 0:
            levels.pop()
            continue
        block = Block(token)
        levels[-1].append(block)
        if token.nesting > 0:
            levels.append(block.inside)
    return root


def codes_of(source: str) -> list[str]:
    """The code between fences, block by block, wherever it stands."""
    return [token.content.removesuffix("\n") for token in parser().parse(source) if token.type == "fence"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of code in the rows: which they are, and what it says."""

    first: int
    end: int
    text: str


class Drawing:
    """Rows, with the code blocks among them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.codes: list[Piece] = []

    def add(self, rows: Sequence[Row]) -> None:
        """Append rows."""
        self.rows += rows

    def add_beside(self, other: Drawing, first: Segment, others: Segment, said: int = 0) -> None:
        """Append another drawing with something at its left."""
        at = len(self.rows)
        self.rows += beside(other.rows, first, others, said=said)
        self.codes += [Piece(code.first + at, code.end + at, code.text) for code in other.codes]


def draw(
    block: Block, lines: Sequence[str], width: int, look: Look, *, number: int | None = None, depth: int = 0
) -> Drawing:
    """The rows of one block.

    Args:
        block: The block.
        lines: The source's lines, to see where it has empty ones.
        width: Cells in a row.
        look: The styles.
        number: For an ordered list that goes on: the number of its first item.
        depth: How many lists it is in.
    """
    drawing = Drawing()
    width = max(1, width)
    match block.kind:
        case "paragraph":
            drawing.add(flow(runs(block.runs_of, look), width))
        case "heading":
            drawing.add(flow(_heading(block, look), width))
        case "fence" | "code_block":
            token = block.token
            code = CodeBlock(token.info if block.kind == "fence" else "", width, look)
            drawing.add(code.heading())
            for line in token.content.removesuffix("\n").split("\n") if token.content else ():
                drawing.add(code.add(line))
            drawing.add(code.rest())
            drawing.codes.append(Piece(0, len(drawing.rows), code.text))
        case "bullet_list" | "ordered_list":
            for place, item in enumerate(block.inside):
                if place and blank_before(item, lines):
                    drawing.add([EMPTY])
                draw_item(drawing, item, marker(block, place, depth, number), lines, width, look, depth)
        case "blockquote":
            inner = Drawing()
            draw_siblings(inner, block.inside, lines, width - 2, look, depth)
            drawing.add_beside(inner, Segment("▌ ", look.dim), Segment("▌ ", look.dim))
        case "table":
            header, aligns, body = table_cells(block, look)
            table = Table(header, aligns, body[:MEASURED], width, look)
            drawing.add(table.heading())
            for row in body:
                drawing.add(table.row(row))
        case "hr":
            drawing.add([Row((Segment("─" * width, look.dim),), width)])
        case _:
            drawing.add(flow([(block.token.content.rstrip("\n"), look.text)], width))
    return drawing


def draw_siblings(
    drawing: Drawing, inside: Sequence[Block], lines: Sequence[str], width: int, look: Look, depth: int
) -> None:
    """Blocks inside another one, apart where their source has an empty line."""
    for place, block in enumerate(inside):
        if place and blank_before(block, lines):
            drawing.add([EMPTY])
        rows = len(drawing.rows)
        inner = draw(block, lines, width, look, depth=depth)
        drawing.add(inner.rows)
        drawing.codes += [Piece(code.first + rows, code.end + rows, code.text) for code in inner.codes]


def draw_item(
    drawing: Drawing, item: Block, mark: str, lines: Sequence[str], width: int, look: Look, depth: int
) -> None:
    """One list item with its marker."""
    inner = Drawing()
    draw_siblings(inner, item.inside, lines, width - cell_len(mark), look, depth + 1)
    if not inner.rows:
        inner.add([EMPTY])
    drawing.add_beside(inner, Segment(mark, look.text), Segment(" " * cell_len(mark), look.text), said=len(mark))


def marker(block: Block, place: int, depth: int, number: int | None = None) -> str:
    """What stands before an item: a bullet for its depth, or its number."""
    if block.kind == "bullet_list":
        return f"{_BULLETS[depth % len(_BULLETS)]} "
    first = start_of(block) if number is None else number
    return f"{first + place}{block.token.markup or '.'} "


def start_of(block: Block) -> int:
    """The number of an ordered list's first item."""
    return int(block.token.attrs.get("start", 1))


def blank_before(block: Block, lines: Sequence[str]) -> bool:
    """Whether the source has an empty line right before a block."""
    at = block.first - 1
    return 0 <= at < len(lines) and not lines[at].strip(" >\t")


def _heading(block: Block, look: Look) -> list[Run]:
    style = look.heading
    found = runs(block.runs_of, look, style)
    if block.token.tag in ("h1", "h2"):
        found = [(text, run + BOLD) for text, run in found]
    return found


def table_cells(block: Block, look: Look) -> tuple[list[Cell], list[str], list[list[Cell]]]:
    """A table's header, alignments and rows."""
    lines = [row for part in block.inside for row in part.inside]
    cells = [[runs(cell.runs_of, look) for cell in line.inside] for line in lines]
    aligns = [str(cell.token.attrs.get("style", "")).removeprefix("text-align:") or "left" for cell in lines[0].inside]
    return cells[0], aligns, cells[1:]
