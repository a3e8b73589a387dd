"""The playground: a conversation, its draft, and what both take and cost."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from contextlib import aclosing
from dataclasses import replace
from time import monotonic
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.reactive import var

from keytui.domain.cache import expected_cached
from keytui.domain.chat import Delta, Failed, Finished, Stopped, Thinking, Waiting
from keytui.domain.conversations import Conversation, ConversationStore, StoredMessage
from keytui.domain.counting import LiveCounter
from keytui.domain.encodings import encoding_for
from keytui.domain.keys import OPENAI_BASE_URL, KeyRecord
from keytui.domain.ledger import Entry
from keytui.domain.meter import measure
from keytui.domain.overhead import message_overhead
from keytui.domain.pricing import PriceBook
from keytui.domain.thread import Thread
from keytui.domain.turn import Booked, CapWarned
from keytui.tui.background import in_background
from keytui.tui.messages import EntryBooked, ModelChosen, SetupWanted
from keytui.tui.panes.pane import Pane
from keytui.tui.panes.playground_words import HELP, shown, welcome
from keytui.tui.services import Services
from keytui.tui.widgets.composer import Composer
from keytui.tui.widgets.facts_panel import FactsPanel, LastAnswer
from keytui.tui.widgets.meter_line import MeterLine
from keytui.tui.widgets.transcript import Transcript

SIDE_PANEL_FROM = 100
"""Columns from which there is a side panel (as ``KeytuiApp.HORIZONTAL_BREAKPOINTS`` has it)."""

SAVE_EVERY = 1.0
"""Seconds between two savings of an answer that grows, and of a draft that is typed: what a power cut may take."""


class PlaygroundPane(Pane):
    """Transcript above, draft below, figures beside (or under) them."""

    HELP = HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "stop", tooltip="Stop the answer; what has arrived is kept.", id="stop"),
        Binding("escape", "leave_draft", "panes", tooltip="Leave the draft: number keys switch panes.", id="leave"),
        Binding("i,enter", "write", "write", key_display="i", tooltip="Go back to the draft.", id="write"),
        Binding("ctrl+n", "new", "new", tooltip="Start another conversation.", id="new"),
        Binding("ctrl+o", "open", "open", tooltip="Open a kept conversation.", id="open"),
        Binding("ctrl+g", "model", "model", tooltip="Choose the model that answers.", id="model"),
    ]

    busy: var[bool] = var(False, bindings=True)

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.thread = Thread.new(uuid.uuid4().hex, services.now())
        self.counter: LiveCounter | None = None
        self._prices: PriceBook | None = None
        self._history = 0
        self._draft_kept = ""
        self._store: ConversationStore | None = None
        self._growing: Callable[[], StoredMessage] | None = None
        """Gives the answer as far as it has come, while one comes."""

    # -- what is seen -------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The talk, and the figures beside it."""
        with Vertical(id="talk"):
            yield Transcript()
            yield Composer(placeholder="Write a message")
            yield MeterLine()
        yield FactsPanel()

    def on_mount(self) -> None:
        """Welcome the user; the counter comes with the engine."""
        self._welcome()
        self.set_interval(SAVE_EVERY, self._keep_draft)

    def shown(self) -> None:
        """The draft takes the focus."""
        self.query_one(Composer).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Where the side panel does not fit, the line below the draft says the most important of it."""
        self.query_one(MeterLine).folded = event.size.width < SIDE_PANEL_FROM

    def _welcome(self) -> None:
        first_time = self.keytui.settings.setup == "open"
        self.query_one(Transcript).empty = welcome(key=self.key, practice=self.services.practice, first_time=first_time)

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
        return True

    # -- counting and pricing the draft ----------------------------------------------------

    def services_started(self) -> None:
        """The engine is there: count what was typed meanwhile, then fetch prices and the last draft."""
        self._count_anew()
        self._prepare()

    @work(description="read prices and the kept draft")
    async def _prepare(self) -> None:
        self._prices = await self.services.prices()
        store = self._store = await self.services.conversations()
        composer = self.query_one(Composer)
        draft = await in_background(store.draft, None)
        if draft and not composer.text:
            composer.load_text(draft)
            self._draft_kept = draft
        self.measure()

    def _count_anew(self) -> None:
        composer = self.query_one(Composer)
        self.counter = self.services.counter(self.model)
        self.counter.load(composer.text)
        composer.on_edit = self._edited
        composer.on_load = self._loaded
        self.measure()

    def _edited(self, top: tuple[int, int], bottom: tuple[int, int], text: str) -> None:
        if self.counter is not None:
            self.counter.edit(top, bottom, text)
            self.measure()

    def _loaded(self, text: str) -> None:
        if self.counter is not None:
            self.counter.load(text)
            self.measure()

    def measure(self) -> None:
        """Put the figures of the next message on the screen, in the same frame as what caused them."""
        counter = self.counter
        if counter is not None and counter.pending:
            self._settle()
        encoding = encoding_for(self.model)
        turns = len(self.thread.messages) + 1
        meter = measure(
            model=self.model,
            draft=counter.total if counter else None,
            pending=counter.pending if counter else True,
            history=self._history,
            overhead=message_overhead(turns + bool(self.thread.head.instructions)),
            cached=expected_cached(self.thread, self.model, self.services.now()),
            max_output=self.thread.head.parameters.max_output,
            exactness=encoding.exactness,
            prices=self._prices,
            tier=self.thread.head.parameters.tier,
            base_url=self.key.base_url if self.key else OPENAI_BASE_URL,
            now=self.services.now,
        )
        self.query_one(MeterLine).meter = meter
        self.query_one(FactsPanel).meter = meter

    @work(group="settle", exclusive=True, description="count what was put off")
    async def _settle(self) -> None:
        if self.counter is not None:
            await self.services.settle(self.counter, self.model)
            self.measure()

    async def _count_history(self) -> None:
        texts = [self.thread.head.instructions, *(message.text for message in self.thread.messages)]
        self._history = sum(await self.services.count([text for text in texts if text], self.model))
        self.measure()

    def watch_model(self, model: str) -> None:
        """Another model may count otherwise and costs otherwise."""
        if self.is_mounted and self.counter is not None:
            self._recount()

    @work(group="recount", exclusive=True, description="count for another model")
    async def _recount(self) -> None:
        self._count_anew()
        await self._count_history()

    def watch_key(self, key: KeyRecord | None) -> None:
        """Another key may be at another address, with other prices."""
        if self.is_mounted:
            self._welcome()
            self.measure()

    # -- sending and the answer --------------------------------------------------------------

    @on(Composer.Submitted)
    def _submitted(self, message: Composer.Submitted) -> None:
        if not message.text.strip():
            if self.keytui.settings.setup == "open" and self.thread.untouched:
                self.post_message(SetupWanted())
            return
        if self.key is None:
            self.notify("There is no key yet. Set-up takes you to one; your draft stays here.", timeout=6)
            self.post_message(SetupWanted())
            return
        if self.busy:
            self.notify("An answer is still coming. escape stops it.", timeout=4)
            return
        self.query_one(Composer).load_text("")
        self._converse(message.text)

    @work(group="turn", exclusive=True, description="one turn")
    async def _converse(self, text: str) -> None:
        key = self.key
        assert key is not None
        self.busy = True
        transcript = self.query_one(Transcript)
        now, model = self.services.now(), self.model
        question = StoredMessage(uuid.uuid4().hex, "user", text, now)
        answer = StoredMessage(uuid.uuid4().hex, "assistant", "", now, model=model, outcome="streaming")
        self.thread = self.thread.with_message(question)
        transcript.append(shown(question))
        transcript.begin(shown(answer))
        last_save = 0.0
        pieces: list[str] = []
        failed: str | None = None

        def growing() -> StoredMessage:
            return replace(answer, text="".join(pieces))

        self._growing = growing
        try:
            await self._save(question)
            turn = self.services.take_turn(self.thread.question(model), key=key, conversation=self.thread.head.id)
            async with aclosing(turn) as events:
                async for event in events:
                    match event:
                        case Delta(piece):
                            pieces.append(piece)
                            transcript.feed(answer.id, piece)
                            if (moment := monotonic()) - last_save > SAVE_EVERY:
                                last_save = moment
                                await self._save(growing())
                        case Thinking(piece):
                            transcript.think(answer.id, piece)
                        case Waiting():
                            self._wait_shown(event)
                        case Failed(trouble):
                            failed = f"{trouble.title} {trouble.remedy}"
                            answer = replace(answer, outcome="cut" if pieces else "failed")
                        case Finished():
                            answer = replace(answer, outcome="finished")
                        case CapWarned(standing):
                            self.notify(standing.cap.words, severity="warning", markup=False)
                        case Stopped():
                            answer = replace(answer, outcome="stopped")
                        case Booked(entry):
                            answer = self._booked(answer, entry)
        finally:
            if answer.outcome == "streaming":
                answer = replace(answer, outcome="stopped")
            answer = growing()
            self._growing = None
            self.thread = self.thread.with_message(answer)
            transcript.finish(shown(answer, problem=failed))
            self.query_one(MeterLine).hint = ""
            self.busy = False
            await self._save(answer)
            await self._count_history()

    def _booked(self, answer: StoredMessage, entry: Entry) -> StoredMessage:
        cost = entry.cost.total if entry.cost else None
        self._last_answer(LastAnswer(entry.usage, cost, entry.seconds, entry.first_token))
        self.post_message(EntryBooked(entry))
        return replace(
            answer,
            usage=entry.usage,
            cost=None if cost is None else str(cost),
            seconds=entry.seconds,
            first_token=entry.first_token,
        )

    def _last_answer(self, last: LastAnswer | None) -> None:
        self.query_one(FactsPanel).last = last
        self.query_one(MeterLine).last = last

    @work(group="countdown", exclusive=True, description="show how long is left to wait")
    async def _wait_shown(self, waiting: Waiting) -> None:
        import asyncio

        line = self.query_one(MeterLine)
        left = waiting.seconds
        while left > 0 and self.busy:
            line.hint = f"{waiting.trouble.title} Trying again in {left:.0f} s; escape stops."
            await asyncio.sleep(min(1.0, left))
            left -= 1.0
        line.hint = ""

    def action_stop(self) -> None:
        """Stop the answer; it is kept as far as it came, and booked as an estimate."""
        self.workers.cancel_group(self, "turn")

    def action_leave_draft(self) -> None:
        """Give the focus to the conversation: there, number keys switch panes and arrows scroll."""
        self.query_one(Transcript).focus()

    def action_write(self) -> None:
        """Go back to the draft."""
        self.query_one(Composer).focus()

    # -- keeping -------------------------------------------------------------------------------

    async def _save(self, message: StoredMessage) -> None:
        thread = self.thread.with_message(message)
        store = await self.services.conversations()

        def save() -> None:
            store.save(thread.head)
            store.append(thread.head.id, message)

        await in_background(save)

    @work(group="draft", exclusive=True, description="keep the draft")
    async def _keep_draft(self) -> None:
        text = self.query_one(Composer).text
        if self.counter is not None and text != self._draft_kept:
            self._draft_kept = text
            store = await self.services.conversations()
            await in_background(store.keep_draft, None, text)

    def save(self) -> None:
        """Keep the draft and the answer as far as it has come, at once."""
        if self._store is not None:
            if self._growing is not None:
                self._store.append(self.thread.head.id, self._growing())
            self._store.keep_draft(None, self.query_one(Composer).text)

    # -- conversations and models -----------------------------------------------------------------

    def action_new(self) -> None:
        """Start another conversation; the present one is kept."""
        if self.busy:
            self.action_stop()
        self.thread = Thread.new(uuid.uuid4().hex, self.services.now())
        self._history = 0
        self.query_one(Transcript).load([])
        self._last_answer(None)
        self._welcome()
        self.measure()
        self.query_one(Composer).focus()

    @work(description="choose a conversation")
    async def action_open(self) -> None:
        """Choose a kept conversation and open it."""
        from keytui.tui.dialogs.conversations import ConversationsDialog

        store = await self.services.conversations()
        chosen = await self.app.push_screen_wait(ConversationsDialog(store, self.services.now))
        if chosen is not None:
            self.open_conversation(chosen)

    def open_conversation(self, head: Conversation) -> None:
        """Show a kept conversation; the next message goes on from there."""
        self._open(head)

    @work(group="open", exclusive=True, description="open a conversation")
    async def _open(self, head: Conversation) -> None:
        store = await self.services.conversations()
        messages = await in_background(store.messages, head.id)
        self.thread = Thread(head, tuple(messages))
        self.query_one(Transcript).load([shown(message) for message in messages])
        await self._count_history()
        self.query_one(Composer).focus()

    @work(description="choose a model")
    async def action_model(self) -> None:
        """Choose from the models that the key may use."""
        from keytui.tui.dialogs.models import ModelsDialog

        chosen = await self.app.push_screen_wait(ModelsDialog(self.services, self.key, self.model))
        if chosen is not None:
            self.post_message(ModelChosen(chosen))

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands of this pane."""
        yield SystemCommand("New conversation", "Start another conversation; this one is kept", self.action_new)
        yield SystemCommand("Open conversation", "Find a kept conversation and go on from there", self.action_open)
        yield SystemCommand("Model", "Choose the model that answers", self.action_model)
