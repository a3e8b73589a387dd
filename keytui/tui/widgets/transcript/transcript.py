"""The conversation: messages that are shown, streamed in, gone through by key and copied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message as Posted

from keytui.tui.widgets.transcript.list import MessageList
from keytui.tui.widgets.transcript.message import Message
from keytui.tui.widgets.transcript.shown import Shown
from keytui.tui.widgets.transcript.view import MessageView

_SLOW_LINE = 4_000
"""Bytes a second that new text may take of a slow line."""

_FRAME = 66
"""Characters that a frame of new text is to carry: going there and back takes the terminal a dozen of its own."""

_FASTEST, _SLOWEST = 0.04, 0.13
"""Seconds between frames of new text, on a line that is not slow."""

_BUDGET = 0.012
"""Seconds of one frame that may go into drawing new text; the rest waits for the next frame."""


class Transcript(MessageView):
    """Messages, one under the other, the last of which may still be coming.

    ``load`` shows a conversation; ``append`` adds a finished message; ``begin``, ``feed``, ``think`` and ``finish``
    stream one, several at once if need be. It stays at the end until the user scrolls away, and does so again when
    the user comes back. Calls that name a message which is not shown (any more) do nothing: an answer may outlive
    the conversation on the screen.
    """

    HELP = """
    ### Conversation

    **up**, **down**, **page up**, **page down**, **home**, **end** and the wheel scroll.

    - **j** and **k** go from message to message; **ctrl+t** shows the one that is marked token by token.
    - **c** copies the last code block of the message that is in view, **y** the whole message.
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
            remote: Whether the screen is far away (over ssh): new text is then drawn 5 times a second, not 8 to 25.
            name: See ``Widget``.
            id: See ``Widget``.
            classes: See ``Widget``.
        """
        super().__init__(remote=remote, name=name, id=id, classes=classes)
        self._due = 0.0
        self._rhythm = _FASTEST
        self._fed = 0
        self._scheduled = False
        self._sent = 0

    # -- what is shown -----------------------------------------------------------------------------

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

    @property
    def marked(self) -> str | None:
        """The id of the message that the user has gone to; None when the user has gone to none."""
        return None if self._current is None else self._list.messages[self._current].shown.id

    def append(self, shown: Shown) -> None:
        """Add a finished message; the user's own brings the end into view, and no earlier one is marked any more."""
        self._list.add(Message(shown), self._width)
        if shown.role == "user":
            self._current = None
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
            self._fed += len(text)
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
            if self.is_attached:
                self._pump()

    # -- new text -------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        if not self._scheduled and self.is_attached:
            self._scheduled = True
            self.set_timer(max(0.001, self._due - monotonic()), self._pump)

    def _pause(self, now: float) -> float:
        """Seconds until new text is drawn again: until it is worth a frame, or as many as the last one takes there."""
        fed, self._fed = self._fed, 0
        if not self.remote:
            self._rhythm = min(max(_FASTEST, self._rhythm * _FRAME / max(fed, 1)), _SLOWEST)
            return self._rhythm
        sent: int = getattr(self.app, "sent", 0)
        last, self._sent = sent - self._sent, sent
        # What was sent long ago has arrived.
        return 0.2 if now > self._due + 1.0 else min(max(0.2, last / _SLOW_LINE), 2.0)

    def _pump(self) -> None:
        """Draw what has come, as much of it as a frame has time for."""
        self._scheduled = False
        now = monotonic()
        self._due = now + self._pause(now)
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
                if not self.remote:
                    # Over ssh it is not worth its bytes: the next question takes the rows that are free.
                    self._list.fill_up()
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

    # -- going through and copying --------------------------------------------------------------------------

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to copy, or to unfold, only what is there."""
        messages = self._list.messages
        match action:
            case "copy_code":
                return any(map(_may_hold_code, messages))
            case "copy_message":
                return bool(messages)
            case "fold":
                return any(message.thinking for message in messages)
        return True

    def action_copy_code(self) -> None:
        """Ask for the last code block of the current message, or of the newest that has one, to be copied."""
        for at in self._candidates():
            codes = self._rows(at).codes if _may_hold_code(self._list.messages[at]) else []
            if codes:
                first = self._list.heights.before(at) - self.scroll_offset.y
                visible = [code for code in codes if first + code.end > 0 and first + code.first < self.size.height]
                self.post_message(self.CopyRequested(self, (visible or codes)[-1].text, "code"))
                return
        self.notify("There is no code block in this message. y copies it whole; j and k go to another.", timeout=5)

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


def _may_hold_code(message: Message) -> bool:
    """Whether it is worth drawing for its code blocks."""
    return "```" in message.text or "~~~" in message.text
