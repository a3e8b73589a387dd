"""The playground: a conversation, its draft, and what both take and cost."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.reactive import var

from keytui.domain.branches import after
from keytui.domain.conversations import StoredMessage
from keytui.domain.money import dollars
from keytui.domain.usage import Mark
from keytui.tui.messages import EntryBooked, SetupWanted
from keytui.tui.panes.conversing import ConversationPane
from keytui.tui.panes.playground_words import HELP, shown, welcome
from keytui.tui.widgets.composer import Composer
from keytui.tui.widgets.facts_panel import FactsPanel, LastAnswer
from keytui.tui.widgets.meter_line import MeterLine
from keytui.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    # What sending needs is imported when something is sent: the first frame does not wait for it.
    from keytui.domain.chat import Waiting
    from keytui.domain.keys import KeyRecord
    from keytui.domain.ledger import Entry
    from keytui.domain.meter import Meter
    from keytui.tui.panes.answering import Answering
    from keytui.tui.services import Services

FILE_WORD = "/file "
"""What a draft begins with that is the path of a file to be read."""

SIDE_PANEL_FROM = 100
"""Columns from which there is a side panel (as ``KeytuiApp.HORIZONTAL_BREAKPOINTS`` has it)."""


class PlaygroundPane(ConversationPane):
    """Transcript above, draft below, figures beside (or under) them."""

    HELP = HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "stop", tooltip="Stop the answer; what has arrived is kept.", id="stop"),
        Binding("escape", "leave_draft", "panes", tooltip="Leave the draft: number keys switch panes.", id="leave"),
        Binding("f9", "probe", "check the way", tooltip="Walk the way to the server stage by stage.", id="check-way"),
        Binding("f5", "edit_elsewhere", "editor", tooltip="Edit the draft in your editor.", show=False, id="editor"),
        Binding("i,enter", "write", "write", key_display="i", tooltip="Go back to the draft.", id="write"),
    ]

    lost: var[bool] = var(False, bindings=True)
    """Whether the last request was lost on its way, so that checking the way is what to do now."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._answering: Answering | None = None
        self._waiting_for_key = False
        """Something was sent before the practice key was there; it goes out as soon as it is."""

    # -- what is seen -------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The talk, and the figures beside it."""
        with Vertical(id="talk"):
            yield Transcript(remote=self.keytui.remote)
            yield Composer(placeholder="Write a message")
            yield MeterLine()
        yield FactsPanel()

    def on_mount(self) -> None:
        """Welcome the user; the counter comes with the engine."""
        super().on_mount()
        self._welcome()

    def shown(self) -> None:
        """The draft takes the focus."""
        self.query_one(Composer).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Where the side panel does not fit, the line below the draft says the most important of it."""
        self.query_one(MeterLine).folded = event.size.width < SIDE_PANEL_FROM

    def _welcome(self) -> None:
        first_time = self.keytui.settings.setup == "open"
        practice = self.services.practice
        self.query_one(Transcript).empty = welcome(key=self.key, practice=practice, first_time=first_time)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Stopping is possible only while an answer comes, and leaving the draft only while in it."""
        writing = isinstance(self.screen.focused, Composer)
        match action:
            case "stop":
                return self.busy
            case "leave_draft":
                return writing and not self.busy
            case "write":
                return not writing
            case "probe":
                return self.lost
        return True

    def watch_key(self, key: KeyRecord | None) -> None:
        """Another key may be at another address, with other prices."""
        if self.is_mounted:
            self._welcome()
            self.measure()
            if self._figures.counting:
                self._recount()
            if key is not None and self._waiting_for_key:
                self._waiting_for_key = False
                self.query_one(MeterLine).hint = ""
                self._send(self.draft)

    # -- sending and the answer --------------------------------------------------------------

    @on(Composer.Submitted)
    def _submitted(self, message: Composer.Submitted) -> None:
        if message.text.startswith(FILE_WORD):
            from keytui.tui.panes import interop

            message.composer.load_text("")
            self.run_worker(interop.take_file(self, message.text.removeprefix(FILE_WORD).strip()), group="interop")
        elif message.text.strip():
            self._send(message.text)
        elif self.keytui.settings.setup == "open" and self.thread.untouched:
            self.post_message(SetupWanted())

    def _send(self, text: str) -> None:
        if self.busy:
            self.notify("An answer is still coming. escape stops it.", timeout=4)
        elif self.services.offline:
            self.notify("keytui was started with --offline, so nothing is sent. Your draft stays here.", timeout=6)
        elif self.key is not None:
            self._send_if_meant(text, self.key)
        elif self.services.practice and not self._figures.counting:
            self._waiting_for_key = True
            self.query_one(MeterLine).hint = "The practice service is starting; your message goes out in a moment."
        else:
            self.notify("There is no key yet. Set-up takes you to one; your draft stays here.", timeout=6)
            self.post_message(SetupWanted())

    @work(group="send", exclusive=True, description="ask what has to be asked, and send")
    async def _send_if_meant(self, text: str, key: KeyRecord) -> None:
        """Send the draft, if no cap stands against it and the user means it; otherwise it stays where it is."""
        from keytui.tui.panes.sending import price_is_meant, secret_is_meant

        await self.whole.wait()
        meter = self._figures.meter(self.thread, self.model, key)
        if (refusal := self._spending.refusal(meter, key, self.thread)) is not None:
            trouble = refusal.trouble
            self.notify(f"{trouble.title} {trouble.remedy}", severity="error", markup=False, timeout=20)
            return
        ask_above = self.keytui.settings.ask_above
        if await secret_is_meant(self.app, text) and await price_is_meant(self.app, meter, ask_above):
            # What has been typed since then is the next draft.
            composer = self.query_one(Composer)
            composer.load_text(composer.text.removeprefix(text))
            composer.move_cursor(composer.document.end)
            self._converse(text, key, meter)

    @work(group="turn", exclusive=True, description="one turn")
    async def _converse(self, text: str, key: KeyRecord, meter: Meter) -> None:
        from keytui.tui.panes.answering import Answering

        self.busy = True
        now, model = self.services.now(), self.model
        question = after(self.thread, StoredMessage(uuid.uuid4().hex, "user", text, now))
        self.thread = self.thread.with_message(question)
        transcript = self.query_one(Transcript)
        transcript.append(shown(question))
        answering = self._answering = Answering(
            self.services,
            self._keeping,
            transcript,
            thread=self.thread,
            answer=after(
                self.thread, StoredMessage(uuid.uuid4().hex, "assistant", "", now, model=model, outcome="streaming")
            ),
            key=key,
            heard=self._heard,
        )
        try:
            await self._keeping.message(self.thread, question)
            await answering.run()
        finally:
            await self._answered(answering, meter, key)

    def _heard(self, event: object) -> None:
        from keytui.domain.chat import Waiting
        from keytui.domain.turn import CapWarned

        match event:
            case Waiting():
                self._count_down(event)
            case CapWarned(standing):
                self.tell(f"This may pass {standing.cap.words}: {dollars(standing.left)} is left of it.")

    async def _answered(self, answering: Answering, meter: Meter, key: KeyRecord) -> None:
        """The answer is over, whichever way: show its figures, and count anew."""
        from keytui.domain.ledger import Outcome

        if not self.query(MeterLine):
            # The app is closing: the answer is kept and booked, and there is nothing left to show it on.
            return
        self.query_one(MeterLine).hint = ""
        self.busy, self._answering = False, None
        self.lost = answering.lost_on_the_way
        if (entry := answering.growing.entry) is not None:
            self._show_booked(entry, meter)
            if entry.usage.mark is Mark.BILLED and entry.outcome is Outcome.FINISHED and not meter.pending:
                await self._figures.learn(meter.model, key, estimated=meter.estimate, billed=entry.usage.input)
        # Another conversation may have been opened while this answer was stopped.
        if answering.thread.head.id == self.thread.head.id:
            self.thread = answering.thread
            self._read_spending()
            await self._count_history()

    def _show_booked(self, entry: Entry, meter: Meter) -> None:
        cost = entry.cost.total if entry.cost else None
        last = LastAnswer(entry.usage, cost, entry.seconds, entry.first_token, meter.input, meter.cached)
        self.show_last_answer(last)
        self.post_message(EntryBooked(entry))

    @work(group="countdown", exclusive=True, description="show how long is left to wait")
    async def _count_down(self, waiting: Waiting) -> None:
        line, left = self.query_one(MeterLine), waiting.seconds
        while left > 0 and self.busy:
            line.hint = f"Trying again in {left:.0f} s; escape stops. {waiting.trouble.title}"
            await asyncio.sleep(min(1.0, left))
            left -= 1.0
        line.hint = ""

    async def action_probe(self) -> None:
        """Walk the way to the server, over the conversation; offered here after an answer was lost on its way."""
        await self.run_action("screen.probe")

    def action_edit_elsewhere(self) -> None:
        """Edit the draft in the user's own editor."""
        from keytui.tui.panes import interop

        interop.run(self, interop.edit_elsewhere)

    def action_leave_draft(self) -> None:
        """Give the focus to the conversation: there, number keys switch panes and arrows scroll."""
        self.query_one(Transcript).focus()

    def action_write(self) -> None:
        """Go back to the draft."""
        self.query_one(Composer).focus()

    # -- keeping -------------------------------------------------------------------------------

    def save(self) -> None:
        """Keep the draft and the answer as far as it has come, at once."""
        answer = None if self._answering is None else self._answering.message
        self._keeping.at_once(self.draft, self.thread, answer)

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands of this pane."""
        from keytui.tui.panes import interop

        yield from super().commands()
        yield from interop.commands(self)
