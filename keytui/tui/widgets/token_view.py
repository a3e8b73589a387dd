"""A text by its tokens: each told from its neighbours, with line numbers and the tokens of every line."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events, work
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from keytui.tui.widgets.token_rows import Token, TokenRows, is_part

GUTTER = 14
"""Cells at the left for a line's number and its tokens."""
AT_ONCE = 5_000
"""Tokens that are laid out before anything else may happen: a few milliseconds' worth."""


class TokenView(ScrollView, can_focus=True):
    """Draws only the rows in view; every second token is underlined, so that no colour is needed to tell them apart."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "token", key_display="arrows", id="tokens.left"),
        Binding("right", "step(1)", show=False, id="tokens.right"),
        Binding("up", "rows(-1)", show=False, id="tokens.up"),
        Binding("down", "rows(1)", show=False, id="tokens.down"),
        Binding("pageup", "page(-1)", show=False, id="tokens.page-up"),
        Binding("pagedown", "page(1)", show=False, id="tokens.page-down"),
        Binding("home", "go(0)", show=False, id="tokens.first"),
        Binding("end", "go(-1)", show=False, id="tokens.last"),
        Binding("i", "ids", "ids", tooltip="Show or hide each token's id.", id="tokens.ids"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"tokens--{part}" for part in ("even", "odd", "part", "id", "cursor", "gutter")
    }
    DEFAULT_CSS = """
    TokenView {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .tokens--even { color: $foreground; }
        & > .tokens--odd { color: $secondary; background: $panel; text-style: underline; }
        & > .tokens--part { color: $warning; text-style: bold; }
        & > .tokens--id { color: $dim; &:ansi { text-style: dim; } }
        & > .tokens--cursor { color: $block-cursor-foreground; background: $block-cursor-background; }
        & > .tokens--gutter { color: $dim; &:ansi { text-style: dim; } }
    }
    """

    cursor: var[int] = var(0)
    ids: var[bool] = var(False)

    @dataclass
    class Pointed(Message):
        """The cursor is at another token, or other tokens are shown."""

        view: TokenView

    def __init__(self) -> None:
        super().__init__()
        self.tokens: Sequence[Token] = ()
        self._rows = TokenRows((), 4, ids=False, ascii_only=False)

    def show(self, tokens: Sequence[Token]) -> None:
        """Show these tokens, from the first."""
        self.tokens = tokens
        self.cursor = 0
        self.scroll_to(y=0, animate=False)
        self._arrange()
        self.post_message(self.Pointed(self))

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for another width."""
        self._arrange()

    def watch_ids(self) -> None:
        """Tokens with their ids take more room."""
        self._arrange()

    def watch_cursor(self, old: int, new: int) -> None:
        """Keep the cursor in view."""
        if not self.tokens:
            return
        while not self._rows.done and self._rows.laid_out <= new:
            self._rows.lay_out(AT_ONCE)
        self._take_height()
        row, top, height = self._rows.row_of(new), self.scroll_offset.y, self.size.height
        if row < top:
            self.scroll_to(y=row, animate=False)
        elif row >= top + height:
            self.scroll_to(y=row - height + 1, animate=False)
        self.refresh()
        self.post_message(self.Pointed(self))

    def _arrange(self) -> None:
        ascii_only: bool = self.app.ascii_only  # type: ignore[attr-defined]
        width = self.scrollable_content_region.width - GUTTER
        self._rows = TokenRows(self.tokens, width, ids=self.ids, ascii_only=ascii_only)
        self._rows.lay_out(AT_ONCE)
        self._take_height()
        self.refresh()
        if not self._rows.done:
            self._lay_out_the_rest()

    def _take_height(self) -> None:
        self.virtual_size = Size(self.size.width, self._rows.height)

    @work(group="layout", exclusive=True, description="lay out the tokens")
    async def _lay_out_the_rest(self) -> None:
        rows = self._rows
        while not rows.done and rows is self._rows:
            await asyncio.sleep(0)
            rows.lay_out(AT_ONCE)
        self._take_height()

    def render_line(self, y: int) -> Strip:
        """One row, from its tokens and from nothing else."""
        number, width = y + self.scroll_offset.y, self.size.width
        base = self.rich_style
        if not self.tokens or number >= self._rows.height:
            return Strip.blank(width, base)
        gutter = base + self.get_component_rich_style("tokens--gutter", partial=True)
        line = self._rows.line(number)
        segments = [Segment((f"{line[0]:>6,} {line[1]:>5,}" if line else "").ljust(GUTTER), gutter)]
        looks = {
            name: base + self.get_component_rich_style(f"tokens--{name}", partial=True)
            for name in ("even", "odd", "part", "id", "cursor")
        }
        for index in self._rows.row(number):
            segments += self._token(index, looks)
        return Strip(segments).adjust_cell_length(width, base)

    def _token(self, index: int, looks: dict[str, Style]) -> list[Segment]:
        token = self.tokens[index]
        style = looks["odd" if index % 2 else "even"]
        if is_part(token[1]):
            style += looks["part"]
        if index == self.cursor:
            style = looks["cursor"]
        shown = [Segment(self._rows.text(token), style)]
        if self.ids:
            shown.append(Segment(f" {token[0]} ", looks["id"]))
        return shown

    def action_step(self, tokens: int) -> None:
        """Move by tokens."""
        self._point(self.cursor + tokens)

    def action_rows(self, rows: int) -> None:
        """Move by rows, staying as far from the row's beginning, in tokens."""
        here = self._rows.row_of(self.cursor)
        there = min(max(here + rows, 0), self._rows.height - 1)
        target = self._rows.row(there)
        if target:
            self._point(min(target.start + self.cursor - self._rows.row(here).start, target.stop - 1))

    def action_page(self, pages: int) -> None:
        """Move by screens."""
        self.action_rows(pages * max(1, self.size.height - 1))

    def action_go(self, index: int) -> None:
        """Go to the first or the last token."""
        self._point(index if index >= 0 else len(self.tokens) - 1)

    def action_ids(self) -> None:
        """Show or hide the ids."""
        self.ids = not self.ids

    def on_click(self, event: events.Click) -> None:
        """Point at a token."""
        number = event.y + self.scroll_offset.y
        if number >= self._rows.height or event.x < GUTTER:
            return
        at = GUTTER
        for index in self._rows.row(number):
            at += self._rows.cells(self.tokens[index])
            if event.x < at:
                self._point(index)
                return

    def _point(self, index: int) -> None:
        if self.tokens:
            self.cursor = min(max(index, 0), len(self.tokens) - 1)
