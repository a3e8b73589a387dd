"""Bytes that nobody wrote on purpose: what is read from them is right, or refused in a sentence."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keytui.adapters.conversations import SqliteConversations
from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.openai.sse import SseReader
from keytui.adapters.plan_file import PlanUnreadable, from_toml, to_toml
from keytui.adapters.settings import SettingsFile
from keytui.domain.conversations import Conversation, StoredMessage
from keytui.domain.keys import StoreUnreadable
from keytui.domain.plan import SetupPlan
from keytui.domain.settings import Settings
from tests.faults.cell import complaint

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
CONFIG = b"""theme = "keytui-dark"
monthly_cap = "10.00"
ask_above = 0.5
[network]
proxy = "http://127.0.0.1:3128"
"""
PLAN = to_toml(SetupPlan())
STREAM = (
    b': hello\n\ndata: {"a": "\xc3\xa4"}\n\nevent: x\r\ndata: one\r\ndata: two\r\n\r\n'
    b"id: 7\ndata:{}\n\ndata: [DONE]\n\ndata: unfinished"
)

MUTATIONS = st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=24)), min_size=1, max_size=4)
"""Where bytes are put, modulo the length, and which."""


def mutated(data: bytes, mutations: list[tuple[int, bytes]]) -> bytes:
    spoilt = bytearray(data)
    for at, piece in mutations:
        begin = at % len(spoilt)
        spoilt[begin : begin + len(piece)] = piece
    return bytes(spoilt)


@settings(max_examples=80)
@given(st.builds(mutated, st.just(CONFIG), MUTATIONS) | st.binary(max_size=200))
def test_any_settings_file_gives_settings_and_is_left_as_it_is(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        file.write_bytes(data)
        store = SettingsFile(file, environment={})
        assert isinstance(store.load(), Settings)
        assert store.problem is None or not complaint(store.problem)
        assert file.read_bytes() == data


@settings(max_examples=80)
@given(st.builds(mutated, st.just(PLAN), MUTATIONS) | st.binary(max_size=200))
def test_any_plan_is_read_or_refused_in_a_sentence(data: bytes) -> None:
    try:
        assert isinstance(from_toml(data), SetupPlan)
    except PlanUnreadable as refused:
        words = str(refused)
    else:
        return
    assert words[:-1].isprintable()
    assert words.endswith((".", "?"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a conversation in it."""
    file = tmp_path_factory.mktemp("whole") / "keytui.db"
    store = SqliteConversations(file)
    store.save(Conversation("c1", "Title", NOW, NOW))
    for number in range(20):
        store.append("c1", StoredMessage(f"m{number}", "user", f"text {number} " * 40, NOW))
    store.close()
    return file


def looked_at(file: Path) -> list[str]:
    """Read and write all there is; gives what was refused, in words."""
    refused: list[str] = []
    work: list[Callable[[], object]] = []
    try:
        store = SqliteConversations(file)
        ledger = SqliteLedger(file, journal=file.with_name("journal"), now=lambda: NOW)
    except StoreUnreadable as trouble:
        return [str(trouble)]
    work = [
        lambda: store.conversations(search="text"),
        lambda: store.messages("c1"),
        lambda: store.keep_draft(None, "a draft"),
        lambda: store.append("c1", StoredMessage("new", "user", "hello", NOW)),
        lambda: ledger.total(),
        lambda: ledger.latest(9),
    ]
    for one in work:
        try:
            one()
        except StoreUnreadable as trouble:
            refused.append(str(trouble))
        except LookupError:
            pass  # the conversation itself is among what was lost
    store.close()
    ledger.close()
    return refused


@settings(max_examples=40)
@given(mutations=MUTATIONS)
@example([(197_801, b"\x80")])
@example([(237_767, b"\x80")])
def test_any_damage_to_the_database_is_lived_with_or_told(whole: Path, mutations: list[tuple[int, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "keytui.db"
        shutil.copy(whole, file)
        file.write_bytes(mutated(file.read_bytes(), mutations))
        assert [problem for words in looked_at(file) if (problem := complaint(words))] == []


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
@example(list(range(len(STREAM))))
def test_a_stream_torn_at_any_byte_says_the_same(cuts: list[int]) -> None:
    reader, expected = SseReader(), SseReader()
    events: list[bytes] = []
    for begin, end in pairwise(sorted({0, len(STREAM), *cuts})):
        events += reader.feed(STREAM[begin:end])
    assert [*events, *reader.finish()] == [*expected.feed(STREAM), *expected.finish()]
