"""Keeping conversations and drafts; a disk that refuses costs the user one sentence and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from keytui.domain.keys import StoreUnreadable
from keytui.tui.background import in_background

if TYPE_CHECKING:
    from keytui.domain.conversations import Conversation, ConversationStore, StoredMessage
    from keytui.domain.thread import Thread
    from keytui.tui.services import Services

REST = 10.0
"""Seconds for which a store that refused is left alone: waiting for it anew each time would hold up every answer."""


class Keeping:
    """The playground's memory. While the store cannot be used the app goes on; the user is told once."""

    def __init__(self, services: Services, tell: Callable[[str], None]) -> None:
        """``tell`` says a sentence to the user."""
        self._services = services
        self._tell = tell
        self._told = False
        self._store: ConversationStore | None = None
        self._draft = ""
        self._rests_until = 0.0
        self._keeping_draft = False

    async def open(self) -> ConversationStore:
        """The store itself. Raises ``StoreUnreadable``."""
        self._store = await self._services.conversations()
        return self._store

    async def begin(self) -> None:
        """Open the store early; that it cannot be opened is told."""
        try:
            await self.open()
        except StoreUnreadable as trouble:
            self._say(trouble)

    async def message(self, thread: Thread, message: StoredMessage) -> None:
        """Keep a conversation's head and one of its messages."""

        def save(store: ConversationStore) -> None:
            store.save(thread.head)
            store.append(thread.head.id, message)

        await self._do(save)

    async def answer(self, thread: Thread, answer: StoredMessage) -> None:
        """Keep an answer as far as it has come. The head is left alone: it may have been changed meanwhile."""

        def save(store: ConversationStore) -> None:
            try:
                store.append(thread.head.id, answer)
            except LookupError:  # the disk refused the question, and takes the answer now
                store.save(thread.head)
                store.append(thread.head.id, answer)

        await self._do(save)

    async def draft(self, text: str) -> None:
        """Keep the unsent text, if it is another than before; one that looks as if it held a key is never written."""
        if text != self._draft and not self._keeping_draft:
            self._keeping_draft = True
            try:
                # What a disk refused, or a cancelled call left, is kept the next time.
                if await self._do(lambda store: _keep(store, text)):
                    self._draft = text
            finally:
                self._keeping_draft = False

    async def last_draft(self) -> str:
        """The unsent text of the last time; empty when there is none."""
        try:
            store = await self.open()
            self._draft = await in_background(store.draft, None)
        except StoreUnreadable as trouble:
            self._say(trouble)
        return self._draft

    async def head(self, head: Conversation) -> None:
        """Keep what holds for a whole conversation."""
        await self._do(lambda store: store.save(head))

    async def messages(
        self, head: Conversation, *, limit: int | None = None, before: str | None = None
    ) -> Sequence[StoredMessage]:
        """What was said in a conversation (see ``ConversationStore.messages``); nothing when it cannot be read."""
        try:
            store = await self.open()
            return await in_background(store.messages, head.id, limit=limit, before=before)
        except StoreUnreadable as trouble:
            self._say(trouble)
            return ()

    def at_once(self, draft: str, thread: Thread, answers: Sequence[StoredMessage]) -> None:
        """Keep everything now, in the calling thread: for the moment in which the terminal is gone."""
        if self._store is not None:
            # The draft first: it is nowhere else, while what an answer has cost is booked without this.
            _keep(self._store, draft)
            for answer in answers:
                self._store.append(thread.head.id, answer)

    async def _do(self, work: Callable[[ConversationStore], None]) -> bool:
        """Whether it was done."""
        if monotonic() < self._rests_until:
            return False
        try:
            store = await self.open()
            await in_background(work, store)
        except StoreUnreadable as trouble:
            self._say(trouble)
            return False
        return True

    def _say(self, trouble: StoreUnreadable) -> None:
        self._rests_until = monotonic() + REST
        if not self._told:
            self._told = True
            self._tell(f"{trouble} Until then, nothing that is said here is kept.")


def _keep(store: ConversationStore, draft: str) -> None:
    from keytui.domain.sightings import secrets_in

    store.keep_draft(None, "" if secrets_in(draft) else draft)
