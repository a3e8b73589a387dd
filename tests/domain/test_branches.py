"""Conversations that fork."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.branches import after, before, leaves, path
from keytui.domain.conversations import StoredMessage
from keytui.domain.thread import Thread
from keytui.domain.usage import Usage

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def said(name: str, parent: str | None = None) -> StoredMessage:
    return StoredMessage(name, "user", f"text of {name}", NOW, parent=parent)


def ids(messages: tuple[StoredMessage, ...]) -> str:
    return "".join(message.id for message in messages)


def test_without_forks_the_path_is_everything_in_order() -> None:
    stored = [said(name) for name in "abcd"]
    assert ids(path(stored)) == "abcd"
    assert ids(leaves(stored)) == "d"
    assert path([]) == leaves([]) == ()


def test_what_was_written_last_is_the_branch_that_is_shown() -> None:
    stored = [said("a"), said("b"), said("c"), said("d"), said("e", "b"), said("f")]
    assert ids(path(stored)) == "abef"
    assert ids(path(stored, "d")) == "abcd"
    assert ids(leaves(stored)) == "fd"


def test_the_first_message_can_be_written_anew() -> None:
    stored = [said("a"), said("b"), said("c", "")]
    assert ids(path(stored)) == "c"
    assert ids(leaves(stored)) == "cb"


def test_an_edit_leaves_what_came_after_and_remembers_its_last_answer() -> None:
    answer = StoredMessage("b", "assistant", "yes", NOW, usage=Usage(input=2_000))
    thread = Thread(Thread.new("x", NOW).head, (said("a"), answer, said("c")))
    edited = before(thread, "a")
    assert edited.messages == ()
    assert edited.left == answer
    assert after(edited, said("d")).parent == ""
    assert after(thread, said("d")).parent == "c"
    assert before(thread, "nothing") is thread


@given(st.lists(st.none() | st.integers(0, 30), max_size=30))
def test_every_message_is_on_the_way_to_some_leaf(forks: list[int | None]) -> None:
    stored = [
        said(str(number), None if fork is None else str(fork % number) if number else "")
        for number, fork in enumerate(forks)
    ]
    reached = {message.id for leaf in leaves(stored) for message in path(stored, leaf.id)}
    assert reached == {message.id for message in stored}
