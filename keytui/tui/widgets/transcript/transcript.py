"""The conversation: one widget that draws what is on the screen and knows about the rest only how tall it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message as Posted
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from keytui.tui.private.scrolling import place
from keytui.tui.widgets.transcript.list import MessageList
from keytui.tui.widgets.transcript.message import Message, MessageRows
from keytui.tui.widgets.transcript.painting import MARGIN, PARTS, Painter
from keytui.tui.widgets.transcript.shown import Shown

_BUDGET = 0.012
"""Seconds of one frame that may go into drawing new text; the rest waits for the next frame."""


class Transcript(ScrollView, can_focus=True):
    """Messages, one under the other, the last of which may still be coming.

    ``load`` shows a conversation; ``append`` adds a finished message; ``begin``, ``feed``, ``think`` and ``finish``
    stream one, several at once if need be. It stays at the end until the user scrolls away, and does so again when
    the user comes back. Calls that name a message which is not shown (any more) do nothing: an answer may outlive
    the conversation on the screen.
    """

    HELP = """
    ### Conversation

    **up**, **down**, **page up**, **page down**, **home**, **end** and the wheel scroll.

    - **j** and **k** go from message to message.
    - **c** copies the last code block of the message, **y** the whole message.
    - **t** shows or folds what the model thought.

    Text is selected with the mouse and copied with **ctrl+c**.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "go(1)", "Next message", show=False, id="transcript.next"),
        Binding("k", "go(-1)", "Previous message", show=False, id="transcript.previous"),
        Binding("c", "copy_code", "copy code", tooltip="Copy the last code block.", id="transcript.code"),
        Binding("y", "copy_message", "copy message", tooltip="Copy the message's source.", id="transcript.message"),
        Binding("t", "fold", "thinking", tooltip="Show or fold what the model thought.", id="transcript.thinking"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"transcript--{part}" for part in (*PARTS, "current")}

    DEFAULT_CSS = """
    Transcript {
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

    @dataclass
    class CopyRequested(Posted):
        """The user wants this text on the clipboard."""

        transcript: Transcript
        text: str
        what: str
        """``code`` or ``message``."""

        @property
        def control(self) -> Transcript:
            """The transcript."""
            return self.transcript

    def __init__(
        self,
        *,
        remote: bool = False,
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        """Make a transcript.

        Args:
            remote: Whether the screen is far away (over ssh): new text is then drawn 10 times a second, not 25.
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
        self._due = 0.0
        self._scheduled = False
        self._strips: dict[int, Strip] = {}

    # -- what is shown -----------------------------------------------------------------------------

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

    @property
    def messages(self) -> tuple[Shown, ...]:
        """The messages as they were given."""
        return tuple(message.shown for message in self._list.messages)

    @property
    def follows(self) -> bool:
        """Whether the end is in view and stays there."""
        return self._list.follows

    @property
    def is_drawing(self) -> bool:
        """Whether something has come that is not on the screen yet."""
        return self._scheduled

    def load(self, messages: Iterable[Shown]) -> None:
        """Show these messages and no others, from the end."""
        self._list = MessageList(messages, self._width)
        self._current = None
        self._arrange()
        self.refresh()

    def append(self, shown: Shown) -> None:
        """Add a finished message; the user's own brings the end into view."""
        self._list.add(Message(shown), self._width)
        if shown.role == "user":
            self._list.to_the_end()
        self._arrange()
        self.refresh()

    def begin(self, shown: Shown) -> None:
        """Add a message whose text will come."""
        self._list.add(Message(shown, is_open=True), self._width)
        self._arrange()
        self.refresh()

    def feed(self, message_id: str, text: str) -> None:
        """Take a piece of a message's text; it is drawn with the next frame."""
        if message := self._list.open_one(message_id):
            message.waiting.append(text)
            self._schedule()

    def think(self, message_id: str, text: str) -> None:
        """Take a piece of what the model thought."""
        if message := self._list.open_one(message_id):
            message.think(text)
            self._schedule()

    def finish(self, shown: Shown) -> None:
        """The message is whole: its figures, how it ended, its text as it is kept."""
        if message := self._list.open_one(shown.id):
            message.ending = shown
            self._pump()

    # -- new text -------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        if not self._scheduled and self.is_attached:
            self._scheduled = True
            self.set_timer(max(0.001, self._due - monotonic()), self._pump)

    def _pump(self) -> None:
        """Draw what has come, as much of it as a frame has time for."""
        self._scheduled = False
        now = monotonic()
        self._due = now + (0.1 if self.remote else 0.04)
        changed: list[tuple[int, int]] = []
        for at in sorted(self._list.open):
            message = self._list.messages[at]
            if not message.has_news:
                continue
            rows = message.rows
            changed.append((at, 0 if message.thought or message.ending or rows is None else rows.steady))
            if not message.catch_up(now + _BUDGET):
                self._schedule()
            elif message.ending is not None:
                message.close(message.ending)
                self._list.open.discard(at)
        if changed:
            self._show(changed)

    def _show(self, changed: list[tuple[int, int]]) -> None:
        """Bring the screen up to date, the changed rows only when nothing has moved.

        Args:
            changed: The messages that have changed, and how many of their first rows are still right.
        """
        moved = self._arrange()
        top, height = self.scroll_offset.y, self.size.height
        for at, steady in changed:
            first = max(0, self._list.heights.before(at) + steady - top)
            if moved or not steady:
                self.refresh()
                return
            if first < height:
                self.refresh(Region(0, first, self.size.width, height - first))

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
        leap = height // (2 if self.remote else 4)
        top = self._list.arrange(self.scroll_offset.y, height, self._width, self._paint.look, leap)
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
    ) -> Transcript:
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
        selected = self.text_selection.get_span(line) if self.text_selection else None
        return paint.strip(rows.row(min(within, rows.height - 1)), width, marked=marked, selected=selected)

    # -- selecting and copying ------------------------------------------------------------------------------

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

    def action_go(self, step: int) -> None:
        """Go to the next or the previous message."""
        last = len(self._list.messages) - 1
        if last < 0:
            return
        top, height = self.scroll_offset.y, self.size.height
        if self._current is None:
            self._current = last if step < 0 or self.follows else self._list.heights.find(top)[0]
        else:
            self._current = min(max(self._current + step, 0), last)
        rows, first = self._rows(self._current), self._list.heights.before(self._current)
        if first < top or first + rows.height > top + height:
            self._list.go_to(self._current)
            self._arrange()
        self.refresh()

    def _candidates(self) -> Iterable[int]:
        """The current message, or all from the newest on."""
        return range(len(self._list.messages) - 1, -1, -1) if self._current is None else [self._current]

    def action_copy_code(self) -> None:
        """Ask for the last code block of the current message, or of the newest that has one, to be copied."""
        for at in self._candidates():
            text = self._list.messages[at].text
            codes = self._rows(at).codes if "```" in text or "~~~" in text else []
            if codes:
                first = self._list.heights.before(at) - self.scroll_offset.y
                visible = [code for code in codes if first + code.end > 0 and first + code.first < self.size.height]
                self.post_message(self.CopyRequested(self, (visible or codes)[-1].text, "code"))
                return

    def action_copy_message(self) -> None:
        """Ask for the source of the current message, or of the last one, to be copied."""
        for at in list(self._candidates())[:1]:
            self.post_message(self.CopyRequested(self, self._list.messages[at].text, "message"))

    def action_fold(self) -> None:
        """Show or fold the thinking of the current message, or of the last that has any."""
        for at in self._candidates():
            if self._list.messages[at].thinking:
                self._toggle(at)
                return

    async def _on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if line < self._list.heights.total:
            at, within = self._list.heights.find(line)
            if within == self._rows(at).thinking_row:
                self._toggle(at)

    def _toggle(self, at: int) -> None:
        message = self._list.messages[at]
        message.unfolded = not message.unfolded
        if message.rows is not None:
            message.rows.dress(message)
        self._rows(at)
        self._arrange()
        self.refresh()
