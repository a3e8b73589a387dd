"""Follows an answer while it comes, and tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

from keytui.domain.chat import Delta, Started, Thinking, Waiting
from keytui.domain.counting import LiveCounter
from keytui.domain.progress import Phase, Progress


class ProgressMeter:
    """Takes the events of a turn and tells how far it is. Counting costs nothing until somebody looks."""

    def __init__(self, counter: LiveCounter, clock: Callable[[], float]) -> None:
        """``clock`` gives seconds that never go back."""
        self.counter = counter
        """Whoever looks settles it (see ``LiveCounter.pending``)."""
        self._clock = clock
        self._asked = clock()
        self._phase: Phase = "sent"
        self._first: float | None = None
        self._again = 0.0

    def take(self, event: object) -> bool:
        """Take one event, those that say nothing of it too; whether the answer is in another phase now."""
        phase = self._phase
        match event:
            case Started():
                self._phase = "accepted"
            case Thinking():
                if self._first is None:
                    self._phase = "thinking"
            case Delta(text):
                if self._first is None:
                    self._first, self._phase = self._clock(), "writing"
                self.counter.append(text)
            case Waiting(seconds):
                self._phase, self._first, self._again = "waiting", None, self._clock() + seconds
                self.counter.load("")
        return self._phase != phase

    @property
    def now(self) -> Progress:
        """How far it is."""
        at = self._clock()
        first = None if self._first is None else self._first - self._asked
        wait = max(0.0, self._again - at) if self._phase == "waiting" else 0.0
        return Progress(self._phase, self.counter.total or 0, at - self._asked, first, wait)
