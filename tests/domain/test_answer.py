"""An answer while it comes, as a message that could be kept at any moment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.answer import GrowingAnswer
from keytui.domain.chat import Delta, Failed, Finished, Started, Stopped, Thinking, Waiting
from keytui.domain.conversations import StoredMessage
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.pricing import ZERO, Cost
from keytui.domain.troubles import explain
from keytui.domain.turn import Booked
from keytui.domain.usage import Mark, Usage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CUT, BUSY = explain("cut-answer"), explain("rate-limited")
USAGE = Usage(input=7, output=2, mark=Mark.BILLED)


def grown(*events: Any) -> GrowingAnswer:
    answer = GrowingAnswer(StoredMessage("a", "assistant", "", NOW, model="m", outcome="streaming"))
    for event in events:
        answer.take(event)
    return answer


def booked(outcome: Outcome, cost: Cost | None = None) -> Booked:
    named = ("e", NOW, "k1", "work", None, "playground", "c1", "chat", "", "m", None, None)
    return Booked(Entry(*named, usage=USAGE, cost=cost, outcome=outcome, seconds=3.0, first_token=0.5))


def test_thoughts_and_words_grow_apart() -> None:
    answer = grown(Started("chat"), Thinking("h"), Thinking("m"))
    assert answer.thinking
    answer.take(Delta("yes"))
    answer.take(Thinking("?"))
    assert (answer.message.text, answer.message.thinking, answer.thinking) == ("yes", "hm?", False)


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ((Delta("y"),), "streaming"),
        ((Delta("y"), Finished()), "finished"),
        ((Delta("y"), Stopped()), "stopped"),
        ((Delta("y"), Failed(CUT)), "cut"),
        ((Thinking("y"), Failed(CUT)), "failed"),
        ((Delta("y"), Waiting(1.0, 1, BUSY), Failed(CUT)), "failed"),
    ],
)
def test_how_an_answer_ends(events: tuple[Any, ...], outcome: str) -> None:
    answer = grown(*events)
    assert answer.message.outcome == outcome
    assert answer.trouble == (CUT if Failed(CUT) in events else None)
    answer.close()
    assert answer.message.outcome == (outcome if outcome != "streaming" else "stopped")


def test_a_wait_forgets_what_came_before_it() -> None:
    message = grown(Delta("one"), Thinking("hm"), Waiting(1.0, 1, BUSY), Delta("two")).message
    assert (message.text, message.thinking) == ("two", "")


@pytest.mark.parametrize("end", [Finished(dropped=("temperature",)), Failed(CUT, dropped=("temperature",))])
def test_what_the_model_did_not_take_is_told(end: Finished | Failed) -> None:
    assert grown(end).dropped == ("temperature",)


@pytest.mark.parametrize(
    ("outcome", "usd", "usage", "cost"),
    [
        (Outcome.FINISHED, "0.25", USAGE, "0.25"),
        (Outcome.FINISHED, None, USAGE, None),
        (Outcome.CUT, "0", USAGE, "0"),
        (Outcome.FAILED, "0", None, "0"),
    ],
)
def test_what_it_took_is_kept_with_it(outcome: Outcome, usd: str | None, usage: Usage | None, cost: str | None) -> None:
    price = None if usd is None else Cost(Decimal(usd), ZERO, ZERO, ZERO, "standard", date(2026, 11, 1), "test")
    answer = grown(Delta("y"), Finished(), event := booked(outcome, price))
    message = answer.message
    assert answer.entry is event.entry
    assert (message.usage, message.cost, message.seconds, message.first_token) == (usage, cost, 3.0, 0.5)
