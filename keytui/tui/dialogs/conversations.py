"""Finding a kept conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.widgets import Input

from keytui.domain.conversations import Conversation, ConversationStore
from keytui.tui.background import in_background
from keytui.tui.dialogs.choose import Choice, ChooseDialog


class ConversationsDialog(ChooseDialog[Conversation]):
    """Conversations, newest first; the filter searches in all that was said."""

    TITLE_TEXT: ClassVar[str] = "Conversations"
    EMPTY_TEXT: ClassVar[str] = "No conversation matches."

    def __init__(self, store: ConversationStore, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._store = store
        self._now = now

    def on_mount(self) -> None:
        """Read the newest."""
        super().on_mount()
        self._search("")

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        self._search(event.value)

    @work(group="search", exclusive=True, description="search the conversations")
    async def _search(self, wanted: str) -> None:
        found = await in_background(self._store.conversations, search=wanted.strip(), limit=200)
        self._choices = tuple(Choice(head, head.title or "untitled", self._detail(head)) for head in found)
        self._fill("")

    def _detail(self, head: Conversation) -> str:
        changed, today = head.changed.astimezone(), self._now().astimezone()
        when = f"{changed:%H:%M}" if changed.date() == today.date() else f"{changed:%d %b %Y}"
        pinned = "pinned  " if head.pinned else ""
        return f"{pinned}{head.messages:,} messages  {when}"
