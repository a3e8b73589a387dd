"""Conversations that fork: an earlier message was written anew, or one question was answered several times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keytui.domain.conversations import StoredMessage
from keytui.domain.thread import Thread

ROOT = ""
"""The parent of a message that nothing comes before."""


def parents(stored: Sequence[StoredMessage]) -> dict[str, str]:
    """The message before each, by id; ``ROOT`` for a first one, and for one whose parent is not among these."""
    found: dict[str, str] = {}
    before = ROOT
    for message in stored:
        parent = before if message.parent is None else message.parent
        found[message.id] = parent if parent in found else ROOT
        before = message.id
    return found


def path(stored: Sequence[StoredMessage], leaf: str | None = None) -> tuple[StoredMessage, ...]:
    """The messages from the first to ``leaf``, or to the one stored last: one way through the forks, oldest first."""
    by_id = {message.id: message for message in stored}
    before = parents(stored)
    at = leaf if leaf in by_id else (stored[-1].id if stored else ROOT)
    way: list[StoredMessage] = []
    while at:
        way.append(by_id[at])
        at = before[at]
    return tuple(reversed(way))


def leaves(stored: Sequence[StoredMessage]) -> tuple[StoredMessage, ...]:
    """The last message of every branch, the newest first."""
    followed = set(parents(stored).values())
    return tuple(message for message in reversed(stored) if message.id not in followed)


def before(thread: Thread, message_id: str) -> Thread:
    """The conversation as it was before one of its messages: the next one begins a branch there.

    Unchanged when it has no such message. The branch that is left stays in the store.
    """
    at = next((number for number, message in enumerate(thread.messages) if message.id == message_id), None)
    if at is None:
        return thread
    answers = [message for message in thread.messages[at:] if message.role == "assistant" and message.usage is not None]
    head = replace(thread.head, messages=at)
    return Thread(head, thread.messages[:at], answers[-1] if answers else thread.left)


def answered(thread: Thread, answer: StoredMessage) -> Thread:
    """The conversation with one of several answers to its last question as the one that it goes on from."""
    chosen = thread.with_message(answer)
    return replace(chosen, head=replace(chosen.head, leaf=answer.id))


def after(thread: Thread, message: StoredMessage) -> StoredMessage:
    """A message that is to follow the last of a conversation, told so."""
    return replace(message, parent=thread.messages[-1].id if thread.messages else ROOT)
