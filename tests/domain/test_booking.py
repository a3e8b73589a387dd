"""From what was heard of a request to its entry, figure by figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.booking import NOT_SEEN, Heard, entry_for, priced, repriced, worst_case
from keytui.domain.chat import Delta, Reported, Started, Thinking
from keytui.domain.keys import KeyKind, KeyRecord, Place
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.pricing import ZERO, Cost, ModelFacts
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.usage import Mark, Usage

SENT = datetime(2026, 11, 23, 12, tzinfo=UTC)
HERE = "https://here/v1"
KEY = KeyRecord("k1", "work", KeyKind.PROJECT, HERE, Place.SESSION, "7Qf4", SENT, project="p1")
QUESTION = Question("m", (ChatMessage("user", "four words of question"),), parameters=Parameters(tier="flex"))
BILLED = Usage(input=17, output=5, reasoning=2, mark=Mark.BILLED)


class Prices:
    """A dollar for a token of input, two for one that is written, ten for one of output; asked for one thing only."""

    as_of = date(2026, 11, 1)

    def __init__(self, tier: str | None = "flex", at: datetime = SENT, known: bool = True) -> None:
        self._asked = "m", tier, at, HERE
        self._known = known

    def cost(self, model: str, usage: Usage, *, tier: str | None, at: datetime, base_url: str) -> Cost | None:
        assert (model, tier, at, base_url) == self._asked
        if not self._known:
            return None
        plain, written = Decimal(usage.input - usage.written), Decimal(2 * usage.written)
        return Cost(plain, ZERO, written, Decimal(10 * usage.output), "flex", self.as_of, "test", "By list.")

    def facts(self, model: str) -> ModelFacts:
        return ModelFacts(model, max_output=100 if self._known else None)


def words(text: str) -> int | None:
    return len(text.split())


def stated(usd: str, tier: str) -> Cost:
    note = "Stated by the server, as a whole."
    return Cost(ZERO, ZERO, ZERO, ZERO, tier, SENT.date(), "gateway", note, other=Decimal(usd))


def heard(*events: Any, seconds: float = 2.0) -> Heard:
    told = Heard(SENT)
    for event in events:
        told.take(event, SENT + timedelta(seconds=seconds))
    return told


def entry(told: Heard, outcome: Outcome, *, ended: float = 9.0, count: Any = words, **prices: Any) -> Entry:
    book: Any = Prices(**prices)
    return entry_for(
        QUESTION,
        told,
        entry_id="e1",
        key=KEY,
        app="ask",
        conversation="c1",
        base_url=HERE,
        prices=book,
        count=count,
        outcome=outcome,
        error="some" if outcome is Outcome.FAILED else None,
        at=SENT + timedelta(seconds=ended),
    )


def booked(usage: Usage, cost: Cost | None, outcome: Outcome, **more: Any) -> Entry:
    whole = Entry(
        *("e1", SENT, "k1", "work", "p1", "ask", "c1", "chat", HERE, "m", None, "flex"),
        usage=usage,
        cost=cost,
        outcome=outcome,
        seconds=9.0,
        error="some" if outcome is Outcome.FAILED else None,
    )
    return replace(whole, **more)


def listed(usd: int, output: int, note: str = "By list.") -> Cost:
    return Cost(Decimal(usd), ZERO, ZERO, Decimal(output), "flex", Prices.as_of, "test", note)


def test_a_billed_answer_has_the_servers_figures() -> None:
    told = heard(
        Started("responses"), Thinking("hm"), Delta("yes"), Reported(BILLED, model="m-2026", tier="priority"), seconds=2
    )
    assert entry(told, Outcome.FINISHED, tier="priority") == booked(
        BILLED,
        listed(17, 50),
        Outcome.FINISHED,
        endpoint="responses",
        served="m-2026",
        tier="priority",
        first_token=2.0,
    )


@pytest.mark.parametrize(
    ("events", "usage"),
    [
        ((), Usage(input=11)),
        ((Started("chat"),), Usage(input=11)),
        ((Thinking("two words"),), Usage(input=11, output=2)),
        ((Started("chat"), Thinking("one "), Delta("and two more")), Usage(input=11, output=4)),
    ],
)
def test_what_was_not_reported_is_counted_here_and_says_so(events: tuple[Any, ...], usage: Usage) -> None:
    told = heard(*events)
    cost = listed(11, 10 * usage.output, f"By list. {NOT_SEEN}")
    first = 2.0 if told.first_text else None
    assert entry(told, Outcome.STOPPED) == booked(usage, cost, Outcome.STOPPED, first_token=first)
    assert (told.began, told.thought) == (usage.output > 0, Thinking in map(type, events))


def test_where_nothing_arrived_no_output_is_counted_whatever_the_encoder_says_of_nothing() -> None:
    assert entry(heard(), Outcome.CUT, count=lambda text: 1).usage == Usage(input=8)
    assert entry(heard(Delta("x" * 9)), Outcome.CUT, count=lambda text: None).usage == Usage(input=13, output=3)


@pytest.mark.parametrize("known", [True, False])
def test_a_refusal_took_nothing(known: bool) -> None:
    cost = (
        listed(0, 0)
        if known
        else Cost(*(ZERO, ZERO, ZERO, ZERO), "standard", SENT.date(), "no tokens", note="Refused; nothing is billed.")
    )
    assert entry(heard(), Outcome.FAILED, known=known) == booked(Usage(), cost, Outcome.FAILED)


def test_without_a_price_only_a_refusal_costs_nothing() -> None:
    assert entry(heard(Reported(BILLED)), Outcome.FAILED, known=False).cost is None
    assert entry(heard(Reported(Usage(mark=Mark.BILLED))), Outcome.FINISHED, known=False).cost is None


def test_a_clock_that_was_set_back_gives_no_negative_times() -> None:
    told = heard(Delta("yes"), seconds=-3)
    found = entry(told, Outcome.FINISHED, ended=-1)
    assert (found.seconds, found.first_token) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("tier", "called"), [(None, "standard"), ("default", "standard"), ("priority", "fast"), ("scale", "scale")]
)
def test_what_the_server_states_is_taken_as_a_whole(tier: str | None, called: str) -> None:
    book: Any = Prices()
    cost = priced(book, model="m", usage=BILLED, tier=tier, at=SENT, base_url=HERE, stated="0.25")
    assert cost == stated("0.25", called)


@pytest.mark.parametrize("usd", ["0", "7"])
def test_a_stated_cost_stands_as_it_is_be_it_nothing(usd: str) -> None:
    told = heard(Delta("yes"), Reported(None, cost_usd=usd))
    found = entry(told, Outcome.FINISHED)
    assert found.cost == stated(usd, "flex")
    later: Any = Prices(at=SENT + timedelta(days=1))
    assert repriced(found, later, SENT + timedelta(days=1)) is None


def test_an_entry_is_priced_anew_as_it_was_sent() -> None:
    later: Any = Prices(at=SENT + timedelta(days=1))
    assert repriced(booked(BILLED, None, Outcome.FINISHED), later, SENT + timedelta(days=1)) == listed(17, 50)


@pytest.mark.parametrize(("longest", "usd"), [(5, 50), (None, 1_000)])
def test_at_worst_all_of_the_input_is_written_and_the_answer_as_long_as_it_may_be(
    longest: int | None, usd: int
) -> None:
    question = replace(QUESTION, parameters=Parameters(tier="flex", max_output=longest))
    book: Any = Prices()
    # Eleven tokens and a tenth, and 64 more: 76, at two dollars each.
    assert worst_case(question, prices=book, count=words, at=SENT, base_url=HERE) == 152 + usd
    unknown: Any = Prices(known=False)
    assert worst_case(question, prices=unknown, count=words, at=SENT, base_url=HERE) is None
