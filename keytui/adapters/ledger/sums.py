"""Sums of entries, from the tables of sums wherever they reach.

Imports nothing that is slow: ``keytui status`` uses it too.
"""

from __future__ import annotations

import sqlite3

from keytui.adapters.ledger.days import DAYS, HOURS, MOMENTS, Piece

ALL, MODEL, PROJECT, APP, CONVERSATION, TIER = range(6)
"""Dimensions, as numbered in ``keytui.adapters.schema.ledger``."""

Figures = tuple[int, ...]
"""Requests, input, cached, written, output and reasoning tokens, cost, saved, estimated, unpriced. Amounts in the unit
of the ledger."""

_ENTRY_LABELS = (
    "''",
    "model",
    "coalesce(project, '')",
    "app",
    "coalesce(conversation, '')",
    "coalesce(price_tier, tier, '')",
)

# A sum of amounts could leave 64 bits above nine million USD, so both halves are added apart.
_SUMS = """
    sum(requests), sum(input), sum(cached), sum(written), sum(output), sum(reasoning),
    sum(cost / 1000000), sum(cost % 1000000), sum(saved / 1000000), sum(saved % 1000000),
    sum(estimated), sum(unpriced)"""


def summed(
    connection: sqlite3.Connection,
    pieces: list[Piece],
    *,
    dimension: int = ALL,
    group: str = "''",
    label: str | None = None,
    key_id: str | None = None,
) -> list[tuple[str, Figures]]:
    """Figures of the pieces, by ``group``: ``span`` (their labels), ``label`` (of the dimension) or ``key_id``.

    ``label`` and ``key_id`` narrow to one member of the dimension, and to one key. Groups without entries are left out.
    """
    given = [piece for piece in pieces if piece[1] != MOMENTS]
    loose = [piece for piece in pieces if piece[1] == MOMENTS]
    parts: list[str] = []
    values: list[str | int] = []
    narrowed = "".join(
        f" AND {column} = ?" for column, value in (("label", label), ("key_id", key_id)) if value is not None
    )
    narrowing = [value for value in (label, key_id) if value is not None]
    if given:
        # Each level apart, with the dimension, so that the primary key leads straight to the rows.
        for level in (HOURS, DAYS):
            mine = [(name, first, end) for name, kind, first, end in given if kind == level]
            if mine:
                parts.append(
                    f"""SELECT span, label, key_id, requests, input, cached, written, output, reasoning, cost, saved,
                        estimated, unpriced
                    FROM ({_table(len(mine))}) CROSS JOIN spend
                    WHERE level = {level} AND dimension = ? AND bucket >= first AND bucket < past{narrowed}"""
                )
                values += [*(value for row in mine for value in row), dimension, *narrowing]
    if loose:
        parts.append(
            f"""SELECT * FROM (
                SELECT span, {_ENTRY_LABELS[dimension]} AS label, key_id, 1 AS requests, input, cached, written, output,
                    reasoning, coalesce(cost_total, 0) AS cost, coalesce(saved, 0) AS saved,
                    mark = 'estimated' AND input + output > 0 AS estimated,
                    cost_total IS NULL AND input + output > 0 AS unpriced
                FROM ({_table(len(loose))}) CROSS JOIN entry WHERE at >= first AND at < past
            ) WHERE true{narrowed}"""
        )
        values += [*(value for name, _, first, end in loose for value in (name, first, end)), *narrowing]
    if not parts:
        return []
    statement = f"SELECT {group} AS named, {_SUMS} FROM ({' UNION ALL '.join(parts)}) GROUP BY named"
    return [(row[0], _figures(row[1:])) for row in connection.execute(statement, values) if row[1]]


def _table(rows: int) -> str:
    """A table of spans given as values (a VALUES list, for it may have any length)."""
    values = ", ".join(["(?, ?, ?)"] * rows)
    return f"SELECT column1 AS span, column2 AS first, column3 AS past FROM (VALUES {values})"


def _figures(row: tuple[int, ...]) -> Figures:
    requests, *tokens, cost_high, cost_low, saved_high, saved_low, estimated, unpriced = row
    return (
        requests,
        *tokens,
        cost_high * 1_000_000 + cost_low,
        saved_high * 1_000_000 + saved_low,
        estimated,
        unpriced,
    )
