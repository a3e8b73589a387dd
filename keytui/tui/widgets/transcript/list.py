"""The messages of a transcript and where they stand: heights guessed until a message is seen, exact from then on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from keytui.tui.widgets.transcript.heights import Heights
from keytui.tui.widgets.transcript.look import Look
from keytui.tui.widgets.transcript.message import Message, MessageRows
from keytui.tui.widgets.transcript.row import Row
from keytui.tui.widgets.transcript.shown import Shown

_KEPT = 200
"""Drawn messages that are kept while they are off the screen."""


class MessageList:
    """Messages in order, and the row that a view of them begins at.

    The view begins at a place (message, row in it), not at a row of the whole: so what is on the screen stays where it
    is when the guessed height of something above it is corrected.
    """

    def __init__(self, shown: Iterable[Shown] = (), width: int = 1) -> None:
        self.messages = [Message(one) for one in shown]
        self.heights = Heights(message.estimate(width) for message in self.messages)
        self.open: set[int] = set()
        """Messages whose text still comes."""
        self.follows = True
        """Whether the end is in view and stays there."""
        self._places = {message.shown.id: place for place, message in enumerate(self.messages)}
        self._drawn: OrderedDict[int, None] = OrderedDict()
        self._top = (0, 0)
        self._ahead = 0

    @property
    def height(self) -> int:
        """Rows in all, with those left free for text that is expected."""
        return self.heights.total + self._ahead

    def add(self, message: Message, width: int) -> None:
        """One more message, after the others."""
        place = len(self.messages)
        self._places[message.shown.id] = place
        self.messages.append(message)
        self.heights.append(message.estimate(width))
        if message.is_open:
            self.open.add(place)

    def to_the_end(self) -> None:
        """Bring the end into view with the next arrangement, nothing left free below it."""
        self.follows = True
        self._ahead = 0

    def open_one(self, message_id: str) -> Message | None:
        """The message of that name, when it is here and its text still comes."""
        place = self._places.get(message_id)
        return self.messages[place] if place is not None and place in self.open else None

    # -- drawing ----------------------------------------------------------------------------------

    def rows(self, place: int, width: int, look: Look) -> MessageRows:
        """The rows of a message; its height is exact from now on."""
        rows = self.messages[place].draw(width, look)
        self.heights[place] = rows.height
        self._drawn[place] = None
        self._drawn.move_to_end(place)
        return rows

    def row(self, line: int, width: int, look: Look) -> Row:
        """One row of the whole, of messages that are far from the screen too."""
        place, within = self.heights.find(line)
        rows = self.messages[place].draw(width, look)
        return rows.row(min(within, rows.height - 1))

    def forget(self) -> None:
        """Let go of messages that have long been off the screen."""
        while len(self._drawn) > _KEPT:
            place, _ = self._drawn.popitem(last=False)
            if place in self.open:
                self._drawn[place] = None
                return
            self.messages[place].rows = None

    def forget_all(self) -> None:
        """Let go of all that is drawn: the styles or the width are other ones."""
        self._drawn.clear()
        for message in self.messages:
            message.rows = None

    # -- placing ----------------------------------------------------------------------------------

    def arrange(self, now: int, height: int, width: int, look: Look, leap: int) -> int:
        """Draw what a view shows; the row of the whole that it begins at.

        Args:
            now: The row that it begins at now.
            height: Rows of the view.
            width: Cells of a row.
            look: The styles.
            leap: Rows that are left free at the end whenever text that is coming in makes the view scroll: what stands
                beside it has to be painted anew each time, so it is done for several rows at once.
        """
        if self.follows:
            top = self._from_the_end(now, height, width, look, leap)
        else:
            top = self._from_the_top(now, height, width, look, leap)
        self.forget()
        return top

    def _from_the_end(self, now: int, height: int, width: int, look: Look, leap: int) -> int:
        left, place = height, len(self.messages) - 1
        while place >= 0 and left > 0:
            left -= self.rows(place, width, look).height
            place -= 1
        top = max(0, self.heights.total - height)
        if self.open or self._ahead:
            if top <= now <= top + self._ahead:
                top = now
            elif self.open and top > now:
                top += leap
            self._ahead = max(0, top + height - self.heights.total)
        self._top = self.heights.find(top)
        return top

    def _from_the_top(self, now: int, height: int, width: int, look: Look, leap: int) -> int:
        self._ahead = 0
        place, row = self._top
        row = min(row, self.rows(place, width, look).height - 1)
        self._top = (place, row)
        left = height + row
        while left > 0 and place < len(self.messages):
            left -= self.rows(place, width, look).height
            place += 1
        if left > 0:
            return self._from_the_end(now, height, width, look, leap)
        return self.heights.before(self._top[0]) + row

    def scrolled(self, row: int, *, at_end: bool, width: int, look: Look) -> None:
        """The user has scrolled to a row: what is there stays at the top while heights are corrected."""
        self.follows = at_end
        place, within = self.heights.find(row)
        guessed = self.heights[place]
        exact = self.rows(place, width, look).height
        if row and place < self._top[0]:
            # Coming from below, the message's end is what the user expects to see first.
            within = max(0, exact - (guessed - within))
        self._top = (place, within)

    def fill_up(self) -> None:
        """Leave no rows free at the end any more: no text comes in."""
        self._ahead = 0

    def go_to(self, place: int) -> None:
        """Put the beginning of a message at the top."""
        self.follows = False
        self._top = (place, 0)
