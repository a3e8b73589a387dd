"""The table of keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import DataTable

from keytui.domain.keys import FileState, KeyRecord, Place
from keytui.domain.ledger import Spend
from keytui.domain.money import dollars
from keytui.domain.places import in_a_word

COLUMNS = ("", "Name", "Key", "Kind", "Project", "Kept in", "Last used", "Expires", "Month", "Findings", "State")
LEAST = ("Project", "Expires", "Kind", "Last used", "Kept in", "Month")
"""What is left out first when not everything fits."""
LEAST_NAME = 18
"""Cells that a name is not cut below, while there are columns to leave out instead."""
GAP = 2
"""Cells between two columns."""


class KeyTable(DataTable[Text]):
    """One row for each key, and as many columns as fit, in the order in which they are read."""

    DEFAULT_CSS = """
    KeyTable > .datatable--header { background: $background; color: $dim; text-style: none; }
    KeyTable:focus, KeyTable:focus > .datatable--header { background-tint: $foreground 0%; }
    KeyTable:ansi > .datatable--header { text-style: dim; }
    """

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False)

    def show(
        self,
        records: Sequence[KeyRecord],
        *,
        active: KeyRecord | None,
        spend: Mapping[str, Spend],
        findings: Mapping[str, int],
        file_state: FileState,
        room: int,
    ) -> None:
        """Draw all keys anew in ``room`` columns of the screen, the cursor where it was."""
        at = self.cursor_row
        self.clear(columns=True)
        rows = [self._cells(record, active, spend, findings, file_state) for record in records]
        # With widths of its own the table does not measure its cells after they are drawn, which cuts them meanwhile.
        columns = _fitting(rows, room)
        for column, width in columns.items():
            self.add_column(_cell(column, column), width=width)
        for record, cells in zip(records, rows, strict=True):
            self.add_row(*(_cell(column, cells[column], width) for column, width in columns.items()), key=record.id)
        if records:
            self.move_cursor(row=min(max(at, 0), len(records) - 1))

    def _cells(
        self,
        record: KeyRecord,
        active: KeyRecord | None,
        spend: Mapping[str, Spend],
        findings: Mapping[str, int],
        file_state: FileState,
    ) -> dict[str, str]:
        locked = record.place is Place.FILE and file_state is FileState.LOCKED
        to_look_at = findings.get(record.id, 0)
        return {
            "": "●" if active and record.id == active.id else " ",
            "Name": record.name,
            "Key": f"····{record.last4}",
            "Kind": record.kind.value,
            "Project": record.project_name or record.project or "–",
            "Kept in": in_a_word(record.place) + (", locked" if locked else ""),
            "Last used": day(record.last_used),
            "Expires": day(record.expires, never="–"),
            "Month": month(spend.get(record.id)),
            "Findings": f"! {to_look_at}" if to_look_at else "",
            "State": record.state.value,
        }


def _cell(column: str, text: str, width: int | None = None) -> Text:
    made = Text(text, justify="right" if column == "Month" else "left", no_wrap=True)
    if width is not None:
        made.truncate(width, overflow="ellipsis")
    return made


def _fitting(rows: Sequence[Mapping[str, str]], room: int) -> dict[str, int]:
    """The columns that fit into so many cells, each with the width of its longest text; names give way last."""
    columns = list(COLUMNS)
    if not any(row["Findings"] for row in rows):
        columns.remove("Findings")
    widths = {column: max([len(column), *(cell_len(row[column]) for row in rows)]) for column in columns}

    def total(name: int) -> int:
        return sum(widths[column] + GAP for column in columns) - widths["Name"] + name

    for least in LEAST:
        if total(min(widths["Name"], LEAST_NAME)) <= room:
            break
        if least in columns:
            columns.remove(least)
    widths["Name"] = max(4, min(widths["Name"], room - total(0)))
    return {column: widths[column] for column in columns}


def day(moment: datetime | None, never: str = "never") -> str:
    """A date as it is read: ``23 Nov 2026``."""
    return f"{moment.astimezone():%d %b %Y}" if moment else never


def month(spend: Spend | None) -> str:
    """The month's spend; a lower bound is marked as one, and what is not known yet is a dash."""
    if spend is None:
        return "–"
    return f"{'≥ ' if spend.unpriced else ''}{dollars(spend.cost)}"
