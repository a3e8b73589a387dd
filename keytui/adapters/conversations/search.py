"""Searching what was said: an index where SQLite can make one, and the one meaning of search with and without it."""

from __future__ import annotations

import sqlite3

_SEARCH_TABLE = """CREATE VIRTUAL TABLE IF NOT EXISTS message_search
    USING fts5 (text, tokenize = 'trigram', detail = none, columnsize = 0)"""
"""Three-letter pieces, so that any part of a word is found, in every script. Only narrows a search: what it finds is
compared with the real text, so an entry that is out of date does no harm."""


def make_index(connection: sqlite3.Connection) -> bool:
    """Make the search index where it is missing; whether this SQLite can do that."""
    try:
        connection.execute(_SEARCH_TABLE)
    except sqlite3.OperationalError as error:
        if "no such" in str(error) or "tokenizer" in str(error):  # built without FTS5, or older than 3.34
            return False
        raise
    return True


def index_new(connection: sqlite3.Connection) -> None:
    """Take messages into the search index that were written or changed since the last time."""
    for (number,) in connection.execute("SELECT number FROM message WHERE indexed = 0").fetchall():
        connection.execute("DELETE FROM message_search WHERE rowid = ?", (number,))
        connection.execute(
            "INSERT INTO message_search (rowid, text) SELECT number, text FROM message WHERE number = ?", (number,)
        )
        connection.execute("UPDATE message SET indexed = 1 WHERE number = ?", (number,))


def fold(text: str) -> str:
    """A text as it is compared: capitals do not matter."""
    return text.lower()


def has(text: str, sought: str) -> bool:
    """Whether a text has an already folded one in it: the one meaning of search, with and without an index."""
    return sought in fold(text)
