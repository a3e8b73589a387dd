"""Opening what has been kept: a long list and a long conversation, against short ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from keytui.adapters.conversations import SqliteConversations
from keytui.adapters.database import connect, transaction
from keytui.domain.conversations import Conversation, StoredMessage
from tests.benchmarks import Row
from tests.benchmarks.harness import home, in_turn

MANY, FEW = 10_000, 100


def measure() -> list[Row]:
    """The first page of each, and the saving of an answer that grows, with many and with few."""
    with home() as folder:
        many, few = _filled(folder / "many.db", MANY), _filled(folder / "few.db", FEW)
        rows = [
            _compare("first page of a list", lambda store: store.conversations(limit=100), many, few),
            _compare("last page of a conversation", lambda store: store.messages("long", limit=100), many, few),
            _compare("saving an answer that grows", _grow, many, few),
        ]
        many.close()
        few.close()
    return rows


def _compare(
    what: str, act: Callable[[SqliteConversations], object], many: SqliteConversations, few: SqliteConversations
) -> Row:
    def seconds(store: SqliteConversations) -> float:
        begun = time.perf_counter()
        act(store)
        return time.perf_counter() - begun

    medians = in_turn({"many": lambda: seconds(many), "few": lambda: seconds(few)}, 31)
    slow, quick = medians["many"][0], medians["few"][0]
    return Row(f"{what}, {MANY:,} to {FEW}", slow / quick, 1.5, note=f"{slow * 1000:.2f} ms; {quick * 1000:.2f} ms")


def _grow(store: SqliteConversations) -> None:
    store.append("long", StoredMessage("answer", "assistant", "word " * 500, datetime.now(UTC), outcome="streaming"))


def _filled(path: Path, count: int) -> SqliteConversations:
    """A store with this many conversations, and one of this many messages."""
    store = SqliteConversations(path)
    now = datetime.now(UTC)
    store.save(Conversation("long", "a long one", now, now))
    store.append("long", StoredMessage("m", "user", "the first", now))
    connection = connect(path)
    with transaction(connection, path, durable=False):
        connection.executemany(
            "INSERT INTO conversation (id, title, started, changed) VALUES (?, ?, ?, ?)",
            ((f"c{number}", f"conversation {number}", number, number) for number in range(count)),
        )
        connection.executemany(
            "INSERT INTO message (conversation, id, role, text, at, outcome, indexed) "
            "VALUES ('long', ?, 'user', ?, ?, 'finished', 1)",
            ((f"m{number}", "some words of a message " * 40, number) for number in range(count)),
        )
    connection.close()
    return store
