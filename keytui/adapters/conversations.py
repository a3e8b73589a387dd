"""Conversations and drafts in the database."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from keytui.adapters.database import Database, DatabaseTrouble
from keytui.domain.conversations import Conversation, StoredMessage
from keytui.domain.question import Parameters
from keytui.domain.usage import Mark, Usage

UNDO_SECONDS = 600.0
"""How long a deleted conversation can be brought back; afterwards its text is erased from the file."""

_STREAMING = "streaming"

_SEARCH_TABLE = """CREATE VIRTUAL TABLE IF NOT EXISTS message_search
    USING fts5 (text, tokenize = 'trigram', detail = none, columnsize = 0)"""
"""Three-letter pieces, so that any part of a word is found, in every script. Only narrows a search: what it finds is
compared with the real text, so an entry that is out of date does no harm."""

_HEAD = "id, title, started, changed, model, instructions, parameters, pinned, messages, leaf"
_MESSAGE = "id, role, text, at, model, usage, cost, outcome, seconds, first_token, parent, thinking"


class SqliteConversations:
    """A ``ConversationStore`` in a SQLite file. May be used from several threads and several processes at once."""

    def __init__(
        self,
        path: Path,
        *,
        full_text: bool = True,
        undo_seconds: float = UNDO_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open nothing yet; the first call does.

        ``full_text=False`` searches without an index, as happens where SQLite was built without FTS5.
        """
        self._database = Database(path)
        self._full_text = full_text
        self._undo_seconds = undo_seconds
        self._clock = clock
        self._growing: set[str] = set()
        self._prepared = False
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the file, in all threads. A later call opens it again."""
        self._database.close()

    def save(self, conversation: Conversation) -> None:
        """See ``ConversationStore.save``."""
        self._prepare()
        row = (
            conversation.id,
            _clean(conversation.title),
            conversation.started.timestamp(),
            conversation.changed.timestamp(),
            conversation.model,
            _clean(conversation.instructions),
            json.dumps({name: value for name, value in asdict(conversation.parameters).items() if value is not None}),
            conversation.pinned,
            conversation.leaf,
        )
        with self._database.transaction() as connection:
            connection.execute(
                """INSERT INTO conversation
                (id, title, started, changed, model, instructions, parameters, pinned, leaf)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET title = excluded.title, changed = max(changed, excluded.changed),
                model = excluded.model, instructions = excluded.instructions, parameters = excluded.parameters,
                pinned = excluded.pinned, leaf = excluded.leaf""",
                row,
            )

    def append(self, conversation_id: str, message: StoredMessage) -> None:
        """See ``ConversationStore.append``. A finished message is on the disk when this returns."""
        self._prepare()
        growing = message.outcome == _STREAMING
        text = _clean(message.text)
        row = {
            "conversation": conversation_id,
            "id": message.id,
            "role": message.role,
            "text": text,
            "at": message.at.timestamp(),
            "model": message.model,
            "usage": None if message.usage is None else _usage_text(message.usage),
            "cost": message.cost,
            "outcome": message.outcome,
            "seconds": message.seconds,
            "first_token": message.first_token,
            "parent": message.parent,
            "thinking": _clean(message.thinking),
        }
        with self._database.transaction(durable=not growing) as connection:
            number = connection.execute(
                "SELECT number FROM message WHERE conversation = ? AND id = ?", (conversation_id, message.id)
            ).fetchone()
            known = connection.execute(
                "UPDATE conversation SET changed = max(changed, ?), messages = messages + ? WHERE id = ?",
                (row["at"], number is None, conversation_id),
            )
            if not known.rowcount:
                raise LookupError(f"no conversation {conversation_id}")
            connection.execute(
                """INSERT INTO message (conversation, id, role, text, at, model, usage, cost, outcome, seconds,
                first_token, parent, thinking) VALUES (:conversation, :id, :role, :text, :at, :model, :usage, :cost,
                :outcome, :seconds, :first_token, :parent, :thinking)
                ON CONFLICT (conversation, id) DO UPDATE SET role = excluded.role, text = excluded.text,
                at = excluded.at, model = excluded.model, usage = excluded.usage, cost = excluded.cost,
                outcome = excluded.outcome, seconds = excluded.seconds, first_token = excluded.first_token,
                parent = excluded.parent, thinking = excluded.thinking, indexed = 0""",
                row,
            )
            if self._full_text and not growing:
                _index_new(connection)
        if growing:
            self._growing.add(message.id)
        else:
            self._growing.discard(message.id)

    def conversations(self, *, search: str = "", limit: int = 200, offset: int = 0) -> Sequence[Conversation]:
        """See ``ConversationStore.conversations``."""
        self._prepare()
        sought = _fold(_clean(search).strip())
        condition, values = self._condition(sought)
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_HEAD} FROM conversation WHERE deleted IS NULL{condition} "
                "ORDER BY pinned DESC, changed DESC LIMIT ? OFFSET ?",
                (*values, limit, offset),
            ).fetchall()
        return [_conversation(row) for row in rows]

    def head(self, conversation_id: str) -> Conversation | None:
        """See ``ConversationStore.head``."""
        self._prepare()
        with self._database.reading() as connection:
            row = connection.execute(f"SELECT {_HEAD} FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
        return None if row is None else _conversation(row)

    def messages(
        self, conversation_id: str, *, limit: int | None = None, before: str | None = None
    ) -> Sequence[StoredMessage]:
        """See ``ConversationStore.messages``."""
        self._prepare()
        condition, values = "", [conversation_id]
        if before is not None:
            condition = "AND number < (SELECT number FROM message WHERE conversation = ? AND id = ?)"
            values += [conversation_id, before]
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_MESSAGE} FROM message WHERE conversation = ? {condition} ORDER BY number DESC LIMIT ?",
                (*values, -1 if limit is None else limit),
            ).fetchall()
        return [self._message(row) for row in reversed(rows)]

    def delete(self, conversation_id: str) -> None:
        """See ``ConversationStore.delete``; ``UNDO_SECONDS`` is the while."""
        self._prepare()
        now = self._clock()
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE conversation SET deleted = ? WHERE id = ? AND deleted IS NULL", (now, conversation_id)
            )
            self._erase(connection, now - self._undo_seconds)

    def restore(self, conversation_id: str) -> bool:
        """See ``ConversationStore.restore``."""
        self._prepare()
        with self._database.transaction() as connection:
            return bool(
                connection.execute(
                    "UPDATE conversation SET deleted = NULL WHERE id = ? AND deleted IS NOT NULL", (conversation_id,)
                ).rowcount
            )

    def draft(self, conversation_id: str | None) -> str:
        """See ``ConversationStore.draft``."""
        self._prepare()
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT text FROM draft WHERE conversation = ?", (conversation_id or "",)
            ).fetchone()
        return str(row[0]) if row else ""

    def keep_draft(self, conversation_id: str | None, text: str) -> None:
        """See ``ConversationStore.keep_draft``."""
        self._prepare()
        with self._database.transaction(durable=False) as connection:
            if text:
                connection.execute(
                    "INSERT INTO draft VALUES (?, ?) ON CONFLICT DO UPDATE SET text = excluded.text",
                    (conversation_id or "", _clean(text)),
                )
            else:
                connection.execute("DELETE FROM draft WHERE conversation = ?", (conversation_id or "",))

    def _prepare(self) -> None:
        """Once a process: make the search index where SQLite can, and erase what was deleted long ago."""
        with self._lock:
            if self._prepared:
                return
            if self._full_text:
                with self._database.reading() as connection:
                    self._full_text = _make_index(connection)
            before = self._clock() - self._undo_seconds
            with self._database.reading() as connection:
                overdue = connection.execute("SELECT 1 FROM conversation WHERE deleted < ? LIMIT 1", (before,))
                doomed = overdue.fetchone() is not None
            if doomed:
                # Where nothing can be written the rest can still be read; a later start erases these.
                with suppress(DatabaseTrouble), self._database.transaction(durable=False) as connection:
                    self._erase(connection, before)
            self._prepared = True

    def _erase(self, connection: sqlite3.Connection, deleted_before: float) -> None:
        doomed = connection.execute("SELECT id FROM conversation WHERE deleted < ?", (deleted_before,)).fetchall()
        if not doomed:
            return
        # SQLite then overwrites what it frees, so that the text does not live on in unused pages of the file.
        connection.execute("PRAGMA secure_delete = ON")
        for key in doomed:
            if self._full_text:
                connection.execute(
                    "DELETE FROM message_search WHERE rowid IN (SELECT number FROM message WHERE conversation = ?)", key
                )
            connection.execute("DELETE FROM draft WHERE conversation = ?", key)
            connection.execute("DELETE FROM conversation WHERE id = ?", key)

    def _condition(self, sought: str) -> tuple[str, tuple[str, ...]]:
        """The SQL and values that keep only conversations with this (folded) text; nothing when it is empty."""
        if not sought:
            return "", ()
        with self._database.reading() as connection:
            connection.create_function("has", 2, _has, deterministic=True)
        pieces = {sought[at : at + 3] for at in range(len(sought) - 2)}
        if not self._full_text or not pieces or "\0" in sought:
            return (
                " AND (has(title, ?) OR id IN (SELECT conversation FROM message WHERE has(text, ?)))",
                (sought, sought),
            )
        with self._database.reading() as connection:
            behind = connection.execute("SELECT 1 FROM message WHERE indexed = 0 LIMIT 1").fetchone()
        if behind:
            with self._database.transaction(durable=False) as connection:
                _index_new(connection)
        query = " AND ".join('"' + piece.replace('"', '""') + '"' for piece in sorted(pieces))
        return (
            " AND (has(title, ?) OR id IN (SELECT conversation FROM message WHERE number IN "
            "(SELECT rowid FROM message_search WHERE message_search MATCH ?) AND has(text, ?)))",
            (sought, query, sought),
        )

    def _message(self, row: tuple[Any, ...]) -> StoredMessage:
        key, role, text, at, model, usage, cost, outcome, seconds, first_token, parent, thinking = row
        if outcome == _STREAMING and key not in self._growing:
            outcome = "cut"  # whoever wrote it is gone, or is another process that will say how it ended
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


def _conversation(row: tuple[Any, ...]) -> Conversation:
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


def _make_index(connection: sqlite3.Connection) -> bool:
    """Make the search index where it is missing; whether this SQLite can do that."""
    try:
        connection.execute(_SEARCH_TABLE)
    except sqlite3.OperationalError as error:
        if "no such" in str(error) or "tokenizer" in str(error):  # built without FTS5, or older than 3.34
            return False
        raise
    return True


def _index_new(connection: sqlite3.Connection) -> None:
    """Take messages into the search index that were written or changed since the last time."""
    for (number,) in connection.execute("SELECT number FROM message WHERE indexed = 0").fetchall():
        connection.execute("DELETE FROM message_search WHERE rowid = ?", (number,))
        connection.execute(
            "INSERT INTO message_search (rowid, text) SELECT number, text FROM message WHERE number = ?", (number,)
        )
        connection.execute("UPDATE message SET indexed = 1 WHERE number = ?", (number,))


def _fold(text: str) -> str:
    return text.lower()


def _has(text: str, sought: str) -> bool:
    """Whether a text has an already folded one in it: the one meaning of search, with and without an index."""
    return sought in _fold(text)


def _clean(text: str) -> str:
    """The text as SQLite can keep it: halves of surrogate pairs cannot be written as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _usage_text(usage: Usage) -> str:
    return json.dumps(asdict(usage) | {"mark": usage.mark.value})


def _usage(text: str) -> Usage:
    values = json.loads(text)
    return Usage(**values | {"mark": Mark(values["mark"])})
