from __future__ import annotations

import os
import signal
import string
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.conversations import SqliteConversations
from keytui.adapters.database import connect
from keytui.domain.conversations import Conversation, ConversationStore, StoredMessage
from keytui.domain.keys import StoreUnreadable
from keytui.domain.question import Parameters
from keytui.domain.usage import Mark, Usage

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keytui.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteConversations]:
    opened = SqliteConversations(path)
    yield opened
    opened.close()


def head(name: str, minutes: int = 0, title: str = "") -> Conversation:
    at = NOON + timedelta(minutes=minutes)
    return Conversation(name, title or f"about {name}", at, at)


def message(name: str, text: str = "", minutes: int = 0, outcome: str = "finished") -> StoredMessage:
    return StoredMessage(name, "user", text or name, NOON + timedelta(minutes=minutes), outcome=outcome)


def names(store: ConversationStore, search: str = "") -> list[str]:
    return [conversation.id for conversation in store.conversations(search=search)]


def test_everything_that_is_known_comes_back(store: SqliteConversations, path: Path) -> None:
    conversation = replace(
        head("a"),
        model="gpt-6-luna",
        instructions="Be brief.",
        parameters=Parameters(effort="low", max_output=100, temperature=0.5),
        pinned=True,
    )
    answer = StoredMessage(
        "m2",
        "assistant",
        "an answer ☃",
        NOON,
        model="gpt-6-luna",
        usage=Usage(input=412, output=380, cached=256, written=3, written_12h=1, reasoning=128, mark=Mark.BILLED),
        cost="0.00023450",
        outcome="stopped",
        seconds=4.5,
        first_token=0.4,
        parent="m1",
    )
    store.save(conversation)
    store.append("a", message("m1", "a question"))
    store.append("a", answer)
    store.close()
    again = SqliteConversations(path)
    assert again.conversations() == [replace(conversation, messages=2)]
    assert again.messages("a") == [message("m1", "a question"), answer]
    again.close()


def test_pinned_ones_come_first_then_the_latest(store: SqliteConversations) -> None:
    for minutes, name in enumerate("abcd"):
        store.save(head(name, minutes))
    store.save(replace(head("a"), pinned=True))
    store.append("b", message("m", minutes=60))
    assert names(store) == ["a", "b", "d", "c"]
    assert [found.id for found in store.conversations(limit=2, offset=1)] == ["b", "d"]


def test_a_head_written_anew_keeps_its_messages_and_does_not_grow_older(store: SqliteConversations) -> None:
    store.save(head("a"))
    store.append("a", message("m", minutes=5))
    store.save(head("a", title="another name"))
    [found] = store.conversations()
    assert (found.title, found.messages, found.changed) == ("another name", 1, NOON + timedelta(minutes=5))


def test_an_answer_that_grows_is_one_message(store: SqliteConversations) -> None:
    store.save(head("a"))
    store.append("a", message("question"))
    for text in ("Once", "Once upon", "Once upon a time"):
        store.append("a", message("answer", text, outcome="streaming"))
    assert [(found.text, found.outcome) for found in store.messages("a")][1] == ("Once upon a time", "streaming")
    store.append("a", message("answer", "Once upon a time."))
    assert [(found.text, found.outcome) for found in store.messages("a")] == [
        ("question", "finished"),
        ("Once upon a time.", "finished"),
    ]
    assert store.conversations()[0].messages == 2


def test_a_message_needs_its_conversation(store: SqliteConversations) -> None:
    with pytest.raises(LookupError, match="nowhere"):
        store.append("nowhere", message("m"))
    assert store.messages("nowhere") == []


def test_messages_are_read_by_pages(store: SqliteConversations) -> None:
    store.save(head("a"))
    store.save(head("b"))
    for number in range(10):
        store.append("a", message(f"m{number}"))
        store.append("b", message(f"m{number}"))
    read: list[str] = []
    before = None
    while page := store.messages("a", limit=4, before=before):
        read = [found.id for found in page] + read
        before = page[0].id
    assert read == [f"m{number}" for number in range(10)]


def test_drafts_are_kept_apart(store: SqliteConversations, path: Path) -> None:
    store.keep_draft(None, "new one")
    store.keep_draft("a", "older")
    store.keep_draft("a", "unsent \ud83d half")
    store.close()
    again = SqliteConversations(path)
    assert (again.draft(None), again.draft("a"), again.draft("b")) == ("new one", "unsent ? half", "")
    again.keep_draft(None, "")
    assert again.draft(None) == ""
    again.close()


