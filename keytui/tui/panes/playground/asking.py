"""Sending in the playground: what is asked before a draft goes out."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.worker import WorkerState

from keytui.domain.branches import after, before
from keytui.domain.conversations import StoredMessage
from keytui.domain.keys import KeyRecord
from keytui.domain.thread import Thread
from keytui.tui.messages import SetupWanted
from keytui.tui.panes.playground.hearing import HearingPane
from keytui.tui.widgets.composer import Composer
from keytui.tui.widgets.meter_line import MeterLine

if TYPE_CHECKING:
    # What sending needs is imported when something is sent: the first frame does not wait for it.
    from keytui.domain.meter import Meter
    from keytui.tui.services import Services


class AskingPane(HearingPane):
    """One question goes out, to one model or to several at once."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._waiting_for_key = ""
        """What was sent before the practice key was there; it goes out as soon as it is."""

    def watch_key(self, key: KeyRecord | None) -> None:
        """Another key may be at another address, with other prices."""
        if self.is_mounted:
            self.measure()
            if self._figures.counting:
                self._recount()
            if key is not None and self._waiting_for_key:
                text, self._waiting_for_key = self._waiting_for_key, ""
                self.query_one(MeterLine).hint = ""
                if self.draft.startswith(text):
                    self.send(text)

    def send(self, text: str, models: Sequence[str] = ()) -> None:
        """Send the draft to the model in use, or to these; where that cannot be done now, it is said and it stays."""
        if self.key is None and self.services.practice and not self._figures.counting:
            if not self._waiting_for_key or not text.startswith(self._waiting_for_key):
                self._waiting_for_key = text
            self.query_one(MeterLine).hint = "The practice service is starting; your message goes out in a moment."
        elif self.can_be_sent():
            assert self.key is not None
            self._send_if_meant(text, self.key, tuple(models))

    def can_be_sent(self) -> bool:
        """Whether anything can be sent now; if not, it is said why."""
        if self.busy:
            self.notify(
                "An answer is still coming, and your draft stays here until it is there. escape stops the answer.",
                timeout=5,
            )
        elif self._going_out:
            self.notify("The message before is just going out; your draft stays here.", timeout=5)
        elif self.services.offline:
            self.notify("keytui was started with --offline, so nothing is sent. Your draft stays here.", timeout=6)
        elif self.key is None and self.services.practice and not self._figures.counting:
            self.notify("The practice service is starting. Try again in a moment.", timeout=4)
        elif self.key is None:
            self.notify("There is no key yet. Set-up takes you to one; your draft stays here.", timeout=6)
            self.post_message(SetupWanted())
        else:
            return True
        return False

    @property
    def _going_out(self) -> bool:
        """Whether something was sent that is not on its way yet: it is counted, priced, or asked about."""
        return any(
            worker.node is self
            and (
                (worker.group == "send" and not worker.is_finished)
                or (worker.group == "turn" and worker.state is WorkerState.PENDING)
            )
            for worker in self.workers
        )

    @work(group="send", description="ask what has to be asked, and send")
    async def _send_if_meant(self, text: str, key: KeyRecord, models: tuple[str, ...]) -> None:
        """Send the draft, if no cap stands against it and the user means it; otherwise it stays where it is."""
        from keytui.tui.panes.playground.sending import secret_is_meant

        conversation = self.thread.head.id
        await self.whole.wait()
        meters = await self._meters(self.thread, text, key, models)
        meant = await secret_is_meant(self.app, text) and await self._may_be_sent(meters, key)
        if meant and self._still_in(conversation):
            # What has been typed since then is the next draft. The last answer is not told of again before it.
            self.query_one(MeterLine).last = None
            composer = self.query_one(Composer)
            composer.load_text(composer.text.removeprefix(text))
            composer.move_cursor(composer.document.end)
            question = after(self.thread, StoredMessage(uuid.uuid4().hex, "user", text, self.services.now()))
            self.converse(self.thread.with_message(question), key, meters, question)

    @work(group="send", description="ask the last question again")
    async def ask_again(self, answer: StoredMessage, models: Sequence[str]) -> None:
        """Put the question of the conversation's last answer to these models, beside the answer that is there."""
        key, again = self.key, before(self.thread, answer.id)
        if key is None or not again.messages:
            return
        asked = again.messages[-1]
        meters = await self._meters(before(again, asked.id), asked.text, key, models)
        if await self._may_be_sent(meters, key) and self._still_in(again.head.id):
            self.converse(again, key, meters, None, beside=answer)

    def _still_in(self, conversation: str) -> bool:
        """Whether the conversation that something was sent in is still the open one; if not, it is said."""
        if self.thread.head.id == conversation:
            return True
        self.tell("Not sent: another conversation was opened meanwhile. Your draft stays here.")
        return False

    async def _meters(self, thread: Thread, text: str, key: KeyRecord, models: Sequence[str]) -> tuple[Meter, ...]:
        """The figures of a draft for each model; with none named, for the one in use."""
        if not models and text == self.draft:
            return (self._figures.meter(thread, self.model, key),)
        models = models or (self.model,)
        return tuple([await self._figures.elsewhere(thread, text, model, key) for model in models])

    async def _may_be_sent(self, meters: Sequence[Meter], key: KeyRecord) -> bool:
        """Whether no cap stands against all of it together, and the user means it at its price."""
        from keytui.tui.panes.playground.sending import price_is_meant

        if (refusal := self._spending.refusal(meters, key, self.thread)) is not None:
            trouble = refusal.trouble
            self.notify(f"{trouble.title} {trouble.remedy}", severity="error", markup=False, timeout=20)
            return False
        return await price_is_meant(self.app, meters, self.keytui.settings.ask_above)
