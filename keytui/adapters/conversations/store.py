"""Keeping conversations, their messages and drafts, and finding them again."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from keytui.adapters.conversations.rows import (
    HEAD,
    MESSAGE,
    STREAMING,
    clean,
    of_conversation,
    of_message,
    to_conversation,
    to_message,
)
from keytui.adapters.conversations.search import fold, has, index_new, make_index
from keytui.adapters.database import Database, DatabaseTrouble
from keytui.domain.conversations import Conversation, StoredMessage

UNDO_SECONDS = 600.0
"""How long a deleted conversation can be brought back; afterwards its text is erased from the file."""


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
        with self._database.transaction() as connection:
            connection.execute(
                """INSERT INTO conversation
                (id, title, started, changed, model, instructions, parameters, pinned, leaf)
                VALUES (:id, :title, :started, :changed, :model, :instructions, :parameters, :pinned, :leaf)
                ON CONFLICT (id) DO UPDATE SET title = excluded.title, changed = max(changed, excluded.changed),
                model = excluded.model, instructions = excluded.instructions, parameters = excluded.parameters,
                pinned = excluded.pinned, leaf = excluded.leaf""",
                of_conversation(conversation),
            )

    def append(self, conversation_id: str, message: StoredMessage) -> None:
        """See ``ConversationStore.append``. A finished message is on the disk when this returns."""
        self._prepare()
        growing = message.outcome == STREAMING
        row = of_message(conversation_id, message)
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
                index_new(connection)
        if growing:
            self._growing.add(message.id)
        else:
            self._growing.discard(message.id)

    def conversations(self, *, search: str = "", limit: int = 200, offset: int = 0) -> Sequence[Conversation]:
        """See ``ConversationStore.conversations``."""
        self._prepare()
        sought = fold(clean(search).strip())
        condition, values = self._condition(sought)
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {HEAD} FROM conversation WHERE deleted IS NULL{condition} "
                "ORDER BY pinned DESC, changed DESC LIMIT ? OFFSET ?",
                (*values, limit, offset),
            ).fetchall()
        return [to_conversation(row) for row in rows]

    def head(self, conversation_id: str) -> Conversation | None:
        """See ``ConversationStore.head``."""
        self._prepare()
        with self._database.reading() as connection:
            row = connection.execute(f"SELECT {HEAD} FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
        return None if row is None else to_conversation(row)

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
                f"SELECT {MESSAGE} FROM message WHERE conversation = ? {condition} ORDER BY number DESC LIMIT ?",
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
                    (conversation_id or "", clean(text)),
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
                    self._full_text = make_index(connection)
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
            connection.create_function("has", 2, has, deterministic=True)
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
                index_new(connection)
        query = " AND ".join('"' + piece.replace('"', '""') + '"' for piece in sorted(pieces))
        return (
            " AND (has(title, ?) OR id IN (SELECT conversation FROM message WHERE number IN "
            "(SELECT rowid FROM message_search WHERE message_search MATCH ?) AND has(text, ?)))",
            (sought, query, sought),
        )

    def _message(self, row: tuple[Any, ...]) -> StoredMessage:
        message = to_message(row)
        if message.outcome == STREAMING and message.id not in self._growing:
            # Whoever wrote it is gone, or is another process that will say how it ended.
            return replace(message, outcome="cut")
        return message
