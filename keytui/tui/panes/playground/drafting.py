"""The draft of the playground: counted and priced edit by edit, kept while it is typed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.timer import Timer

from keytui.domain.conversations import StoredMessage
from keytui.domain.keys import VaultTrouble
from keytui.domain.thread import Thread
from keytui.tui.panes.pane import A_MOMENT, Pane
from keytui.tui.panes.playground.figures import DraftFigures
from keytui.tui.panes.playground.keeping import Keeping
from keytui.tui.panes.playground.spending import Spending
from keytui.tui.panes.playground.words import in_words
from keytui.tui.widgets.composer import Composer
from keytui.tui.widgets.facts_panel import FactsPanel
from keytui.tui.widgets.meter_line import MeterLine

if TYPE_CHECKING:
    from keytui.domain.ledger import Entry
    from keytui.tui.services import Services

SAVE_EVERY = 1.0
"""Seconds between two savings of a draft that is typed: what a power cut may take."""
SHORTEST_SECRET = 20
"""Characters: a shorter edit is typing, and no key."""


class DraftPane(Pane):
    """A conversation in hand and the message that is being written to it; sending is the playground's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "tokens", "tokens", tooltip="See the draft, or a message, token by token.", id="tokens"),
        Binding(
            "f3",
            "count",
            "count exactly",
            tooltip="Ask the server how many tokens would be sent.",
            show=False,
            id="count",
        ),
    ]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.thread = Thread.new(uuid.uuid4().hex, services.now())
        self._figures = DraftFigures(services)
        self._keeping = Keeping(services, self.tell)
        self._spending = Spending(services)
        self._cache_until: datetime | None = None
        self._cache_timer: Timer | None = None

    def tell(self, sentence: str) -> None:
        """Say a sentence that should not be missed."""
        self.notify(sentence, severity="warning", markup=False, timeout=15)

    @property
    def draft(self) -> str:
        """The unsent text."""
        return self.query_one(Composer).text

    def on_mount(self) -> None:
        """Keep the draft from time to time."""
        self.set_interval(SAVE_EVERY, self._keep_draft)
        self.call_after_refresh(self.set_timer, A_MOMENT, self._open_store)

    @work(description="open the store, so that what is typed can be kept")
    async def _open_store(self) -> None:
        # Before the engine and the practice service: a terminal may vanish while they still start.
        await self._keeping.begin()

    def services_started(self) -> None:
        """The engine is there: count what was typed meanwhile, then fetch prices and the last draft."""
        composer = self.query_one(Composer)
        self._figures.begin(self.model, composer.text)
        composer.on_edit = self._edited
        composer.on_load = self._loaded
        self.measure()
        self._prepare()

    @work(description="read prices and the kept draft")
    async def _prepare(self) -> None:
        # The store first: until it is open nothing that is typed can be kept.
        draft = await self._keeping.last_draft()
        if not self.query(Composer):
            # The app has ended meanwhile.
            return
        composer = self.query_one(Composer)
        if draft and not composer.text:
            composer.load_text(draft)
        await self._figures.price()
        await self._figures.calibrate(self.model, self.key)
        if self.query(Composer):
            self._read_spending()
            self.measure()

    def _edited(self, top: tuple[int, int], bottom: tuple[int, int], text: str) -> None:
        self._figures.edited(top, bottom, text)
        self.measure()
        if len(text) >= SHORTEST_SECRET:
            self._look_for_secrets(text)

    def _look_for_secrets(self, text: str) -> None:
        from keytui.domain.sightings import secrets_in

        if sightings := secrets_in(text):
            self.tell(
                f"That looks like {sightings[0].name}. While it is in the draft, the draft is not saved; you are asked "
                "before it is sent."
            )

    def _loaded(self, text: str) -> None:
        self._figures.loaded(text)
        self.measure()

    def measure(self) -> None:
        """Put the figures of the next message on the screen, in the same frame as what caused them."""
        if self._figures.owing:
            self._settle()
        line, panel = self.query_one(MeterLine), self.query_one(FactsPanel)
        meter = line.meter = panel.meter = self._figures.meter(self.thread, self.model, self.key)
        refusal = self._spending.refusal((meter,), self.key, self.thread) if self.key and meter.draft else None
        line.stop = f"over {refusal.cap.words}" if refusal else ""
        if meter.cache.until != self._cache_until:
            self._cache_until = meter.cache.until
            self._watch_cache()

    def _watch_cache(self) -> None:
        """Say how long the cache still lasts, and say it anew only when that reads otherwise."""
        if self._cache_timer is not None:
            self._cache_timer.stop()
        line, panel = self.query_one(MeterLine), self.query_one(FactsPanel)
        if self._cache_until is None:
            line.clock = panel.clock = ""
            return
        from keytui.domain.cache import left_in_words

        words, seconds = left_in_words(self._cache_until, self.services.now())
        line.clock = panel.clock = words
        self._cache_timer = self.set_timer(seconds + 0.01, self._watch_cache if seconds else self.measure)

    @work(group="spending", exclusive=True, description="read what was spent")
    async def _read_spending(self) -> None:
        await self._spending.read(self.keytui.settings, self.key, self.thread)
        if not self.query(FactsPanel):
            # The app has ended meanwhile.
            return
        self.query_one(FactsPanel).spent = self._spending.so_far(self.thread)
        self.measure()

    def entry_booked(self, entry: Entry) -> None:
        """Somebody spent something."""
        if self._figures.counting:
            self._read_spending()

    def keys_changed(self) -> None:
        """Caps may be others; and set-up, which tells of keys, asks something, too."""
        if self._figures.counting:
            self._read_spending()

    @work(group="settle", exclusive=True, description="count what was put off")
    async def _settle(self) -> None:
        await self._figures.settle(self.model)
        self.measure()

    async def _count_history(self) -> None:
        await self._figures.count_history(self.thread, self.model)
        self.measure()

    def watch_model(self, model: str) -> None:
        """Another model may count otherwise and costs otherwise."""
        if self.is_mounted and self._figures.counting:
            self._recount()

    @work(group="recount", exclusive=True, description="count for another model")
    async def _recount(self) -> None:
        self._figures.begin(self.model, self.draft)
        await self._figures.calibrate(self.model, self.key)
        await self._count_history()

    @work(group="draft", description="keep the draft")
    async def _keep_draft(self) -> None:
        if self._figures.counting:
            await self._keeping.draft(self.draft)

    @work(group="count", exclusive=True, description="ask the server for an exact count")
    async def action_count(self) -> None:
        """Ask the server how many tokens the next request has; where it cannot say, it is told."""
        from keytui.domain.chat import Refused

        if self.key is None or self.services.offline:
            self.notify("Only a server can count exactly, and none may be asked now.", timeout=5)
            return
        text, thread, model, key = self.draft, self.thread, self.model, self.key
        meter = self._figures.meter(thread, model, key)
        question = thread.with_message(StoredMessage("draft", "user", text, self.services.now())).question(model)
        try:
            gateway = await self.services.gateway(key)
            counted = await gateway.count(question)
        except Refused as refused:
            self.tell(in_words(refused.trouble))
        except VaultTrouble as trouble:
            self.tell(str(trouble))
        else:
            # What was counted before teaches nothing new, and an empty draft is no message.
            if text.strip() and not meter.pending and meter.counted is None:
                await self._figures.learn(model, key, estimated=meter.estimate, measured=counted)
            if (text, thread, model) == (self.draft, self.thread, self.model):
                self._figures.take_exact(counted)
            self.measure()

    def on_view(self) -> tuple[Sequence[StoredMessage], str | None]:
        """The messages on the screen, and the id of the one that the user has gone to, if any."""
        return self.thread.messages, None

    def action_tokens(self) -> None:
        """Show the marked message token by token, or the draft, or the last message where there is no draft."""
        from keytui.tui.dialogs.tokens import TokensScreen

        if self._figures.counting:
            messages, marked = self.on_view()
            self.app.push_screen(TokensScreen(self.services, self.model, self.draft, messages, marked))

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands for the draft."""
        yield SystemCommand("Tokens", "See the draft, or a message, token by token", self.action_tokens)
        yield SystemCommand("Count exactly", "Ask the server how many tokens would be sent", self.action_count)
