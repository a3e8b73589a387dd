"""The books of one turn: what is reserved before it, noted while it runs, and booked at its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from keytui.domain.booking import Count, Heard, entry_for, new_id, worst_case
from keytui.domain.caps import Cap, CapRefusal, Intent, Reservations, Standing
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry, Ledger, Outcome
from keytui.domain.pricing import PriceBook
from keytui.domain.question import Question
from keytui.domain.tokens import rough_count


@dataclass(slots=True)
class TurnBooks:
    """Every method may block, and may run beside the event loop. Whoever makes it lets go of it at the end."""

    question: Question
    base_url: str
    ledger: Ledger
    prices: PriceBook
    count: Count
    key: KeyRecord
    app: str
    conversation: str | None
    now: Callable[[], datetime]
    reservations: Reservations | None
    id: str = field(init=False)
    holding: bool = False
    """Whether a reservation may be held that is to be given back."""

    def __post_init__(self) -> None:
        self.id = new_id(self.now())

    def reserve(self, caps: Sequence[Cap]) -> CapRefusal | tuple[Standing, ...]:
        """Hold the worst case against the caps: those that warn, or the refusal. ``holding`` is set before."""
        assert self.reservations is not None
        at = self.now()
        worst = worst_case(self.question, prices=self.prices, count=self.count, at=at, base_url=self.base_url)
        intent = Intent(self.id, at, self.key.id, self.key.project, self.conversation, worst, self.question.model)
        decision = self.reservations.reserve(intent, caps)
        if not self.holding:  # given up meanwhile
            self.reservations.release(self.id)
        return decision if isinstance(decision, CapRefusal) else decision.warnings

    def note(self, heard: Heard) -> None:
        """Note what is to be booked should this process be killed."""
        # Counted roughly: an exact count may take a while, and is wanted only if this process is killed.
        self.ledger.sent(self._entry(heard, self.id, Outcome.CUT, "killed", rough_count, heard.sent))

    def settle(self, heard: Heard, entry_id: str, outcome: Outcome, error: str | None) -> Entry:
        """Book a request that was sent."""
        made = self._entry(heard, entry_id, outcome, error, self.count, self.now())
        self.ledger.book(made)
        self.holding = self.holding and entry_id != self.id  # booking under the turn's id gave the reservation back
        return made

    def let_go(self) -> None:
        """Give back what is still held."""
        if self.holding and self.reservations is not None:
            self.holding = False
            self.reservations.release(self.id)

    def _entry(
        self, heard: Heard, entry_id: str, outcome: Outcome, error: str | None, count: Count, at: datetime
    ) -> Entry:
        return entry_for(
            self.question,
            heard,
            entry_id=entry_id,
            key=self.key,
            app=self.app,
            conversation=self.conversation,
            base_url=self.base_url,
            prices=self.prices,
            count=count,
            outcome=outcome,
            error=error,
            at=at,
        )
