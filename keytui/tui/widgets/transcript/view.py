"""What a transcript has on the screen: where each message stands, its rows drawn, what the mouse selects in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from keytui.tui.private.scrolling import place
from keytui.tui.widgets.transcript.list import MessageList
from keytui.tui.widgets.transcript.message import MessageRows
from keytui.tui.widgets.transcript.painting import MARGIN, PARTS, Painter


class MessageView(ScrollView, can_focus=True):
    """A list of messages, scrolled and drawn; what is in the list is ``Transcript``'s matter."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"transcript--{part}" for part in (*PARTS, "current")}

    DEFAULT_CSS = """
    MessageView {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .transcript--dim { color: $text-muted; &:ansi { text-style: dim; } }
        & > .transcript--title { color: $text-muted; text-style: bold; &:ansi { text-style: bold dim; } }
        & > .transcript--heading { color: $accent; text-style: bold; }
        & > .transcript--code { color: $accent; }
        & > .transcript--block { background: $surface; }
        & > .transcript--link { color: $secondary; text-style: underline; }
        & > .transcript--warning { color: $warning; }
        & > .transcript--keyword { color: $secondary; background: $surface; }
        & > .transcript--string { color: $success; background: $surface; }
        & > .transcript--number { color: $warning; background: $surface; }
        & > .transcript--comment { color: $text-muted; background: $surface; text-style: italic;
                                   &:ansi { text-style: italic dim; } }
        & > .transcript--name { background: $surface; text-style: bold; }
        & > .transcript--current { color: $accent; }
    }
    """

    def __init__(
        self,
        *,
        remote: bool = False,
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """Make a view.

        Args:
            remote: Whether the screen is far away (over ssh).
            name: See ``Widget``.
            id: See ``Widget``.
            classes: See ``Widget``.
        """
        super().__init__(name=name, id=id, classes=classes)
        self.remote = remote
        self._list = MessageList()
        self._current: int | None = None
        self._painter: Painter | None = None
        self._empty: Sequence[Content | str] = ()
        self._card: list[Strip] | None = None
        self._strips: dict[int, Strip] = {}

    @property
    def empty(self) -> Sequence[Content | str]:
        """Lines shown while there is no message."""
        return self._empty

    @empty.setter
    def empty(self, lines: Sequence[Content | str]) -> None:
        self._empty = tuple(lines)
        self._card = None
        if not self._list.messages:
            self.refresh()

    # -- where things are -----------------------------------------------------------------------------

    @property
    def _width(self) -> int:
        return max(1, self.size.width - 2 * MARGIN)

    def _rows(self, at: int) -> MessageRows:
        return self._list.rows(at, self._width, self._paint.look)

    def _arrange(self) -> bool:
        """Draw what is in view and put it at its place; whether anything has moved on the screen."""
        self._strips.clear()
        height = self.size.height
        if not height or not self._list.messages:
            return place(self, 0, 0)
        top = self._list.arrange(self.scroll_offset.y, height, self._width, self._paint.look, leap=height * 2 // 3)
        return place(self, self._list.height, top)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The user has scrolled."""
        super().watch_scroll_y(old_value, new_value)
        row = round(new_value)
        if round(old_value) != row and self._list.messages:
            at_end = row >= self.max_scroll_y
            self._list.scrolled(row, at_end=at_end, width=self._width, look=self._paint.look)
            self._arrange()

    def action_scroll_end(self) -> None:
        """Go to the end and stay there, however tall what is on the way turns out to be."""
        self._list.to_the_end()
        self._arrange()
        self.refresh()

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: object) -> None:
        """Scroll at once: every frame of an animation is a screen of bytes, and rows may move meanwhile."""
        options.update(animate=False)
        super().scroll_to(x, y, **options)  # type: ignore[arg-type]

    def _on_resize(self, event: events.Resize) -> None:
        """Wrap anew what is in view; the rest when it comes into view."""
        self._card = None
        width = self._width
        if any(message.rows is not None and message.rows.width != width for message in self._list.messages):
            self._list.forget_all()
        self._arrange()
        self.refresh()

    # -- drawing ------------------------------------------------------------------------------------------

    @property
    def _paint(self) -> Painter:
        if self._painter is None:
            self._painter = Painter(self)
        return self._painter

    def notify_style_update(self) -> None:
        """Draw everything anew if the styles are other ones."""
        super().notify_style_update()
        self._card = None
        if self._painter is not None:
            # textual 8.2.8 says so before the styles of the parts (``transcript--…``) are the new ones.
            self.call_later(self._dress_anew)

    def _dress_anew(self) -> None:
        before, self._painter = self._painter, None
        if before is not None and self._paint.look != before.look:
            self._list.forget_all()
            self._arrange()
            self.refresh()

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> MessageView:
        """Draw again; see ``Widget``."""
        self._strips.clear()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows in a part of the view; the widget has no border and no padding."""
        filters, background = self.get_line_filters(), self.background_colors[1]
        strips: list[Strip] = []
        for y in crop.line_range:
            strip = self._strips.get(y)
            if strip is None:
                strip = self._strips[y] = self._strip(y)
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, background)
            strips.append(strip)
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """One row of the view, told where it is, so that the mouse can select in it."""
        return self._strip(y).apply_offsets(0, y + self.scroll_offset.y)

    def _strip(self, y: int) -> Strip:
        width = self.size.width
        paint = self._paint
        if not self._list.messages:
            if self._card is None:
                self._card = paint.card(self, self._empty, width)
            return self._card[y] if y < len(self._card) else paint.blank(width)
        line = y + self.scroll_offset.y
        if line >= self._list.heights.total:
            return paint.blank(width)
        at, within = self._list.heights.find(line)
        rows = self._rows(at)
        marked = at == self._current and self.has_focus and within < rows.height - 1
        # Between its removal and the next layout it is still drawn, without a screen to ask.
        selection = self.text_selection if self.is_attached else None
        selected = selection.get_span(line) if selection else None
        return paint.strip(rows.row(min(within, rows.height - 1)), width, marked=marked, selected=selected)

    # -- selecting ------------------------------------------------------------------------------------------

    def selection_updated(self, selection: Selection | None) -> None:
        """Show the selection."""
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, without what is only drawn, and with wrapped lines whole again."""
        total = self._list.heights.total
        if not total:
            return None
        start, end = selection
        first, last = start.y if start else 0, min(end.y if end else total - 1, total - 1)
        parts: list[str] = []
        for line in range(first, last + 1):
            row = self._list.row(line, self._width, self._paint.look)
            left = start.x - MARGIN if start and line == start.y else 0
            right = end.x - MARGIN if end and line == end.y else len(row.text)
            text = row.text[max(left, row.skip, 0) : max(0, right)]
            parts.append(text if row.wraps else text.rstrip() + ("\n" if line < last else ""))
        return "".join(parts), "\n"
