"""A table that is read row by row, as all of the costs pane are."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.widgets import DataTable

PADDING = 2
"""Cells that a column takes beside its text."""

LEAST_NAME = 18
"""Cells that a name is not cut below, while there are columns to leave out instead."""

_Filling = tuple[Sequence[str], Sequence[tuple[str, Sequence[str | Text]]], Sequence[str], Sequence[str], int]


class Rows(DataTable[Text]):
    """Rows with a name at the left and figures at the right, each column as wide as its longest text.

    The cursor stays on its row when the rows are read anew. Left and right are left to whoever is around the table.
    """

    DEFAULT_CSS = """
    Rows {
        height: 1fr;
    }
    Rows > .datatable--header { background: $background; color: $dim; text-style: none; }
    Rows:focus, Rows:focus > .datatable--header { background-tint: $foreground 0%; }
    Rows:ansi > .datatable--header { text-style: dim; }
    Rows:focus > .datatable--cursor {
        background: $block-cursor-blurred-background;
        color: $foreground;
        text-style: bold;
    }
    Rows:ansi:focus > .datatable--cursor {
        background: $block-cursor-background;
        color: $block-cursor-foreground;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(cursor_type="row", id=id)
        self.show_cursor = False
        self._heads: tuple[str, ...] = ()
        self._widths: tuple[int, ...] = ()
        self._waiting: _Filling | None = None
        """What ``fill`` was given while the table was hidden and had no width."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is one column only, as far as the cursor is concerned."""
        return action not in ("cursor_left", "cursor_right")

    def fill(
        self,
        heads: Sequence[str],
        rows: Sequence[tuple[str, Sequence[str | Text]]],
        *,
        droppable: Sequence[str] = (),
        texts: Sequence[str] = (),
        least_name: int = LEAST_NAME,
    ) -> None:
        """Show these rows: each with a key that tells it apart, and a text for every head.

        Columns named in ``droppable`` go, first to last, while the rest does not fit; the first column takes what room
        is left. It and the columns named in ``texts`` are words, which begin below each other; all others are figures,
        which end there.
        """
        room = self.size.width - 1
        self._waiting = (heads, rows, droppable, texts, least_name) if room < 8 else None
        if self._waiting:
            return
        # The quiet cursor leaves rows their colours; the terminal's own accent would swallow some of them.
        self.cursor_foreground_priority = "css" if self.app.current_theme.ansi else "renderable"
        lines = [(key, [cell if isinstance(cell, Text) else Text(cell) for cell in cells]) for key, cells in rows]
        kept = list(range(len(heads)))

        def width(at: int) -> int:
            return max([len(heads[at]), *(cells[at].cell_len for _, cells in lines)]) + PADDING

        least = {at: min(width(at), least_name + PADDING if at == 0 else 99) for at in kept}
        for head in droppable:
            if sum(least[at] for at in kept) <= room:
                break
            kept = [at for at in kept if heads[at] != head]
        others = [width(at) for at in kept[1:]]
        widths = (max(8, room - sum(others)), *others) if kept else ()
        named = tuple(heads[at] for at in kept)
        here = self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value if self.row_count else None
        top, at_row = self.scroll_y, self.cursor_row
        if (named, widths) == (self._heads, self._widths):
            self.clear()
        else:
            self.clear(columns=True)
            self._heads, self._widths = named, widths
            for number, (head, wide) in enumerate(zip(named, widths, strict=True)):
                words = number == 0 or head in texts
                self.add_column(Text(head, justify="left" if words else "right"), width=wide - PADDING)
        for key, cells in lines:
            self.add_row(
                *(_aligned(cells[at], at, widths[0] - PADDING, words=heads[at] in texts) for at in kept), key=key
            )
        if lines:
            keys = [key for key, _ in lines]
            at_row = keys.index(here) if here in keys else min(at_row, len(keys) - 1)
            self.move_cursor(row=at_row, animate=False, scroll=False)
            self.scroll_to(y=top, animate=False, force=True)

    def on_resize(self) -> None:
        """Now that there is room, show what came while the table was hidden."""
        if self._waiting is not None:
            heads, rows, droppable, texts, least_name = self._waiting
            self.fill(heads, rows, droppable=droppable, texts=texts, least_name=least_name)

    def on_focus(self) -> None:
        """The cursor is seen where the keys go, and only there."""
        self.show_cursor = True

    def on_blur(self) -> None:
        """See ``on_focus``."""
        self.show_cursor = False


def _aligned(cell: Text, at: int, room: int, *, words: bool) -> Text:
    made = cell.copy()
    made.no_wrap = True
    if at:
        made.justify = "left" if words else "right"
    else:
        made.truncate(room, overflow="ellipsis")
    return made
