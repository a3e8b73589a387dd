"""The answers of the playground: shown and kept while they come, and gone on from when they are there."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import work
from textual.reactive import var
from textual.timer import Timer

from keytui.domain.branches import after
from keytui.domain.conversations import StoredMessage
from keytui.domain.keys import KeyRecord
from keytui.domain.money import dollars
from keytui.domain.thread import Thread
from keytui.domain.usage import Mark
from keytui.tui.messages import EntryBooked
from keytui.tui.panes.playground.conversing import ConversationPane
from keytui.tui.panes.playground.words import shown
from keytui.tui.widgets.composer import Composer
from keytui.tui.widgets.facts_panel import FactsPanel
from keytui.tui.widgets.meter_line import MeterLine
from keytui.tui.widgets.transcript import Shown, Transcript

if TYPE_CHECKING:
    # What sending needs is imported when something is sent: the first frame does not wait for it.
    from keytui.domain.meter import Meter
    from keytui.tui.panes.playground.answering import Answering
    from keytui.tui.services import Services
    from keytui.tui.widgets.facts import LastAnswer

LOOK_EVERY = 1.0
"""Seconds between two looks at how far an answer is: each is a few bytes for the terminal."""


class HearingPane(ConversationPane):
    """One answer comes, or several at once; each is kept and booked by itself."""

    lost: var[bool] = var(False, bindings=True)
    """Whether the last request was lost on its way, so that checking the route is what to do now."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._answering: tuple[Answering, ...] = ()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._looking: Timer | None = None

    @work(group="turn", exclusive=True, description="one turn")
    async def converse(
        self,
        thread: Thread,
        key: KeyRecord,
        meters: Sequence[Meter],
        question: StoredMessage | None,
        beside: StoredMessage | None = None,
    ) -> None:
        """Ask; ``question`` is the new message at the thread's end, ``beside`` an answer that it has already."""
        from keytui.tui.panes.playground.answering import Answering

        self.busy, self.thread = True, thread
        transcripts = await self.stage(thread, meters, question, beside)
        self._answering = tuple(
            Answering(
                self.services,
                self._keeping,
                transcript,
                thread=thread,
                answer=self._empty_answer(thread, meter.model),
                asked=meter,
                key=key,
                heard=self._heard,
                turned=self._show_how_far,
                show=self.show_answer,
            )
            for meter, transcript in zip(meters, transcripts, strict=True)
        )
        self._looking = self.set_interval(LOOK_EVERY, self._look)
        try:
            if question is not None:
                await self._keeping.message(thread, question)
            await self._all([self._answer(one, meter, key) for one, meter in zip(self._answering, meters, strict=True)])
        finally:
            await self._all_answered(thread)

    def _empty_answer(self, thread: Thread, model: str) -> StoredMessage:
        now = self.services.now()
        return after(thread, StoredMessage(uuid.uuid4().hex, "assistant", "", now, model=model, outcome="streaming"))

    async def _all(self, answers: Sequence[Coroutine[Any, Any, None]]) -> None:
        """All of them at once. What goes wrong in one is raised when the others are over, too."""
        self._tasks = tuple(asyncio.create_task(answer) for answer in answers)
        # Cancelled, it cancels all and still waits until each has kept and booked what had come.
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        for one in ended:
            if isinstance(one, Exception):
                raise one

    def stop_one(self, at: int) -> None:
        """Stop one of several answers."""
        if at < len(self._tasks):
            self._tasks[at].cancel()

    async def stage(
        self, thread: Thread, meters: Sequence[Meter], question: StoredMessage | None, beside: StoredMessage | None
    ) -> Sequence[Transcript]:
        """Where each answer is to be shown; the question is put on the screen, too."""
        transcript = self.query_one(Transcript)
        if question is not None:
            transcript.append(shown(question))
        return [transcript] * len(meters)

    async def _answer(self, one: Answering, meter: Meter, key: KeyRecord) -> None:
        """One answer, from its request to its figures."""
        from keytui.domain.ledger import Outcome
        from keytui.tui.widgets.facts import LastAnswer

        try:
            await one.run()
        finally:
            one.told = True
            if (entry := one.growing.entry) is not None and self.on_screen:
                cost = entry.cost.total if entry.cost else None
                self.took(LastAnswer(entry.usage, cost, entry.seconds, entry.first_token, meter.input, meter.cached))
                self.post_message(EntryBooked(entry))
                if entry.usage.mark is Mark.BILLED and entry.outcome is Outcome.FINISHED and not meter.pending:
                    await self._figures.learn(meter.model, key, estimated=meter.estimate, measured=entry.usage.input)
            await self._look()

    def took(self, last: LastAnswer) -> None:
        """Show what an answer has taken."""
        self.show_last_answer(last)

    def _heard(self, event: object) -> None:
        from keytui.domain.turn import CapWarned

        if isinstance(event, CapWarned):
            standing = event.standing
            self.tell(f"This may pass {standing.cap.words}: {dollars(standing.left)} is left of it.")

    async def _look(self) -> None:
        """See how far the answers are, and say it."""
        for one in self._answering:
            await one.settle()
        self._show_how_far()

    def _show_how_far(self) -> None:
        if self.on_screen:
            self.show_progress(self._answering)

    def show_answer(self, answer: StoredMessage, problem: str) -> Shown:
        """An answer as it is shown while it comes, and when it has come."""
        return shown(answer, problem)

    def show_progress(self, answering: Sequence[Answering]) -> None:
        """Say how far the answer is: in the figures beside it, or in the line below the draft."""
        line, panel = self.query_one(MeterLine), self.query_one(FactsPanel)
        coming = [one for one in answering if not one.told]
        progress = coming[0].progress if coming else None
        panel.asked = coming[0].asked if coming else None
        line.coming = panel.coming = progress
        waits = progress is not None and progress.phase == "waiting"
        line.hint = coming[0].waits_for if waits else ""

    @property
    def on_screen(self) -> bool:
        """Whether there is still something to show it on: while the app ends, answers are only kept and booked."""
        return bool(self.query(MeterLine))

    # -- when it is over ------------------------------------------------------------------------

    async def _all_answered(self, thread: Thread) -> None:
        """Every answer is over, whichever way: go on from one of them, and count anew."""
        answering, self._answering, self._tasks = self._answering, (), ()
        if self._looking is not None:
            self._looking.stop()
        if not self.on_screen:
            return
        self.show_progress(())
        self.busy = False
        self.lost = any(one.lost_on_the_way for one in answering)
        # Another conversation, or another branch, may have been opened while this answer was stopped.
        if (self.thread.head.id, self.thread.messages) == (thread.head.id, thread.messages):
            self.thread = with_head_of(self.answered_by(answering, thread), self.thread)
            self._read_spending()
            await self._count_history()

    def answered_by(self, answering: Sequence[Answering], thread: Thread) -> Thread:
        """The conversation with the answer that it goes on from."""
        return answering[0].thread if answering else thread

    def shown(self) -> None:
        """The draft takes the focus."""
        self.query_one(Composer).focus()

    def focus_talk(self) -> None:
        """Give the keys to what was said."""
        self.query_one(Transcript).focus()

    def on_view(self) -> tuple[Sequence[StoredMessage], str | None]:
        """The conversation with the answer that comes; a message is marked while the transcript has the keys."""
        transcript, here = self.query_one(Transcript), self.thread.head.id
        coming = (one.message for one in self._answering if one.thread.head.id == here and one.message.text)
        return (*self.thread.messages, *coming), transcript.marked if transcript.has_focus else None

    def save(self) -> None:
        """Keep the draft and the answers as far as they have come, at once."""
        self._keeping.at_once(self.draft, self.thread, [one.message for one in self._answering])


def with_head_of(thread: Thread, present: Thread) -> Thread:
    """A thread with what the user has changed in its head while it was answered."""
    found = thread.head
    return replace(thread, head=replace(present.head, changed=found.changed, messages=found.messages, leaf=found.leaf))
