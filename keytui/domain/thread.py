"""A conversation in hand: its head and its messages, replaced whole with every change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from keytui.domain.conversations import Conversation, StoredMessage
from keytui.domain.question import ChatMessage, Question

TITLE_LENGTH = 60
"""Characters of the first question that name a conversation."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation and its messages, oldest first."""

    head: Conversation
    messages: tuple[StoredMessage, ...] = ()
    left: StoredMessage | None = None
    """The last answer of a branch that was left by editing an earlier message; None when none was left."""

    @staticmethod
    def new(conversation_id: str, now: datetime, model: str | None = None) -> Thread:
        """An empty conversation; it is kept only once it has a message."""
        return Thread(Conversation(conversation_id, "", now, now, model=model))

    @property
    def untouched(self) -> bool:
        """Whether nothing was ever said in it."""
        return not self.messages

    @property
    def cost(self) -> Decimal:
        """USD of the answers in it, as far as their prices are known."""
        return sum((Decimal(message.cost) for message in self.messages if message.cost), Decimal(0))

    def with_message(self, message: StoredMessage) -> Thread:
        """The same with a message added, or replaced where one has its id; the first question becomes the title."""
        ids, leaf = [kept.id for kept in self.messages], self.head.leaf
        if message.id in ids:
            at = ids.index(message.id)
            messages = (*self.messages[:at], message, *self.messages[at + 1 :])
        else:
            messages, leaf = (*self.messages, message), None
        title = self.head.title or title_from(message.text)
        head = replace(self.head, title=title, changed=message.at, messages=len(messages), leaf=leaf)
        return Thread(head, messages, self.left)

    def question(self, model: str) -> Question:
        """What is sent next: every message that says something, answers that came to nothing left out."""
        messages = tuple(ChatMessage(message.role, message.text) for message in self.messages if message.text.strip())
        return Question(
            model=model,
            messages=messages,
            instructions=self.head.instructions,
            parameters=self.head.parameters,
            cache_key=self.head.id,
        )


def title_from(text: str) -> str:
    """A name for a conversation, from its first words."""
    line = " ".join(text.split())
    if len(line) <= TITLE_LENGTH:
        return line
    cut = line[:TITLE_LENGTH].rsplit(" ", 1)[0]
    return f"{cut}…"