def test_a_deleted_conversation_can_come_back_for_a_while(path: Path) -> None:
    now = 1000.0
    store = SqliteConversations(path, undo_seconds=60, clock=lambda: now)
    store.save(head("a"))
    store.append("a", message("m", "a word to erase"))
    store.keep_draft("a", "draft to erase")
    store.delete("a")
    assert (names(store), names(store, "word")) == ([], [])
    now += 59
    assert store.restore("a")
    assert names(store, "word") == ["a"]
    store.delete("a")
    now += 61
    store.delete("something else")
    assert not store.restore("a")
    assert store.messages("a") == []
    assert store.draft("a") == ""
    store.close()
    connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)").connection.close()
    assert b"to erase" not in path.read_bytes()


def test_what_was_deleted_long_ago_is_erased_at_the_next_start(path: Path) -> None:
    store = SqliteConversations(path, clock=lambda: 1000.0)
    store.save(head("a"))
    store.delete("a")
    store.close()
    store = SqliteConversations(path, clock=lambda: 1_000_000.0)
    assert not store.restore("a")
    store.close()


@pytest.mark.parametrize("full_text", [True, False])
def test_search_finds_any_part_whatever_the_case(path: Path, full_text: bool) -> None:
    store = SqliteConversations(path, full_text=full_text)
    store.save(head("title", title="Über Äpfel"))
    store.save(head("text", title="x"))
    store.append("text", message("m1", 'Prompt-CACHING costs 90 % less; it\'s "great_ly" 便宜得多'))
    store.save(head("grows", title="x"))
    store.append("grows", message("m2", "still stream", outcome="streaming"))
    for search in ("über", "ÄPF", "l"):
        assert "title" in names(store, search), search
    for search in ("caching", "CACH", "90 %", '"great', "t_l", "便宜得", "便", "it's"):
        assert names(store, search) == ["text"], search
    assert names(store, "stream") == ["grows"]
    store.append("grows", message("m2", "all is said"))
    assert names(store, "stream") == []
    assert names(store, "is said") == ["grows"]
    for search in ("nothing", "' OR 1 --", '" OR "', "%", "c_ching", "cach*"):
        assert names(store, search) == (["text"] if search == "%" else []), search
    assert len(names(store, "  ")) == 3
    store.close()


words = st.text(st.sampled_from("abAB \"'%_*äÄ\n便" + string.digits), max_size=12)


@given(texts=st.lists(words, min_size=1, max_size=6), sought=words)
def test_search_with_and_without_an_index_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], sought: str
) -> None:
    path = tmp_path_factory.mktemp("search") / "keytui.db"
    indexed, plain = SqliteConversations(path), SqliteConversations(path, full_text=False)
    for number, text in enumerate(texts):
        indexed.save(head(str(number), title="-"))
        (indexed if number % 2 else plain).append(str(number), message("m", text or "."))
    expected = {str(n) for n, text in enumerate(texts) if sought.strip().lower() in (text or ".").lower()}
    if sought.strip() in ("", "-"):
        expected = {str(n) for n in range(len(texts))}
    assert set(names(indexed, sought)) == set(names(plain, sought)) == expected
    indexed.close()
    plain.close()


def test_threads_and_stores_write_at_once(path: Path) -> None:
    stores = [SqliteConversations(path), SqliteConversations(path)]
    stores[0].save(head("a"))
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for number in range(50):
                stores[writer % 2].append("a", message(f"{writer}-{number}"))
        except BaseException as error:  # handed to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert stores[1].conversations()[0].messages == 200
    assert len(stores[0].messages("a")) == 200
    for store in stores:
        store.close()


def test_a_killed_program_keeps_what_had_arrived(store: SqliteConversations, path: Path) -> None:
    child = f"""
from datetime import datetime, UTC
from pathlib import Path
from keytui.adapters.conversations import SqliteConversations
from keytui.domain.conversations import Conversation, StoredMessage
store = SqliteConversations(Path({str(path)!r}))
now = datetime.now(UTC)
store.save(Conversation("a", "t", now, now))
store.append("a", StoredMessage("q", "user", "a question", now))
store.keep_draft(None, "the next question")
number = 0
while True:
    number += 1
    store.append("a", StoredMessage("m", "assistant", "word " * number, now, outcome="streaming"))
    print(number, flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    confirmed = 0
    while confirmed < 40:
        confirmed = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    confirmed = max(map(int, [str(confirmed), *process.stdout.read().split("\n")[:-1]]))
    process.wait()
    process.stdout.close()
    question, answer = store.messages("a")
    assert question.text == "a question"
    assert answer.outcome == "cut"
    assert answer.text.count("word ") in (confirmed, confirmed + 1)
    assert store.draft(None) == "the next question"
    assert names(store, "word word") == ["a"]


def test_a_database_that_cannot_be_used_is_told(path: Path) -> None:
    path.write_bytes(b"not a database, but someone's notes " * 100)
    store = SqliteConversations(path)
    with pytest.raises(StoreUnreadable, match="is not a database"):
        store.conversations()
    with pytest.raises(StoreUnreadable, match="is not a database"):
        store.append("a", message("m"))
    store.close()
    assert path.read_bytes().startswith(b"not a database")
