"""The conversation: one widget that draws what is on the screen and knows about the rest only how tall it is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message as Posted
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.visual import Visual, visualize

from keytui.tui.private.scrolling import place
from keytui.tui.widgets.transcript.heights import Heights
from keytui.tui.widgets.transcript.look import Look
from keytui.tui.widgets.transcript.message import Message, MessageRows
from keytui.tui.widgets.transcript.row import Row
from keytui.tui.widgets.transcript.shown import Shown

_MARGIN = 1
"""Cells left free at either side."""

_KEPT = 200
"""Drawn messages that are kept while they are off the screen."""

_BUDGET = 0.012
"""Seconds of one frame that may go into drawing new text; the rest waits for the next frame."""

_SLICE = 2_000
"""Characters drawn between two looks at the clock."""


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
        Binding("c", "copy_code", "Copy code", tooltip="Copy the last code block.", id="transcript.code"),
        Binding("y", "copy_message", "Copy message", tooltip="Copy the message's source.", id="transcript.message"),
        Binding("t", "fold", "Thinking", tooltip="Show or fold what the model thought.", id="transcript.thinking"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "transcript--dim",
        "transcript--title",
        "transcript--heading",
        "transcript--code",
        "transcript--block",
        "transcript--link",
        "transcript--warning",
        "transcript--keyword",
        "transcript--string",
        "transcript--number",
        "transcript--comment",
        "transcript--name",
        "transcript--current",
    }

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
        self._messages: list[Message] = []
        self._places: dict[str, int] = {}
        self._heights = Heights()
        self._drawn: OrderedDict[int, None] = OrderedDict()
        self._open: set[int] = set()
        self._follows = True
        self._ahead = 0
        self._top = (0, 0)
        self._current: int | None = None
        self._look: Look | None = None
        self._base = Style()
        self._selected = Style()
        self._mark = Style()
        self._empty: Sequence[Content | str] = ()
        self._empty_strips: list[Strip] | None = None
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
        self._empty_strips = None
        if not self._messages:
            self.refresh()

    @property
    def messages(self) -> tuple[Shown, ...]:
        """The messages as they were given."""
        return tuple(message.shown for message in self._messages)

    @property
    def follows(self) -> bool:
        """Whether the end is in view and stays there."""
        return self._follows

    def load(self, messages: Iterable[Shown]) -> None:
        """Show these messages and no others, from the end."""
        self._messages = [Message(shown) for shown in messages]
        self._places = {message.shown.id: place for place, message in enumerate(self._messages)}
        width = self._width
        self._heights = Heights(message.estimate(width) for message in self._messages)
        self._drawn.clear()
        self._open.clear()
        self._current = None
        self._follows = True
        self._ahead = 0
        self._top = (0, 0)
        self._arrange()
        self.refresh()

    def append(self, shown: Shown) -> None:
        """Add a finished message; the user's own brings the end into view."""
        self._add(Message(shown))
        if shown.role == "user":
            self._follows = True
            self._ahead = 0
        self._arrange()
        self.refresh()

    def begin(self, shown: Shown) -> None:
        """Add a message whose text will come."""
        self._add(Message(shown, is_open=True))
        self._open.add(len(self._messages) - 1)
        self._arrange()
        self.refresh()

    def _add(self, message: Message) -> None:
        self._places[message.shown.id] = len(self._messages)
        self._messages.append(message)
        self._heights.append(message.estimate(self._width))

    def feed(self, message_id: str, text: str) -> None:
        """Take a piece of a message's text; it is drawn with the next frame."""
        if message := self._open_one(message_id):
            message.waiting.append(text)
            self._schedule()

    def think(self, message_id: str, text: str) -> None:
        """Take a piece of what the model thought."""
        if message := self._open_one(message_id):
            message.think(text)
            self._schedule()

    def finish(self, shown: Shown) -> None:
        """The message is whole: its figures, how it ended, its text as it is kept."""
        if message := self._open_one(shown.id):
            message.ending = shown
            self._pump()

    def _open_one(self, message_id: str) -> Message | None:
        place = self._places.get(message_id)
        return self._messages[place] if place is not None and place in self._open else None

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
        until = now + _BUDGET
        changed: list[tuple[int, int, int]] = []
        again = False
        for at in sorted(self._open):
            message = self._messages[at]
            if not (message.waiting or message.thought or message.ending):
                continue
            rows = message.rows
            before = (0, 0) if message.thought or message.ending or rows is None else (rows.steady, rows.height)
            again = self._take(message, until) or again
            changed.append((at, *before))
            if message.ending is not None and not message.waiting:
                message.close(message.ending)
                message.ending = None
                self._open.discard(at)
        if again:
            self._schedule()
        self._show(changed)

    def _take(self, message: Message, until: float) -> bool:
        """Hand the waiting text on; whether some had to be left."""
        if message.thought:
            message.thought = False
            if message.rows is not None:
                message.rows.dress(message)
        text = "".join(message.waiting)
        message.waiting.clear()
        at = 0
        while at < len(text):
            if at and monotonic() > until:
                message.waiting.append(text[at:])
                return True
            message.take(text[at : at + _SLICE])
            at += _SLICE
        return False

    def _show(self, changed: list[tuple[int, int, int]]) -> None:
        """Bring the screen up to date, the changed rows only when nothing has moved.

        Args:
            changed: For each message that has changed: its place, its rows that are still right, its height before.
        """
        if not changed:
            return
        moved = self._arrange()
        top, height = self.scroll_offset.y, self.size.height
        for at, steady, _ in changed:
            if moved or not steady or not self.size:
                self.refresh()
                return
            first = self._heights.before(at) + steady - top
            if first < height:
                first = max(0, first)
                self.refresh(Region(0, first, self.size.width, height - first))

    # -- where things are -----------------------------------------------------------------------------

    @property
    def _width(self) -> int:
        return max(1, self.size.width - 2 * _MARGIN)

    def _rows(self, place: int) -> MessageRows:
        """The rows of a message; its height is exact from now on."""
        message = self._messages[place]
        rows = message.draw(self._width, self._styles())
        self._heights[place] = rows.height
        self._drawn[place] = None
        self._drawn.move_to_end(place)
        return rows

    def _arrange(self) -> bool:
        """Draw what is in view and put it at the right place; whether anything has moved on the screen."""
        height = self.size.height
        self._strips.clear()
        if not height or not self._messages:
            return place(self, self._heights.total if height else 0, 0)
        top = self._from_the_end(height) if self._follows else self._from_the_top(height)
        self._forget()
        return place(self, self._heights.total + self._ahead, top)

    def _from_the_end(self, height: int) -> int:
        left, at = height, len(self._messages) - 1
        while at >= 0 and left > 0:
            left -= self._rows(at).height
            at -= 1
        top = max(0, self._heights.total - height)
        if self._open or self._ahead:
            top = self._leap(top, height)
        self._top = self._heights.find(top)
        return top

    def _leap(self, top: int, height: int) -> int:
        """While text comes in, scroll by several rows at once: what stands beside has to be painted for each time."""
        now = self.scroll_offset.y
        if top <= now <= top + self._ahead:
            top = now
        elif self._open and top > now:
            top += height // (2 if self.remote else 4)
        self._ahead = max(0, top + height - self._heights.total)
        return top

    def _from_the_top(self, height: int) -> int:
        self._ahead = 0
        at, row = self._top
        row = min(row, self._rows(at).height - 1)
        self._top = (at, row)
        top = self._heights.before(at) + row
        left, at = height - (self._heights[at] - row), at + 1
        while left > 0 and at < len(self._messages):
            left -= self._rows(at).height
            at += 1
        if left > 0:
            return self._from_the_end(height)
        return top

    def _forget(self) -> None:
        """Let go of messages that have long been off the screen."""
        while len(self._drawn) > _KEPT:
            at, _ = self._drawn.popitem(last=False)
            if at in self._open:
                self._drawn[at] = None
                return
            self._messages[at].rows = None

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The user has scrolled: what is at the top now stays there while heights are corrected."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) == round(new_value) or not self._messages:
            return
        row = round(new_value)
        self._follows = row >= self.max_scroll_y
        at, within = self._heights.find(row)
        guessed = self._heights[at]
        exact = self._rows(at).height
        if row and at < self._top[0]:
            # Coming from below, the message's end is what the user expects to see first.
            within = max(0, exact - (guessed - within))
        self._top = (at, within)
        self._arrange()

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: object) -> None:
        """Scroll at once: every frame of an animation is a screen of bytes, and rows may move meanwhile."""
        options.update(animate=False)
        super().scroll_to(x, y, **options)  # type: ignore[arg-type]

    def _on_resize(self, event: events.Resize) -> None:
        """Wrap anew what is in view; the rest when it comes into view."""
        self._empty_strips = None
        if any(message.rows is not None and message.rows.width != self._width for message in self._messages):
            self._drawn.clear()
            for message in self._messages:
                message.rows = None
        self._arrange()
        self.refresh()

    # -- drawing ------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """Draw everything anew if the styles are other ones."""
        super().notify_style_update()
        self._empty_strips = None
        if self._look is not None:
            before, self._look = self._look, None
            if self._styles() != before:
                for message in self._messages:
                    message.rows = None
                self._drawn.clear()
            self._arrange()

    def _styles(self) -> Look:
        if self._look is None:
            base = self.rich_style
            self._base = base

            def style(name: str) -> Style:
                return base + self.get_component_rich_style(f"transcript--{name}")

            self._selected = self.screen.get_component_rich_style("screen--selection")
            self._mark = style("current")
            self._look = Look(
                text=base,
                **{
                    name: style(name)
                    for name in (
                        "dim",
                        "title",
                        "heading",
                        "code",
                        "block",
                        "link",
                        "warning",
                        "keyword",
                        "string",
                        "number",
                        "comment",
                        "name",
                    )
                },
            )
        return self._look

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

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Transcript:
        """Draw again; see ``Widget``."""
        self._strips.clear()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _strip(self, y: int) -> Strip:
        width = self.size.width
        self._styles()
        if not self._messages:
            return self._empty_strip(y, width)
        line = y + self.scroll_offset.y
        if line >= self._heights.total:
            return Strip.blank(width, self._base)
        at, within = self._heights.find(line)
        rows = self._rows(at)
        row = rows.row(min(within, rows.height - 1))
        marked = at == self._current and self.has_focus and within < rows.height - 1
        margin = Segment("▎", self._mark) if marked else Segment(" " * _MARGIN, self._base)
        segments = [margin, *row.segments]
        cells = _MARGIN + row.cells
        if cells < width:
            segments.append(Segment(" " * (width - cells), self._base))
        strip = Strip(segments, max(cells, width))
        if cells > width:
            strip = strip.crop(0, width)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(line)) is not None:
            strip = _selected(strip, span, _MARGIN + len(row.text), self._selected)
        return strip

    def _empty_strip(self, y: int, width: int) -> Strip:
        if self._empty_strips is None:
            inner = max(1, width - 4)
            content = Content("\n").join([line if isinstance(line, Content) else Content(line) for line in self._empty])
            strips = Visual.to_strips(self, visualize(self, content), inner, None, self.visual_style)
            self._empty_strips = [
                Strip([Segment("  ", self._base), *strip, Segment(" " * (width - 2 - strip.cell_length), self._base)])
                for strip in strips
            ]
        # One row from the top: the card is read first, not centred.
        place_in = y - 1
        if self._empty and 0 <= place_in < len(self._empty_strips):
            return self._empty_strips[place_in]
        return Strip.blank(width, self._base)

    # -- selecting and copying ------------------------------------------------------------------------------

    def selection_updated(self, selection: Selection | None) -> None:
        """Show the selection."""
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, without what is only drawn, and with wrapped lines whole again."""
        if not self._heights.total:
            return None
        start, end = selection
        first = start.y if start else 0
        last = min(end.y if end else self._heights.total - 1, self._heights.total - 1)
        parts: list[str] = []
        for line in range(first, last + 1):
            row = self._row_of(line)
            left = (start.x if start and line == start.y else 0) - _MARGIN
            right = end.x - _MARGIN if end and line == end.y else len(row.text)
            text = row.text[max(left, row.skip, 0) : max(0, right)]
            ended = line == last or row.wraps
            parts.append(text if row.wraps else text.rstrip())
            parts.append("" if ended else "\n")
        return "".join(parts), "\n"

    def _row_of(self, line: int) -> Row:
        at, within = self._heights.find(line)
        rows = self._messages[at].draw(self._width, self._styles())
        return rows.row(min(within, rows.height - 1))

    def action_go(self, step: int) -> None:
        """Go to the next or the previous message."""
        if not self._messages:
            return
        last = len(self._messages) - 1
        if self._current is None:
            self._current = last if step < 0 or self._follows else self._top[0]
        else:
            self._current = min(max(self._current + step, 0), last)
        rows = self._rows(self._current)
        first, height = self._heights.before(self._current), self.size.height
        top = self.scroll_offset.y
        if first < top or first + rows.height > top + height:
            self._follows = False
            self._top = (self._current, 0)
            self._arrange()
            self._follows = self.scroll_offset.y >= self.max_scroll_y
        self.refresh()

    def action_copy_code(self) -> None:
        """Ask for the last code block of the current message, or of the newest that has one, to be copied."""
        if self._current is not None:
            order: Iterable[int] = [self._current]
        else:
            order = range(len(self._messages) - 1, -1, -1)
        for at in order:
            if "```" not in self._messages[at].text and "~~~" not in self._messages[at].text:
                continue
            codes = self._rows(at).codes
            if codes:
                first = self._heights.before(at) - self.scroll_offset.y
                visible = [code for code in codes if first + code.end > 0 and first + code.first < self.size.height]
                self.post_message(self.CopyRequested(self, (visible or codes)[-1].text, "code"))
                return

    def action_copy_message(self) -> None:
        """Ask for the source of the current message, or of the last one, to be copied."""
        if self._messages:
            at = len(self._messages) - 1 if self._current is None else self._current
            self.post_message(self.CopyRequested(self, self._messages[at].text, "message"))

    def action_fold(self) -> None:
        """Show or fold the thinking of the current message, or of the last that has any."""
        order = [self._current] if self._current is not None else range(len(self._messages) - 1, -1, -1)
        for at in order:
            if self._messages[at].thinking:
                self._toggle(at)
                return

    async def _on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if not self._messages or line >= self._heights.total:
            return
        at, within = self._heights.find(line)
        if within == self._rows(at).thinking_row:
            self._toggle(at)

    def _toggle(self, at: int) -> None:
        message = self._messages[at]
        message.unfolded = not message.unfolded
        if message.rows is not None:
            message.rows.dress(message)
        self._rows(at)
        self._arrange()
        self.refresh()


def _selected(strip: Strip, span: tuple[int, int], length: int, style: Style) -> Strip:
    """The strip with a span of its characters in the selection's style; -1 is the end of the text."""
    start, end = span
    end = length if end == -1 else min(end, length)
    if start >= end:
        return strip
    segments: list[Segment] = []
    at = 0
    for text, own, _ in strip:
        for low, high in ((0, start), (start, end), (end, at + len(text))):
            part = text[max(0, low - at) : max(0, high - at)]
            if part:
                inside = low == start and high == end
                segments.append(Segment(part, (own or Style()) + style if inside else own))
        at += len(text)
    return Strip(segments, strip.cell_length)
