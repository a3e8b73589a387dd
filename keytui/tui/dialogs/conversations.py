"""Finding a kept conversation, and putting the kept ones in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList

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
        self._said = ""
        """What was done last, or why it was not."""
        self._listed_for: str | None = None
        """What the rows were searched for; None: they are still to be read, or a change has made them untrue."""
        self._listed = asyncio.Event()
        self._turn = asyncio.Lock()

    def on_mount(self) -> None:
        """Read the newest."""
        super().on_mount()
        self._search("")

    @property
    def note(self) -> str:
        """What was done last; else the keys, or why there are no rows."""
        if self._said:
            return self._said
        if self._listed_for is None:
            return "Reading the conversations …"
        if self.listed:
            return KEYS
        return "No conversation matches." if self._listed_for else self.EMPTY_TEXT

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        event.prevent_default()  # the rows are found by what was said in them, not by what they show
        self._search(event.value)

    @work(group="search", exclusive=True, description="search the conversations")
    async def _search(self, wanted: str, at: str | None = None) -> None:
        """Show what matches; ``at`` is the id to put the cursor on."""
        found: Sequence[Conversation] = ()
        try:
            found = await in_background(self._store.conversations, search=wanted.strip(), limit=200)
        except StoreUnreadable as trouble:
            self._said = str(trouble)
        self._choices = tuple(Choice(head, head.title or "untitled", self._detail(head)) for head in found)
        self._listed_for = wanted.strip()
        self._fill("")
        rows = [number for number, choice in enumerate(self.listed) if choice.value.id == at]
        if rows:
            self.query_one(OptionList).highlighted = rows[0]
        self._listed.set()

    # -- what is asked for before the rows are there -------------------------------------------------

    @property
    def _is_listed(self) -> bool:
        """Whether the rows are those that were asked for."""
        return self._listed_for == self.query_one(Input).value.strip()

    def _once_listed(self, act: Callable[[], object]) -> None:
        """Do at once what only moves or chooses, or, while the rows are still to come, in its turn."""
        if self._is_listed and not self._turn.locked():
            act()
            return

        async def later() -> None:
            act()

        self._in_turn(later)

    @work(group="change", description="do what was asked, once the rows are there")
    async def _in_turn(self, act: Callable[[], Awaitable[None]]) -> None:
        """Act on the rows that whoever pressed the key will see: one key after another, each on what it left."""
        async with self._turn:
            # What was typed before this key may not have reached the filter yet.
            typed = asyncio.Event()
            if self.query_one(Input).call_later(typed.set):
                await typed.wait()
            while not self._is_listed:
                self._listed.clear()
                await self._listed.wait()
            await act()

    @on(Input.Submitted)
    def _choose(self, event: Input.Submitted) -> None:
        event.stop()
        event.prevent_default()
        self._once_listed(self._take_here)

    def _take_here(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self.listed):
            self.take(self.listed[at])

    def action_move(self, rows: int) -> None:
        """Move in the list without leaving the filter."""
        self._once_listed(lambda: ChooseDialog.action_move(self, rows))

    def _detail(self, head: Conversation) -> str:
        changed, today = head.changed.astimezone(), self._now().astimezone()
        when = f"{changed:%H:%M}" if changed.date() == today.date() else f"{changed:%d %b %Y}"
        pinned = "pinned  " if head.pinned else ""
        return f"{pinned}{head.messages:,} messages  {when}"

    @property
    def _here(self) -> Conversation | None:
        at = self.query_one(OptionList).highlighted
        return self.listed[at].value if at is not None and at < len(self.listed) else None

    def action_rename(self) -> None:
        """Give the conversation another name."""
        self._in_turn(self._rename)

    async def _rename(self) -> None:
        if (head := self._here) is not None:
            name = await self.app.push_screen_wait(LineDialog("Rename the conversation", head.title))
            if name is not None and name.strip():
                await self._save(replace(head, title=name.strip()), "Renamed.")

    def action_pin(self) -> None:
        """Keep the conversation at the top, or let it go from there."""
        self._in_turn(self._pin)

    async def _pin(self) -> None:
        if (head := self._here) is not None:
            said = "No longer pinned." if head.pinned else "Pinned: it stays at the top."
            await self._save(replace(head, pinned=not head.pinned), said)

    async def _save(self, head: Conversation, said: str) -> None:
        self.changed[head.id] = head
        await self._change(head.id, lambda: self._store.save(head), said)

    def action_delete(self) -> None:
        """Delete the conversation; for ten minutes it can be brought back."""
        self._in_turn(self._delete)

    async def _delete(self) -> None:
        if (head := self._here) is not None:
            self._deleted.append(head)
            said = f"Deleted “{head.title or 'untitled'}”. ctrl+z brings it back; in ten minutes it is gone for good."
            await self._change(None, lambda: self._store.delete(head.id), said)

    def action_undo(self) -> None:
        """Bring back what was deleted last."""
        self._in_turn(self._undo)

    async def _undo(self) -> None:
        if self._deleted:
            head = self._deleted.pop()
            await self._change(head.id, lambda: self._store.restore(head.id), f"“{head.title or 'untitled'}” is back.")

    def deleted(self, conversation_id: str) -> bool:
        """Whether that conversation was deleted here and not brought back."""
        return any(head.id == conversation_id for head in self._deleted)

    async def _change(self, at: str | None, work: Callable[[], object], said: str) -> None:
        try:
            await in_background(work)
        except StoreUnreadable as trouble:
            said = str(trouble)
        self._said, self._listed_for = said, None
        self._search(self.query_one(Input).value, at)
