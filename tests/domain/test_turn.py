"""A turn: every event is passed on, and whatever ends it, it is booked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.chat import (
    Delta,
    Failed,
    Finished,
    Reported,
    Started,
    Stopped,
    Thinking,
    TurnEvent,
)
from keytui.domain.ledger import Outcome
from keytui.domain.question import Question
from keytui.domain.troubles import explain
from keytui.domain.turn import Booked
from keytui.domain.usage import Mark, Usage
from tests.domain.turns import BILLED, KEY, LINE_CUT, NO_CREDIT, QUESTION, START, Book, Clock, Script, all_of, turn


async def test_a_whole_answer_is_passed_on_and_booked_as_billed() -> None:
    said = [
        Started("responses", "req_1"),
        Thinking("hm"),
        Delta("Hello"),
        Delta(" you"),
        Reported(BILLED, model="gpt-6-luna-2026-09-01", tier="default"),
        Finished(),
    ]
    book = Book()
    events = await all_of(turn(Script([list(said)]), book))
    assert events[:-1] == said
    assert events[-1] == Booked(book.entries[0])
    (entry,) = book.entries
    assert (entry.usage, entry.outcome, entry.error) == (BILLED, Outcome.FINISHED, None)
    assert (entry.endpoint, entry.served, entry.tier) == ("responses", "gpt-6-luna-2026-09-01", "default")
    assert (entry.key_id, entry.project, entry.app, entry.conversation) == ("k1", "p1", "playground", "c1")
    assert entry.cost is not None
    assert entry.cost.total == Decimal("0.000067")
    assert entry.first_token is not None
    assert 0 < entry.first_token < entry.seconds


async def test_the_entry_is_in_the_ledger_before_the_last_event_of_the_answer() -> None:
    book = Book()
    async with aclosing(turn(Script([[Started("chat"), Delta("a"), Reported(BILLED), Finished()]]), book)) as events:
        async for event in events:
            if isinstance(event, Finished):
                break
    assert [entry.outcome for entry in book.entries] == [Outcome.FINISHED]


async def test_without_reported_usage_the_local_count_stands_as_an_estimate() -> None:
    book = Book()
    await all_of(turn(Script([[Started("chat"), Delta("y" * 80), Reported(None), Finished()]]), book))
    (entry,) = book.entries
    assert entry.usage == Usage(input=17, output=20, mark=Mark.ESTIMATED)
    assert entry.cost is not None
    assert "reasoning" in entry.cost.note


async def test_when_the_encoder_cannot_count_the_estimate_is_rough_but_there() -> None:
    book = Book()
    await all_of(turn(Script([[Started("chat"), Delta("y" * 80), Finished()]]), book, count=lambda text: None))
    assert book.entries[0].usage.output == 20


@pytest.mark.parametrize("stop_after", [1, 2, 3])
async def test_a_stopped_answer_is_booked_as_an_estimate_of_what_had_arrived(stop_after: int) -> None:
    gateway = Script([[Started("chat"), Delta("y" * 40), Delta("y" * 40), Delta("y"), Finished()]])
    book = Book()
    events = turn(gateway, book)
    for _ in range(stop_after):
        await anext(events)
    await events.aclose()
    (entry,) = book.entries
    assert entry.outcome is Outcome.STOPPED
    assert entry.usage == Usage(input=17, output=10 * (stop_after - 1), mark=Mark.ESTIMATED)
    assert gateway.closed == 1


async def test_what_was_reported_before_a_stop_is_booked_as_billed() -> None:
    book = Book()
    events = turn(Script([[Started("chat"), Delta("y"), Reported(BILLED), Delta("z"), Finished()]]), book)
    for _ in range(4):
        await anext(events)
    await events.aclose()
    assert (book.entries[0].outcome, book.entries[0].usage) == (Outcome.STOPPED, BILLED)


@pytest.mark.parametrize("arrived", [0, 1, 2])
async def test_a_cancelled_task_has_its_turn_booked_and_stays_cancelled(arrived: int) -> None:
    reached = asyncio.Event()

    async def hang() -> None:
        reached.set()
        await asyncio.Event().wait()

    before: list[Any] = [Started("chat"), Delta("y" * 40)][:arrived]
    gateway, book = Script([[*before, hang]]), Book()
    task = asyncio.create_task(all_of(turn(gateway, book)))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (entry,) = book.entries
    assert entry.outcome is Outcome.STOPPED
    assert entry.usage == Usage(input=17, output=10 if arrived == 2 else 0)
    assert gateway.closed == 1


async def test_a_turn_cancelled_while_it_is_being_booked_is_booked_once() -> None:
    book, reached = Book(), asyncio.Event()

    async def slow(work: Callable[[], Any]) -> Any:
        work()
        if book.entries:
            reached.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(
        all_of(turn(Script([[Started("chat"), Reported(BILLED), Finished()]]), book, background=slow))
    )
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [(entry.outcome, entry.usage) for entry in book.entries] == [(Outcome.FINISHED, BILLED)]


async def test_a_turn_cancelled_before_booking_could_begin_is_booked_all_the_same() -> None:
    book, reached = Book(), asyncio.Event()

    async def never(work: Callable[[], Any]) -> Any:
        reached.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(all_of(turn(Script([[Reported(BILLED), Finished()]]), book, background=never)))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(book.entries) == 1


async def test_booking_may_run_beside_the_event_loop() -> None:
    book = Book()
    await all_of(turn(Script([[Started("chat"), Delta("a"), Finished()]]), book, background=asyncio.to_thread))
    assert len(book.entries) == 1


async def test_a_cut_answer_is_kept_as_an_estimate_and_not_asked_again() -> None:
    gateway, book, clock = Script([[Started("chat"), Delta("y" * 40), Failed(LINE_CUT)]]), Book(), Clock()
    events = await all_of(turn(gateway, book, clock))
    assert [type(event) for event in events] == [Started, Delta, Failed, Booked]
    assert (book.entries[0].outcome, book.entries[0].usage.output) == (Outcome.CUT, 10)
    assert clock.slept == []


async def test_a_line_lost_after_the_request_was_taken_is_booked_with_its_input() -> None:
    book = Book()
    await all_of(turn(Script([[Started("chat"), Failed(LINE_CUT)]]), book))
    assert (book.entries[0].outcome, book.entries[0].usage.input) == (Outcome.CUT, 17)


@pytest.mark.parametrize(
    ("events", "outcome", "input_tokens"),
    [
        ([Started("chat"), Delta("y"), Stopped()], Outcome.STOPPED, 17),
        ([Started("chat"), Failed(NO_CREDIT)], Outcome.FAILED, 0),
        ([Failed(LINE_CUT)], Outcome.FAILED, 0),
        ([Started("chat"), Failed(replace(LINE_CUT, id="web-page"))], Outcome.FAILED, 0),
        ([Started("chat"), Delta("y"), Failed(replace(LINE_CUT, id="web-page"))], Outcome.CUT, 17),
    ],
)
async def test_only_what_the_server_may_have_billed_is_booked_with_tokens(
    events: list[TurnEvent | Callable[[], Any]], outcome: Outcome, input_tokens: int
) -> None:
    book = Book()
    await all_of(turn(Script([events]), book))
    assert (book.entries[0].outcome, book.entries[0].usage.input) == (outcome, input_tokens)


async def test_a_refusal_of_a_key_that_has_expired_says_so() -> None:
    expired = replace(KEY, expires=START)
    (event, _) = await all_of(turn(Script([[Failed(explain("invalid-key"))]]), Book(), key=expired))
    assert event.trouble.title == "“work” expired on 2026-11-23."


async def test_a_gateway_that_breaks_after_its_last_word_leaves_the_answer_booked_as_it_ended() -> None:
    class Breaking(Script):
        async def ask(self, question: Question) -> AsyncGenerator[TurnEvent, None]:
            try:
                yield Reported(BILLED)
                yield Finished()
            finally:
                raise LookupError("at closing")

    book = Book()
    with pytest.raises(LookupError, match="at closing"):
        await all_of(turn(Breaking([]), book))
    assert [(entry.id, entry.outcome, entry.usage, entry.error) for entry in book.entries] == [
        (book.noted[0].id, Outcome.FINISHED, BILLED, None)
    ]


async def test_a_fault_before_anything_arrived_is_booked_as_a_failure() -> None:
    async def fault() -> None:
        raise LookupError("a fault")

    book = Book()
    with pytest.raises(LookupError):
        await all_of(turn(Script([[fault]]), book))
    assert (book.entries[0].outcome, book.entries[0].error) == (Outcome.FAILED, "LookupError")


async def test_a_refusal_is_booked_without_tokens_and_with_its_code() -> None:
    book = Book()
    events = await all_of(turn(Script([[Failed(NO_CREDIT)]]), book))
    assert events[0] == Failed(NO_CREDIT)
    (entry,) = book.entries
    assert (entry.outcome, entry.usage.total, entry.error) == (Outcome.FAILED, 0, "no-credit")
    assert entry.cost is not None
    assert entry.cost.total == 0


async def test_a_refusal_costs_nothing_also_where_no_price_is_known() -> None:
    book = Book()
    await all_of(turn(Script([[Failed(NO_CREDIT)]]), book, question=Question("odd", QUESTION.messages)))
    cost = book.entries[0].cost
    assert cost is not None
    assert cost.total == 0


async def test_events_without_an_end_are_a_cut_answer() -> None:
    book = Book()
    events = await all_of(turn(Script([[Started("chat"), Delta("y" * 40)]]), book))
    assert [type(event) for event in events] == [Started, Delta, Failed, Booked]
    assert book.entries[0].outcome is Outcome.CUT


async def test_a_fault_in_the_gateway_is_raised_and_what_arrived_is_booked() -> None:
    async def fault() -> None:
        raise LookupError("a fault")

    book = Book()
    with pytest.raises(LookupError):
        await all_of(turn(Script([[Started("chat"), Delta("y" * 40), fault]]), book))
    assert (book.entries[0].outcome, book.entries[0].error) == (Outcome.CUT, "LookupError")


async def test_a_fault_in_the_ledger_does_not_take_the_answer_away() -> None:
    events = turn(Script([[Delta("a"), Finished()]]), Book(fault=RuntimeError("a fault in the ledger")))
    assert [await anext(events), await anext(events)] == [Delta("a"), Finished()]
    with pytest.raises(RuntimeError, match="a fault in the ledger"):
        await anext(events)


@pytest.mark.parametrize(
    ("reported", "headers"),
    [
        (Reported(BILLED, cost_usd="3.1500000000000003e-06"), {}),
        (Reported(BILLED), {"x-litellm-response-cost": "3.15e-06"}),
    ],
)
async def test_a_cost_that_the_gateway_states_is_taken_as_billed(reported: Reported, headers: dict[str, str]) -> None:
    book = Book()
    question = Question("odd", QUESTION.messages)
    await all_of(turn(Script([[Started("chat", headers=headers), reported, Finished()]]), book, question=question))
    cost = book.entries[0].cost
    assert cost is not None
    assert (cost.total, cost.source) == (Decimal("0.00000315"), "gateway")


@pytest.mark.parametrize("nonsense", ["", "free", "-1", "nan", "inf", "1e99"])
async def test_a_stated_cost_that_is_no_amount_is_not_taken(nonsense: str) -> None:
    book = Book()
    question = Question("odd", QUESTION.messages)
    await all_of(turn(Script([[Reported(BILLED, cost_usd=nonsense), Finished()]]), book, question=question))
    assert book.entries[0].cost is None


async def test_an_unknown_tier_in_the_reply_has_no_price() -> None:
    book = Book()
    await all_of(turn(Script([[Reported(BILLED, tier="scale"), Finished()]]), book))
    assert book.entries[0].cost is None
