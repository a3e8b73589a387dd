"""Conversations as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from keytui.domain.question import Parameters, Role
from keytui.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message of a kept conversation. ``usage``, ``cost`` and the rest belong to answers only."""

    id: str
    role: Role
    text: str
    at: datetime
    model: str | None = None
    usage: Usage | None = None
    cost: str | None = None
    """USD as a decimal string; None when unknown."""
    outcome: str = "finished"
    """``finished``, ``stopped``, ``cut``, ``failed`` or ``streaming`` (found after a crash: read as ``cut``)."""
    seconds: float | None = None
    first_token: float | None = None
    parent: str | None = None
    """The message that this one follows, where a conversation branches; None: the one stored before it."""
    thinking: str = ""
    """The model's summary of its reasoning."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The head of a conversation; its messages are read apart."""

    id: str
    title: str
    started: datetime
    changed: datetime
    model: str | None = None
    instructions: str = ""
    parameters: Parameters = field(default_factory=Parameters)
    pinned: bool = False
    messages: int = 0
    leaf: str | None = None
    """The last message of the branch that is gone on from; None: the one stored last."""


class ConversationStore(Protocol):
    """Keeps conversations and drafts. Each call is one short transaction; call it from a worker.

    Every method may raise ``keytui.domain.keys.StoreUnreadable``, whose text is one sentence with a next step.
    """

    def save(self, conversation: Conversation) -> None:
        """Create a conversation or write its head anew (a rename, a pin); ``messages`` is counted, not taken over."""
        ...

    def append(self, conversation_id: str, message: StoredMessage) -> None:
        """Add a message, or replace the one with the same id (an answer that grows is saved again and again).

        The conversation counts as changed at the message's time. Raises ``LookupError`` when there is no such one.
        """
        ...

    def conversations(self, *, search: str = "", limit: int = 200, offset: int = 0) -> Sequence[Conversation]:
        """Heads, pinned ones first, then the most recently changed.

        With ``search``, those that have it in their title or in a message, whatever the case of its letters.
        """
        ...

    def head(self, conversation_id: str) -> Conversation | None:
        """The head of one conversation; None when there is no such one."""
        ...

    def messages(
        self, conversation_id: str, *, limit: int | None = None, before: str | None = None
    ) -> Sequence[StoredMessage]:
        """Messages of a conversation, oldest first: all, or the last ``limit``, or those ``before`` a message's id."""
        ...

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation and its messages; for a while ``restore`` brings it back."""
        ...

    def restore(self, conversation_id: str) -> bool:
        """Bring back a deleted conversation; False when it is gone for good."""
        ...

    def draft(self, conversation_id: str | None) -> str:
        """The unsent text of a conversation (None: of a new one); empty when there is none."""
        ...

    def keep_draft(self, conversation_id: str | None, text: str) -> None:
        """Keep unsent text, so that a crash loses nothing; empty text forgets it."""
        ...
