"""Conversations as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from keytui.domain.chat import Parameters, Role
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


class ConversationStore(Protocol):
    """Keeps conversations and drafts. Each call is one short transaction; call it from a worker."""

    def save(self, conversation: Conversation) -> None:
        """Create a conversation or write its head anew."""
        ...

    def append(self, conversation_id: str, message: StoredMessage) -> None:
        """Add a message, or replace the one with the same id (an answer that grows is saved again and again)."""
        ...

    def conversations(self, *, search: str = "", limit: int = 200) -> Sequence[Conversation]:
        """Heads, pinned ones first, then the most recently changed; with ``search``, those whose text has it."""
        ...

    def messages(self, conversation_id: str) -> Sequence[StoredMessage]:
        """All messages of a conversation, oldest first."""
        ...

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation and its messages."""
        ...

    def draft(self, conversation_id: str | None) -> str:
        """The unsent text of a conversation (None: of a new one); empty when there is none."""
        ...

    def keep_draft(self, conversation_id: str | None, text: str) -> None:
        """Keep unsent text, so that a crash loses nothing; empty text forgets it."""
        ...
