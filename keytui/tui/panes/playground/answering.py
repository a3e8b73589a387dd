"""One question on its way to its answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from time import monotonic

from keytui.domain.answer import GrowingAnswer
from keytui.domain.chat import Delta, Thinking, Waiting
from keytui.domain.conversations import StoredMessage
from keytui.domain.keys import KeyRecord, VaultTrouble
from keytui.domain.meter import Meter
from keytui.domain.progress import Progress
from keytui.domain.progress_meter import ProgressMeter
from keytui.domain.thread import Thread
from keytui.domain.troubles import Exit
from keytui.tui.background import in_background
from keytui.tui.panes.playground.keeping import Keeping
from keytui.tui.panes.playground.words import in_words, left_out, shown
from keytui.tui.services import Services
from keytui.tui.widgets.transcript import Shown, Transcript

SAVE_EVERY = 1.0
"""Seconds between two savings of an answer that grows: what a power cut may take."""


class Answering:
    """Takes an answer to the transcript and to the store while it comes, and ends it well whichever way it ends."""

    def __init__(
        self,
        services: Services,
        keeping: Keeping,
        transcript: Transcript,
        *,
        thread: Thread,
        answer: StoredMessage,
        asked: Meter,
        key: KeyRecord,
        heard: Callable[[object], None],
        turned: Callable[[], None],
        show: Callable[[StoredMessage, str], Shown] = shown,
    ) -> None:
        """Make ready; nothing is asked yet.

        Args:
            services: What is below the interface.
            keeping: Where the answer is kept.
            transcript: Where it is shown.
            thread: The conversation, up to the question.
            answer: The empty message to fill.
            asked: What the question is expected to take.
            key: The key to ask with.
            heard: Told of every event, before it is shown.
            turned: Told whenever the answer gets into another phase, and when it is over.
            show: How the message is shown, given what went wrong, in words.
        """
        self.thread = thread
        """The conversation that is answered; with the answer in it once that has ended."""
        self.growing = GrowingAnswer(answer)
        self.problem = ""
        """What went wrong, in words; empty when nothing did."""
        self.over = False
        """Whether the answer has ended, whichever way."""
        self.told = False
        """Whether what it took is known and shown, so that how far it is matters no more."""
        self.asked = asked
        """What the question was expected to take."""
        self._progress = ProgressMeter(services.counter(answer.model or ""), monotonic)
        self._trouble = ""
        self._services, self._keeping, self._transcript = services, keeping, transcript
        self._key, self._heard, self._turned, self._show = key, heard, turned, show

    @property
    def message(self) -> StoredMessage:
        """The answer as far as it has come."""
        return self.growing.message

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self._progress.now

    @property
    def waits_for(self) -> str:
        """What is waited for before the question is asked again, in words."""
        return f"Trying again in {self.progress.wait:.0f} s; escape stops. {self._trouble}"

    async def settle(self) -> None:
        """Count what came faster than it could be counted at once."""
        if self._progress.counter.pending:
            await self._services.settle(self._progress.counter, self.message.model or "")

    @property
    def lost_on_the_way(self) -> bool:
        """Whether it was the route to the server that failed, rather than the server."""
        return self.growing.trouble is not None and self.growing.trouble.exit is Exit.NETWORK

    async def run(self) -> None:
        """Ask, and take everything that comes. Cancel it to stop the answer; it is then kept as far as it came."""
        self._transcript.begin(self._show(self.message, ""))
        refusal = ""
        try:
            await self._listen()
        except VaultTrouble as trouble:
            refusal = str(trouble)
        finally:
            self.growing.close()
            self.over = True
            self._turned()
            await self._end(refusal)

    async def _listen(self) -> None:
        answer, kept_at = self.growing, 0.0
        message_id, model = answer.message.id, answer.message.model or ""
        turn = self._services.take_turn(self.thread.question(model), key=self._key, conversation=self.thread.head.id)
        async with aclosing(turn) as events:
            async for event in events:
                answer.take(event)
                self._heard(event)
                if self._progress.take(event):
                    self._turned()
                match event:
                    case Waiting(trouble=trouble):
                        self._trouble = trouble.title
                    case Delta(piece):
                        self._transcript.feed(message_id, piece)
                        if (moment := monotonic()) - kept_at > SAVE_EVERY:
                            kept_at = moment
                            await self._keeping.answer(self.thread, answer.message)
                    case Thinking(piece):
                        self._transcript.think(message_id, piece)

    async def _end(self, refusal: str) -> None:
        """The answer is over: show how it ended, and keep it."""
        answer = self.growing
        if answer.entry is None and not refusal:
            # The user stopped it: the turn booked itself while it was closed, and could not say so any more.
            await self._take_booked()
        self.thread = self.thread.with_message(answer.message)
        self.problem = in_words(answer.trouble) if answer.trouble else refusal
        note = self.problem or left_out(answer.message.model or "", answer.dropped)
        self._transcript.finish(self._show(answer.message, note))
        await self._keeping.answer(self.thread, answer.message)

    async def _take_booked(self) -> None:
        ledger = await self._services.ledger()
        for entry in await in_background(ledger.latest, 4):
            answer = self.growing.message
            if (entry.conversation, entry.model) == (self.thread.head.id, answer.model) and entry.at >= answer.at:
                self.growing.book(entry)
                return
