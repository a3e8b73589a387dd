"""Conversations and messages as rows of the database, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from keytui.domain.conversations import Conversation, StoredMessage
from keytui.domain.question import Parameters
from keytui.domain.usage import Mark, Usage

STREAMING = "streaming"
"""The outcome of a message that is still growing."""

HEAD = "id, title, started, changed, model, instructions, parameters, pinned, messages, leaf"
"""The columns that ``to_conversation`` reads."""
MESSAGE = "id, role, text, at, model, usage, cost, outcome, seconds, first_token, parent, thinking"
"""The columns that ``to_message`` reads."""


def clean(text: str) -> str:
    """The text as SQLite can keep it: halves of surrogate pairs cannot be written as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def of_conversation(conversation: Conversation) -> dict[str, object]:
    """A conversation's head by column; how many messages it has is counted by the database."""
    given = {name: value for name, value in asdict(conversation.parameters).items() if value is not None}
    return {
        "id": conversation.id,
        "title": clean(conversation.title),
        "started": conversation.started.timestamp(),
        "changed": conversation.changed.timestamp(),
        "model": conversation.model,
        "instructions": clean(conversation.instructions),
        "parameters": json.dumps(given),
        "pinned": conversation.pinned,
        "leaf": conversation.leaf,
    }


def to_conversation(row: tuple[Any, ...]) -> Conversation:
    """The conversation in a row of ``HEAD``."""
    key, title, started, changed, model, instructions, parameters, pinned, messages, leaf = row
    return Conversation(
        id=key,
        title=title,
        started=_time(started),
        changed=_time(changed),
        model=model,
        instructions=instructions,
        parameters=Parameters(**json.loads(parameters)),
        pinned=bool(pinned),
        messages=messages,
        leaf=leaf,
    )


def of_message(conversation_id: str, message: StoredMessage) -> dict[str, object]:
    """A message of a conversation, by column."""
    return {
        "conversation": conversation_id,
        "id": message.id,
        "role": message.role,
        "text": clean(message.text),
        "at": message.at.timestamp(),
        "model": message.model,
        "usage": None if message.usage is None else _usage_text(message.usage),
        "cost": message.cost,
        "outcome": message.outcome,
        "seconds": message.seconds,
        "first_token": message.first_token,
        "parent": message.parent,
        "thinking": clean(message.thinking),
    }


def to_message(row: tuple[Any, ...]) -> StoredMessage:
    """The message in a row of ``MESSAGE``."""
    key, role, text, at, model, usage, cost, outcome, seconds, first_token, parent, thinking = row
    return StoredMessage(
        id=key,
        role=role,
        text=text,
        at=_time(at),
        model=model,
        usage=None if usage is None else _usage(usage),
        cost=cost,
        outcome=outcome,
        seconds=seconds,
        first_token=first_token,
        parent=parent,
        thinking=thinking,
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _usage_text(usage: Usage) -> str:
    return json.dumps(asdict(usage) | {"mark": usage.mark.value})


def _usage(text: str) -> Usage:
    values = json.loads(text)
    return Usage(**values | {"mark": Mark(values["mark"])})
