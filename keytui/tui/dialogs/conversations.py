"""Finding a kept conversation, and putting the kept ones in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList, Static

from keytui.domain.conversations import Conversation, ConversationStore
from keytui.domain.keys import StoreUnreadable
from keytui.tui.background import in_background
from keytui.tui.dialogs.choose import Choice, ChooseDialog
from keytui.tui.dialogs.line import LineDialog

KEYS = "enter opens · ctrl+r renames · ctrl+t pins · ctrl+x deletes"


class ConversationsDialog(ChooseDialog[Conversation]):
    """Conversations, pinned ones first, then the newest; the filter searches in all that was said."""

    TITLE_TEXT: ClassVar[str] = "Conversations"
    EMPTY_TEXT: ClassVar[str] = "No conversations yet: what you ask is kept here."
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the filter, which has meanings of its own for some of them.
        Binding("ctrl+r", "rename", "rename", priority=True, id="rename"),
        Binding("ctrl+t", "pin", "pin", priority=True, id="pin"),
        Binding("ctrl+x", "delete", "delete", priority=True, id="delete"),
        Binding("ctrl+z", "undo", "undo", priority=True, id="undo"),
    ]

    def __init__(self, store: ConversationStore, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._store = store
        self._now = now
        self.changed: dict[str, Conversation] = {}
        """Heads that were changed here, by id."""
        self._deleted: list[Conversation] = []
        self._listed_for: str | None = None
        """What was searched for when the list was read; None: what is listed is not so any more."""
        self._read = asyncio.Event()
        self._said = KEYS
        """What stands below the list: the keys, or what was done last."""

    def on_mount(self) -> None:
        """Read the newest."""
        super().on_mount()
        self._search("")

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        # The list is read anew, not gone through for words in its rows.
        event.prevent_default()
        self._search(event.value)

    @on(Input.Submitted)
    def _choose(self, event: Input.Submitted) -> None:
        event.stop()
        event.prevent_default()
        self._open_chosen()

    @work(group="change", description="open a conversation")
    async def _open_chosen(self) -> None:
        if (head := await self._chosen()) is not None:
            self.dismiss(head)

    @work(group="search", exclusive=True, description="search the conversations")
    async def _search(self, wanted: str, at: str | None = None) -> None:
        """Show what matches; ``at`` is the id to put the cursor on."""
        try:
            found = await in_background(self._store.conversations, search=wanted.strip(), limit=200)
        except StoreUnreadable as trouble:
            self._said, found = str(trouble), ()
        self._choices = tuple(Choice(head, head.title or "untitled", self._detail(head)) for head in found)
        self._fill("")
        self._listed_for = wanted
        self._read.set()
        nothing = "No conversation matches." if wanted.strip() else self.EMPTY_TEXT
        self.query_one("#note", Static).update(self._said if found or self._said != KEYS else nothing)
        rows = [number for number, choice in enumerate(self.listed) if choice.value.id == at]
        if rows:
            self.query_one(OptionList).highlighted = rows[0]

    def _detail(self, head: Conversation) -> str:
        changed, today = head.changed.astimezone(), self._now().astimezone()
        when = f"{changed:%H:%M}" if changed.date() == today.date() else f"{changed:%d %b %Y}"
        pinned = "pinned  " if head.pinned else ""
        return f"{pinned}{head.messages:,} messages  {when}"

    async def _chosen(self) -> Conversation | None:
        """The conversation under the cursor, once the list is the one that was asked for; None in an empty list."""
        while self._listed_for != self.query_one(Input).value:
            self._read.clear()
            await self._read.wait()
        at = self.query_one(OptionList).highlighted
        return self.listed[at].value if at is not None and at < len(self.listed) else None

    @work(group="change", description="rename a conversation")
    async def action_rename(self) -> None:
        """Give the conversation another name."""
        if (head := await self._chosen()) is not None:
            name = await self.app.push_screen_wait(LineDialog("Rename the conversation", head.title))
            if name is not None and name.strip():
                await self._save(replace(head, title=name.strip()), "Renamed.")

    @work(group="change", description="pin a conversation")
    async def action_pin(self) -> None:
        """Keep the conversation at the top, or let it go from there."""
        if (head := await self._chosen()) is not None:
            said = "No longer pinned." if head.pinned else "Pinned: it stays at the top."
            await self._save(replace(head, pinned=not head.pinned), said)

    async def _save(self, head: Conversation, said: str) -> None:
        self.changed[head.id] = head
        await self._change(head.id, lambda: self._store.save(head), said)

    @work(group="change", description="delete a conversation")
    async def action_delete(self) -> None:
        """Delete the conversation; for ten minutes it can be brought back."""
        if (head := await self._chosen()) is not None:
            self._deleted.append(head)
            said = f"Deleted “{head.title or 'untitled'}”. ctrl+z brings it back; in ten minutes it is gone for good."
            await self._change(None, lambda: self._store.delete(head.id), said)

    @work(group="change", description="bring a conversation back")
    async def action_undo(self) -> None:
        """Bring back what was deleted last."""
        if self._deleted:
            head = self._deleted.pop()
            await self._change(head.id, lambda: self._store.restore(head.id), f"“{head.title or 'untitled'}” is back.")

    def deleted(self, conversation_id: str) -> bool:
        """Whether that conversation was deleted here and not brought back."""
        return any(head.id == conversation_id for head in self._deleted)

    async def _change(self, at: str | None, work: Callable[[], object], said: str) -> None:
        self._listed_for = None
        try:
            await in_background(work)
        except StoreUnreadable as trouble:
            said = str(trouble)
        self._said = said
        self._search(self.query_one(Input).value, at)
