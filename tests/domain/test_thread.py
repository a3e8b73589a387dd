"""A conversation in hand: its title, its cost, and what is sent of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from keytui.domain.conversations import StoredMessage
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.thread import TITLE_LENGTH, Thread, title_from

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ASKED = StoredMessage("q", "user", "What is\na token?", NOW)
ANSWER = StoredMessage("a", "assistant", "A piece of a word.", NOW + timedelta(seconds=2), cost="0.000012")


def test_the_first_question_names_a_conversation_and_the_last_message_dates_it() -> None:
    new = Thread.new("c", NOW, "m")
    assert new.untouched
    thread = new.with_message(ASKED).with_message(ANSWER)
    assert (thread.head.title, thread.head.changed, thread.head.messages, thread.untouched) == (
        "What is a token?",
        ANSWER.at,
        2,
        False,
    )
    assert thread.with_message(replace(ASKED, id="q2", text="And another?")).head.title == "What is a token?"


def test_a_message_that_grew_takes_its_own_place_and_only_a_new_one_leaves_the_branch() -> None:
    thread = Thread.new("c", NOW).with_message(ASKED).with_message(ANSWER)
    chosen = replace(thread, head=replace(thread.head, leaf="a"))
    grown = chosen.with_message(replace(ASKED, text="What is a key?"))
    assert [message.text for message in grown.messages] == ["What is a key?", ANSWER.text]
    assert (grown.head.leaf, chosen.with_message(replace(ASKED, id="q2")).head.leaf) == ("a", None)


def test_the_cost_is_that_of_the_answers_whose_price_is_known() -> None:
    thread = Thread.new("c", NOW)
    for number, cost in enumerate(("0.1", None, "0.000000000001")):
        thread = thread.with_message(replace(ANSWER, id=str(number), cost=cost))
    assert thread.cost == Decimal("0.100000000001")


def test_what_says_nothing_is_not_sent() -> None:
    thread = Thread.new("c", NOW).with_message(ASKED).with_message(replace(ANSWER, text=" \n"))
    settings = Parameters(effort="low")
    thread = replace(thread, head=replace(thread.head, instructions="Be brief.", parameters=settings))
    asked = (ChatMessage("user", ASKED.text),)
    assert thread.question("m") == Question("m", asked, "Be brief.", settings, cache_key="c")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", ""),
        ("  two \n words ", "two words"),
        ("x" * TITLE_LENGTH, "x" * TITLE_LENGTH),
        ("x" * (TITLE_LENGTH + 1), "x" * TITLE_LENGTH + "…"),
        ("word " * 20, ("word " * 12)[:-1] + "…"),
    ],
)
def test_a_title_is_cut_between_words(text: str, title: str) -> None:
    assert title_from(text) == title
