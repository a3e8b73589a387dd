"""Questions to the database of the ledger, each answered on a connection that is given."""

from __future__ import annotations

import sqlite3
from datetime import tzinfo
from decimal import Decimal

from keytui.adapters.ledger import sums
from keytui.adapters.ledger.days import day_pieces, local_day, month_pieces, pieces
from keytui.adapters.ledger.rows import COLUMNS, SELECT, Row, amount, moment
from keytui.domain.ledger import By, Entry, Member, Spend

PAGE = 1_000
"""Entries that are read at a time."""

FIRST_AND_LAST = "SELECT (SELECT min(at) FROM entry), (SELECT max(at) FROM entry)"
"""Apart, for only then does the index answer each."""

_DIMENSIONS: dict[str, int] = {
    "model": sums.MODEL,
    "project": sums.PROJECT,
    "app": sums.APP,
    "conversation": sums.CONVERSATION,
    "tier": sums.TIER,
}


def grouped(
    connection: sqlite3.Connection, group: By, start: int, end: int, key_id: str | None, zone: tzinfo | None
) -> list[tuple[str, sums.Figures]]:
    """Figures of a stretch by group: days and months by their ISO names, keys by their ids."""
    if group == "key":
        return sums.summed(connection, pieces("", start, end), group="key_id", key_id=key_id)
    if group in _DIMENSIONS:
        dimension = _DIMENSIONS[group]
        return sums.summed(connection, pieces("", start, end), dimension=dimension, group="label", key_id=key_id)
    first, last = connection.execute(FIRST_AND_LAST).fetchone()
    if first is None:
        return []
    cut = day_pieces if group == "day" else month_pieces
    spans = cut(max(start, first), min(end, last + 1), zone)
    return sums.summed(connection, spans, group="span", key_id=key_id)


def daily(
    connection: sqlite3.Connection, group: Member, start: int, end: int, key_id: str | None, zone: tzinfo | None
) -> list[tuple[tuple[str, str], sums.Figures]]:
    """Figures of every day by group: ISO days with the names of the groups in them."""
    first, last = connection.execute(FIRST_AND_LAST).fetchone()
    if first is None:
        return []
    spans = day_pieces(max(start, first), min(end, last + 1), zone)
    named = "span || ' ' || " + ("key_id" if group == "key" else "label")
    dimension = _DIMENSIONS.get(group, sums.ALL)
    found = sums.summed(connection, spans, dimension=dimension, group=named, key_id=key_id)
    # A day has no space in it, whatever the group's name has.
    return [((name[:10], name[11:]), figures) for name, figures in found]


def group_of(entry: Entry, group: By, zone: tzinfo | None) -> str:
    """The name of the group that an entry falls in, as the database names it."""
    match group:
        case "day":
            return local_day(moment(entry.at), zone).isoformat()
        case "month":
            return local_day(moment(entry.at), zone).isoformat()[:7]
        case "key":
            return entry.key_id
        case "model":
            return entry.model
        case "project":
            return entry.project or ""
        case "app":
            return entry.app
        case "conversation":
            return entry.conversation or ""
        case "tier":
            return entry.cost.tier if entry.cost else entry.tier or ""


def dearest(connection: sqlite3.Connection, limit: int, start: int, end: int, key_id: str | None = None) -> list[Row]:
    """The dearest of a stretch: by the index within each of the months it touches, then the best of those.

    With ``key_id`` those of other keys are read over, until there are enough.
    """
    first, last = connection.execute(FIRST_AND_LAST).fetchone()
    if first is None:
        return []
    start, end = max(start, first), min(end, last + 1)
    narrowed, values = ("", ()) if key_id is None else (" AND key_id = ?", (key_id,))
    found: list[Row] = []
    for month in range(start >> 41, (max(end, start) >> 41) + 1):
        found += connection.execute(
            f"""{SELECT} WHERE at >> 41 = ? AND cost_total > 0 AND at >= ? AND at < ?{narrowed}
            ORDER BY cost_total DESC LIMIT ?""",
            (month, start, end, *values, limit),
        ).fetchall()
    dear = COLUMNS.index("cost_total")
    return sorted(found, key=lambda row: row[dear], reverse=True)[:limit]


def refusals(connection: sqlite3.Connection, key_id: str, start: int, end: int) -> list[tuple[str, int]]:
    """Troubles of a key's entries in a stretch, and how often each."""
    return connection.execute(
        """SELECT error, count(*) FROM entry
        WHERE at >= ? AND at < ? AND key_id = ? AND error IS NOT NULL GROUP BY error""",
        (start, end, key_id),
    ).fetchall()


def page(connection: sqlite3.Connection, after: tuple[int, int], end: int) -> list[Row]:
    """The next entries of a stretch, each with its number before it."""
    numbered = SELECT.replace("SELECT ", "SELECT number, ", 1)
    statement = f"{numbered} WHERE (at, number) > (?, ?) AND at < ? ORDER BY at, number LIMIT {PAGE}"
    return connection.execute(statement, (*after, end)).fetchall()


def spend(label: str, figures: sums.Figures) -> Spend:
    """Figures as a sum with a label."""
    requests, tokens_in, cached, written, output, reasoning, cost, saved, estimated, unpriced = figures
    return Spend(
        label,
        requests,
        tokens_in,
        cached,
        written,
        output,
        reasoning,
        amount(cost),
        amount(saved),
        estimated,
        unpriced,
    )


def amount_of(entry: Entry) -> Decimal:
    """What an entry cost in USD; zero where that is not known."""
    return entry.cost.total if entry.cost else Decimal(0)
