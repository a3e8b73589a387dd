"""Conversations of the playground: begun, found again, gone back in, and told how to be answered."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.reactive import var

from keytui.domain.branches import before, leaves, path
from keytui.domain.keys import StoreUnreadable, VaultTrouble
from keytui.domain.thread import Thread
from keytui.tui.messages import ModelChosen
from keytui.tui.panes.playground.drafting import DraftPane
from keytui.tui.panes.playground.words import shown
from keytui.tui.widgets.composer import Composer
from keytui.tui.widgets.facts_panel import FactsPanel
from keytui.tui.widgets.meter_line import MeterLine
from keytui.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from keytui.domain.conversations import Conversation
    from keytui.tui.services import Services
    from keytui.tui.widgets.facts import LastAnswer

FIRST_LOOK = 100
"""Messages that are read before a conversation is shown; the rest is read while its end is on the screen."""


class ConversationPane(DraftPane):
    """What can be done with a whole conversation; sending is the playground's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "new", "new", tooltip="Start another conversation.", id="new"),
        Binding("ctrl+o", "open", "open", tooltip="Open a kept conversation.", id="open"),
        Binding("ctrl+g", "model", "model", tooltip="Choose the model that answers.", id="model"),
        Binding("f4", "settings", "settings", tooltip="Instructions, effort, longest answer …", id="talk-settings"),
        Binding("f8", "go_back", "edit earlier", tooltip="Write an earlier message anew.", show=False, id="go-back"),
    ]

    busy: var[bool] = var(False, bindings=True)

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.whole = asyncio.Event()
        """Set while all messages of the conversation are at hand, not only its end."""
        self.whole.set()
        self._recalled = 0
        """How many of the user's messages the draft is back from the end; 0 while it is a draft of its own."""

    def action_stop(self) -> None:
        """Stop the answer; it is kept as far as it came, and booked as an estimate."""
        self.workers.cancel_group(self, "turn")

    # -- showing ------------------------------------------------------------------------------

    def action_new(self) -> None:
        """Start another conversation; the present one is kept."""
        self.show_thread(Thread.new(uuid.uuid4().hex, self.services.now()))

    def show_thread(self, thread: Thread) -> None:
        """Show another conversation, or another branch of this one; an answer that still comes is stopped."""
        if self.busy:
            self.action_stop()
        self.workers.cancel_group(self, "open")
        self.whole.set()
        self.put_on_screen(thread)
        self.query_one(Composer).focus()

    def put_on_screen(self, thread: Thread) -> None:
        """Show this conversation, from its end."""
        self.thread, self._recalled = thread, 0
        self.query_one(Transcript).load([shown(message) for message in thread.messages])
        self.show_last_answer(None)
        if self._figures.counting:
            self._read_spending()
            self._recount()

    def show_last_answer(self, last: LastAnswer | None) -> None:
        """Show what the last answer took; None: nothing."""
        self.query_one(FactsPanel).last = last
        self.query_one(MeterLine).last = last

    @work(description="choose a conversation")
    async def action_open(self) -> None:
        """Choose a kept conversation and open it."""
        from keytui.tui.dialogs.conversations import ConversationsDialog

        try:
            store = await self._keeping.open()
        except StoreUnreadable as trouble:
            self.tell(str(trouble))
            return
        dialog = ConversationsDialog(store, self.services.now)
        chosen = await self.app.push_screen_wait(dialog)
        here = self.thread.head
        if chosen is not None:
            self.open_conversation(chosen)
        elif dialog.deleted(here.id):
            self.action_new()
        elif (changed := dialog.changed.get(here.id)) is not None:
            head = replace(here, title=changed.title, pinned=changed.pinned)
            self.thread = replace(self.thread, head=head)

    def open_conversation(self, head: Conversation) -> None:
        """Show a kept conversation; the next message goes on from there."""
        if self.busy:
            self.action_stop()
        self._open(head)

    @work(group="open", exclusive=True, description="open a conversation")
    async def _open(self, head: Conversation) -> None:
        """Show its end at once, and put the rest above it when that is read."""
        end = await self._keeping.messages(head, limit=FIRST_LOOK)
        self.put_on_screen(Thread(head, path(end, head.leaf)))
        self.query_one(Composer).focus()
        if len(end) < FIRST_LOOK:
            self.whole.set()
            return
        self.whole.clear()
        try:
            rest = await self._keeping.messages(head, before=end[0].id)
            if self.thread.head.id == head.id:
                transcript = self.query_one(Transcript)
                from_the_end = transcript.max_scroll_y - transcript.scroll_offset.y
                self.put_on_screen(Thread(head, path([*rest, *end], head.leaf)))
                if from_the_end > 0:
                    transcript.scroll_to(y=transcript.max_scroll_y - from_the_end)
        finally:
            self.whole.set()

    # -- going back ------------------------------------------------------------------------------

    @on(Composer.Recall)
    def _recall(self, message: Composer.Recall) -> None:
        """Bring back what was sent before; stepping past the last gives an empty draft."""
        said = [one.text for one in self.thread.messages if one.role == "user"]
        if not message.composer.text:
            self._recalled = 0
        self._recalled = min(max(self._recalled - message.step, 0), len(said))
        message.composer.recall(said[-self._recalled] if self._recalled else "")

    @work(group="go-back", exclusive=True, description="choose a message to write anew")
    async def action_go_back(self) -> None:
        """Write an earlier message anew: the conversation goes on from there, what came after stays in a branch."""
        from keytui.tui.dialogs.texts import MessagesDialog

        if self.busy:
            self.notify("An answer is still coming. escape stops it.", timeout=4)
            return
        await self.whole.wait()
        mine = [message for message in reversed(self.thread.messages) if message.role == "user"]
        note = "It becomes your draft; what came after it stays in a branch of its own."
        chosen = await self.app.push_screen_wait(MessagesDialog("Write a message anew", mine, note))
        if chosen is not None:
            self.show_thread(before(self.thread, chosen.id))
            self.query_one(Composer).load_text(chosen.text)

    @work(group="branches", exclusive=True, description="choose a branch")
    async def action_branches(self) -> None:
        """Go to another branch of this conversation."""
        from keytui.tui.dialogs.texts import MessagesDialog

        stored = await self._keeping.messages(self.thread.head)
        ends = leaves(stored)
        note = "Each row is the last message of a branch."
        chosen = await self.app.push_screen_wait(MessagesDialog("Branches", ends, note))
        if chosen is not None:
            head = replace(self.thread.head, leaf=chosen.id)
            self.show_thread(Thread(head, path(stored, chosen.id)))
            await self._keeping.head(head)

    # -- how it is answered -----------------------------------------------------------------------

    @work(group="settings", exclusive=True, description="change how a conversation is answered")
    async def action_settings(self) -> None:
        """Instructions and parameters of this conversation."""
        from keytui.tui.dialogs.chat_settings import ChatSettingsDialog

        unaccepted: frozenset[tuple[str, str]] = frozenset()
        if self.key is not None and not self.services.offline:
            try:
                unaccepted = (await self.services.gateway(self.key)).capabilities.unaccepted
            except VaultTrouble as trouble:
                self.tell(str(trouble))
        from keytui.domain.chat_settings import refused

        dialog = ChatSettingsDialog(self.thread.head, self.model, refused(self.model, unaccepted))
        head = await self.app.push_screen_wait(dialog)
        if head is not None:
            now = self.thread.head
            now = replace(now, instructions=head.instructions, parameters=head.parameters)
            self.thread = replace(self.thread, head=now)
            if not self.thread.untouched:
                await self._keeping.head(now)
            self._recount()

    @work(description="choose a model")
    async def action_model(self) -> None:
        """Choose from the models that the key may use."""
        from keytui.tui.dialogs.models import ModelsDialog

        chosen = await self.app.push_screen_wait(ModelsDialog(self.services, self.key, self.model))
        if chosen is not None:
            self.post_message(ModelChosen(chosen))

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands for conversations."""
        yield SystemCommand("New conversation", "Start another conversation; this one is kept", self.action_new)
        yield SystemCommand("Open conversation", "Find, rename, pin or delete a kept conversation", self.action_open)
        yield SystemCommand("Edit an earlier message", "Write it anew and go on from there", self.action_go_back)
        yield SystemCommand("Branches", "Go to another branch of this conversation", self.action_branches)
        yield SystemCommand(
            "Conversation settings", "Instructions, effort, longest answer, presets", self.action_settings
        )
        yield SystemCommand("Model", "Choose the model that answers", self.action_model)
        yield from super().commands()
