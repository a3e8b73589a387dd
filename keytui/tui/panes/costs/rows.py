"""The rows of the costs pane's three tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rich.style import Style
from rich.text import Text
from textual.content import Content

from keytui.domain.comparison import Alternative
from keytui.domain.conversations import Conversation
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Spend
from keytui.domain.money import column, dollars, points_below
from keytui.tui.panes.costs import words
from keytui.tui.panes.costs.figures import MOST_ROWS, Figures, Sort, ordered
from keytui.tui.widgets.rows import LEAST_NAME

COLUMNS: tuple[Sort, ...] = ("name", "requests", "input", "cached", "output", "cost")
_SHORT = {"input": "In", "output": "Out"}

TITLE = 26
"""Cells for the usual title of a conversation."""

Cells = tuple[str | Text, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What a table shows: its title, its columns, and its rows, each with the key that tells it apart."""

    title: Content
    heads: Sequence[str]
    rows: Sequence[tuple[str, Cells]]
    droppable: Sequence[str] = ()
    """Columns that go while there is too little room, the first one first."""
    texts: Sequence[str] = ()
    """Columns of words; all others but the first are figures."""
    least_name: int = LEAST_NAME
    """Cells that a name is not cut below, while there are columns to leave out instead."""


def breakdown(
    figures: Figures,
    sort: Sort,
    wanted: str,
    *,
    named: Callable[[Spend], str],
    coloured: Mapping[str, Style],
    only: KeyRecord | None,
    plain: Callable[[str], str],
    ascii_only: bool,
) -> Table:
    """Spend by group: sorted, and only rows with the wanted text in their names.

    ``named`` gives a row's name, ``coloured`` the colours that some groups have in the chart, ``plain`` a text in
    characters that the locale has.
    """
    asked, whole = figures.asked, figures.month.cost
    rows = [row for row in ordered(figures.rows, sort) if wanted in named(row).casefold()]
    arrow = "v" if ascii_only else "↓"
    titles = {column: _SHORT.get(column, column.capitalize()) for column in COLUMNS}
    titles["name"] = asked.group.capitalize()
    heads = [titles[column] + (f" {arrow}" if column == sort else "") for column in COLUMNS]
    shown = rows[:MOST_ROWS]
    amounts = points_below([plain(words.amount(row)) for row in shown])
    cells: list[tuple[str, Cells]] = [
        (
            row.id or row.label,
            (
                _named(named(row), coloured, row.id or row.label),
                f"{row.requests:,}",
                f"{row.input:,}",
                f"{row.cached:,}",
                f"{row.output:,}",
                amount,
                words.share_cell(
                    float(row.cost / whole) if whole else 0.0,
                    _colour(coloured, row.id or row.label),
                    ascii_only=ascii_only,
                ),
            ),
        )
        for row, amount in zip(shown, amounts, strict=True)
    ]
    least = [head for head in (heads[3], heads[4], heads[2], "Share", heads[1]) if arrow not in head]
    whose = f" of {only.name}" if only is not None else ""
    title = f"{words.month_name(asked.month, asked.today)}{whose} by {asked.group}"
    parts = [words.SORTED[sort]]
    if len(rows) > MOST_ROWS:
        rest = sum((row.cost for row in rows[MOST_ROWS:]), Decimal(0))
        parts.append(f"{len(rows) - MOST_ROWS:,} more, {dollars(rest)} together")
    if wanted and not rows:
        parts = ["nothing matches, esc shows all"]
    return Table(
        Content.assemble((title, "bold"), (f"  {', '.join(parts)}", "$dim")),
        [*heads, "Share"],
        cells,
        least,
        least_name=26,
    )


def _named(name: str, coloured: Mapping[str, Style], group: str) -> Text:
    """A name, behind the colour of its part of the bars where they have colours."""
    if len(coloured) < 2:
        return Text(name)
    return Text.assemble(("▌", _colour(coloured, group)), " ", name)


def _colour(coloured: Mapping[str, Style], group: str) -> Style:
    return coloured.get(group, coloured.get("", Style.null()))


def others(figures: Figures) -> Table:
    """The same month on other models and tiers."""
    note = f"  without {words.requests(figures.uncompared)} at $?" if figures.uncompared else ""
    if not figures.elsewhere:
        note = "  no price is known to compare with"
    alike: dict[tuple[str, Decimal], list[Alternative]] = {}
    for other in figures.elsewhere:
        alike.setdefault((other.model, other.cost), []).append(other)
    rows: list[tuple[str, Cells]] = [
        (
            f"{first.model} {first.tier}",
            (words.other_name(first, *rest), cost, words.in_percent(first, first.cost - first.difference)),
        )
        for (first, *rest), cost in zip(alike.values(), column([cost for _, cost in alike]), strict=True)
    ]
    title = Content.assemble(("The same month elsewhere", "bold"), (note, "$dim"))
    return Table(title, ["Instead", "Cost", "Change"], rows)


def turns(figures: Figures, heads: Mapping[str, Conversation]) -> Table:
    """The dearest turns, by the titles of their conversations."""
    titles = {known: head.title for known, head in heads.items()}
    costs = column([entry.cost.total if entry.cost else None for entry in figures.dearest])
    rows: list[tuple[str, Cells]] = [
        (
            entry.id,
            (
                words.turn_title(entry, titles),
                f"{entry.at.astimezone():%d %b %H:%M}",
                entry.model,
                f"{entry.usage.input:,}",
                f"{entry.usage.output:,}",
                cost,
            ),
        )
        for entry, cost in zip(figures.dearest, costs, strict=True)
    ]
    title = Content.assemble(("Dearest turns", "bold"))
    return Table(
        title, ["Turn", "When", "Model", "In", "Out", "Cost"], rows, ["In", "Out", "Model", "When"], ["When", "Model"]
    )
