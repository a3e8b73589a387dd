"""A list of any length: only the rows that are in sight are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

T = TypeVar("T")


class LongList(ScrollView, Generic[T], can_focus=True):
    """Rows of one line each. ``draw`` makes a line of a row, for a width."""

    DEFAULT_CSS = """
    LongList { height: 1fr; overflow-x: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "move(12)", show=False),
        Binding("pageup", "move(-12)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
    ]

    cursor: reactive[int] = reactive(0)

    class Highlighted(Message):
        """Another row is under the cursor."""

    def __init__(self, draw: Callable[[T, int], Content], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._draw = draw
        self._rows: Sequence[T] = ()

    def show(self, rows: Sequence[T], cursor: int | None = None) -> None:
        """Replace the rows; the cursor stays at its line as far as there is one, or goes to ``cursor``.

        With ``cursor`` the line on the screen stays the same: rows that come in above it push nothing away.
        """
        self._rows = rows
        self.virtual_size = Size(self.scrollable_content_region.width, len(rows))
        moved = 0 if cursor is None else cursor - self.cursor
        if moved:
            self.scroll_to(y=self.scroll_offset.y + moved, animate=False, force=True, immediate=True)
        self.cursor = min(max(self.cursor + moved, 0), max(0, len(rows) - 1))
        self.refresh()
        self.post_message(self.Highlighted())

    @property
    def highlighted(self) -> T | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    def render_line(self, y: int) -> Strip:
        """One line of what is in sight."""
        # Without the columns of the scrollbar, which would cover the end of the line.
        at, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if at >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        here = at == self.cursor
        line = self._draw(self._rows[at], width).pad_right(width).truncate(width)
        segments: list[Segment] = []
        base = self.get_component_rich_style("long-list--cursor") if here else self.rich_style
        for segment in line.render_segments(self.visual_style):
            style = base if segment.style is None or here else segment.style
            segments.append(Segment(segment.text, style))
        return Strip(segments).adjust_cell_length(width, base)

    COMPONENT_CLASSES: ClassVar[set[str]] = {"long-list--cursor"}

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self.cursor = min(max(self.cursor + rows, 0), max(0, len(self._rows) - 1))

    def watch_cursor(self, cursor: int) -> None:
        """Keep the cursor in sight."""
        self.scroll_to_region(Region(0, cursor, 1, 1), animate=False, force=True)
        self.refresh()
        self.post_message(self.Highlighted())

    def on_click(self, event: events.Click) -> None:
        """The mouse moves the cursor."""
        self.action_move(event.y + self.scroll_offset.y - self.cursor)
