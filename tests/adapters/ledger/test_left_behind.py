"""Requests of a process that was killed: noted before they go out, booked at the next start."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from keytui.adapters.conversations import SqliteConversations
from keytui.adapters.ledger import SqliteLedger, sender
from keytui.domain.conversations import Conversation, StoredMessage
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.left_behind import KILLED, book_left_behind
from keytui.domain.usage import Mark, Usage
from tests.adapters.ledger.making import NOW, entry, ledger
from tests.domain.turns import Flat


def words(model: str) -> object:
    return lambda text: len(text.split())


def noted(name: str, **more: object) -> Entry:
    plain = replace(entry(name), usage=Usage(input=40, mark=Mark.ESTIMATED), outcome=Outcome.CUT, error="killed")
    return replace(plain, **more)  # type: ignore[arg-type]


def killed(book: SqliteLedger, *entries: Entry) -> None:
    """Note requests as a process does that is gone a moment later."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    host, _, _ = sender.me()
    for one in entries:
        book.sent(one)
    connection = book._database.connection()
    connection.execute("UPDATE unbooked SET host = ?, process = ?, born = '1'", (host, gone.pid))


def test_only_what_a_process_that_is_gone_has_noted_is_left_behind(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    book.sent(noted("alive"))
    assert book.left_behind() == []
    killed(book)
    assert [one.id for one in book.left_behind()] == ["alive"]
    assert book.left_behind()[0] == noted("alive")


def test_booking_drops_the_note_also_when_the_request_was_sent_again(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    killed(book, noted("first"), noted("second"), noted("third"))
    book.book(entry("first"))
    book.book(replace(entry("second"), id="second.1"))
    assert [one.id for one in book.left_behind()] == ["third"]


def test_what_the_conversation_has_kept_of_the_answer_is_counted_and_priced(tmp_path: Path) -> None:
    book, store = ledger(tmp_path), SqliteConversations(tmp_path / "keytui.db")
    store.save(Conversation("c", "t", NOW, NOW, instructions="be brief"))
    store.append("c", StoredMessage("q", "user", "one two three", NOW))
    for name in ("a", "b"):
        store.append("c", StoredMessage(name, "assistant", "four five", NOW, "m", outcome="streaming", parent="q"))
    store.close()
    store = SqliteConversations(tmp_path / "keytui.db")
    killed(book, noted("x", conversation="c", model="m"), noted("y", conversation="c", model="m"))
    booked = book_left_behind(book, store, Flat(), words)  # type: ignore[arg-type]
    # Three words and two of instructions, with four tokens for each of the two messages and three to begin.
    assert [one.usage for one in booked] == [Usage(input=16, output=2)] * 2
    assert [one.cost and one.cost.total for one in booked] == [Decimal("0.000036")] * 2
    assert all(one.cost and one.cost.note.endswith(KILLED) for one in booked)
    assert {one.id for one in book.latest()} == {"x", "y"}
    answers = store.messages("c")[1:]
    assert [(one.outcome, one.usage, one.cost) for one in answers] == [
        ("cut", Usage(input=16, output=2), "0.000036")
    ] * 2
    assert not book_left_behind(book, store, Flat(), words)  # type: ignore[arg-type]
    store.close()


def test_of_a_request_without_a_conversation_what_was_sent_is_booked(tmp_path: Path) -> None:
    book, store = ledger(tmp_path), SqliteConversations(tmp_path / "keytui.db")
    killed(book, noted("ask", conversation=None), noted("gone", conversation="deleted"))
    booked = book_left_behind(book, store, Flat(), words)  # type: ignore[arg-type]
    assert [(one.id, one.usage.input, one.usage.output) for one in booked] == [("ask", 40, 0), ("gone", 40, 0)]
    assert len(book.latest()) == 2
    store.close()
