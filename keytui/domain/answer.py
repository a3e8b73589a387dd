"""An answer while it comes: what it is so far, as a message that could be kept at any moment."""

from __future__ import annotations

from dataclasses import replace

from keytui.domain.chat import Delta, Failed, Finished, Stopped, Thinking, Waiting
from keytui.domain.conversations import StoredMessage
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.troubles import Trouble
from keytui.domain.turn import Booked


class GrowingAnswer:
    """Takes the events of a turn and gives the message they have made so far."""

    def __init__(self, message: StoredMessage) -> None:
        self._head = message
        self._pieces: list[str] = []
        self._thoughts: list[str] = []
        self.thinking = False
        """Whether the model has said something of its reasoning, and nothing else yet."""
        self.trouble: Trouble | None = None
        """What went wrong, if something did."""
        self.entry: Entry | None = None
        """What the turn was booked as, once it is."""
        self.dropped: tuple[str, ...] = ()
        """Parameters that the model did not take and that were left out."""

    @property
    def message(self) -> StoredMessage:
        """The answer as far as it has come."""
        return replace(self._head, text="".join(self._pieces), thinking="".join(self._thoughts))

    def take(self, event: object) -> None:
        """Grow by one event; events that say nothing of the answer itself are let pass."""
        match event:
            case Delta(text):
                self._pieces.append(text)
            case Thinking(text):
                self._thoughts.append(text)
                self.thinking = not self._pieces
            case Waiting():
                self._pieces.clear()
                self._thoughts.clear()
            case Finished():
                self.dropped = event.dropped
                self._end("finished")
            case Stopped():
                self._end("stopped")
            case Failed(trouble):
                self.trouble, self.dropped = trouble, event.dropped
                self._end("cut" if self._pieces else "failed")
            case Booked(entry):
                self.book(entry)

    def book(self, entry: Entry) -> None:
        """Take what the turn was booked as."""
        self.entry = entry
        cost = entry.cost.total if entry.cost else None
        self._head = replace(
            self._head,
            usage=None if entry.outcome is Outcome.FAILED else entry.usage,
            cost=None if cost is None else str(cost),
            seconds=entry.seconds,
            first_token=entry.first_token,
        )

    def close(self) -> None:
        """The events are over; without a last word, the user stopped them."""
        if self._head.outcome == "streaming":
            self._end("stopped")

    def _end(self, outcome: str) -> None:
        self._head = replace(self._head, outcome=outcome)
