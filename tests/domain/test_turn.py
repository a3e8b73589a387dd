from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.booking import Heard, new_id, repriced, worst_case
from keytui.domain.caps import Cap, CapRefusal, Decision, Granted, Intent, Scope, Standing
from keytui.domain.chat import (
    Delta,
    Failed,
    Finished,
    Reported,
    Started,
    Stopped,
    Thinking,
    TurnEvent,
    Waiting,
)
from keytui.domain.keys import KeyKind, KeyRecord, Place
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.pricing import ZERO, Cost, ModelFacts, tier_name
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.troubles import Exit, Trouble, explain
from keytui.domain.turn import PATIENCE, Booked, CapWarned, take_turn
from keytui.domain.usage import Mark, Usage

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUESTION = Question("gpt-6-luna", (ChatMessage("user", "x" * 40),))
"""40 characters: 10 tokens by the test's counter, and 7 of message format."""
KEY = KeyRecord("k1", "work", KeyKind.PROJECT, "https://api.openai.com/v1", Place.SESSION, "7Qf4", START, project="p1")
BUSY = Trouble("rate-limited", "Too fast.", "Wait.", exit=Exit.RATE, retry=True, wait=3.0)
OVERLOADED = Trouble("overloaded", "Overloaded.", "Wait.", retry=True)
NO_CREDIT = Trouble("no-credit", "No credit.", "Buy some.", exit=Exit.CREDIT)
LINE_CUT = Trouble("cut-answer", "Cut.", "Again.", exit=Exit.NETWORK)
BILLED = Usage(input=17, output=5, mark=Mark.BILLED)


@dataclass
class Script:
    """A gateway that plays one list of events for each request; a callable among them is called (and may raise)."""

    plays: list[list[TurnEvent | Callable[[], Any]]]
    base_url: str = "https://api.openai.com/v1"
    asked: int = 0
    closed: int = 0

    async def ask(self, question: Question) -> AsyncGenerator[TurnEvent, None]:
        assert question.messages == QUESTION.messages
        play = self.plays[self.asked]
        self.asked += 1
        try:
            for event in play:
                if callable(event):
                    await event()
                else:
                    yield event
        finally:
            self.closed += 1


@dataclass
class Book:
    """A ledger of a list; ``fault`` is raised at booking."""

    entries: list[Entry] = field(default_factory=list)
    fault: Exception | None = None
    noted: list[Entry] = field(default_factory=list)

    def sent(self, entry: Entry) -> None:
        self.noted.append(entry)

    def book(self, entry: Entry) -> None:
        if self.fault:
            raise self.fault
        if entry.id not in [kept.id for kept in self.entries]:
            self.entries.append(entry)


class Flat:
    """A price book: a millionth of a dollar for a token of input, ten for one of output; the model ``odd`` has none."""

    as_of = date(2026, 11, 1)

    def cost(
        self, model: str, usage: Usage, *, tier: str | None, at: datetime, base_url: str, regional: bool = False
    ) -> Cost | None:
        name = tier_name(tier)
        if model == "odd" or name is None:
            return None
        million = Decimal("0.000001")
        return Cost(usage.input * million, ZERO, ZERO, usage.output * 10 * million, name, self.as_of, "flat")

    def facts(self, model: str) -> ModelFacts:
        return ModelFacts(model, max_output=1_000)


class Clock:
    """Time that goes on by a second whenever it is asked, and by what is slept."""

    def __init__(self) -> None:
        self.time = START
        self.slept: list[float] = []

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class Holds:
    """Reservations of one process; refuses when told to."""

    decision: Decision = field(default_factory=Granted)
    held: dict[str, Intent] = field(default_factory=dict)
    released: list[str] = field(default_factory=list)
    caps: tuple[Cap, ...] = ()

    def reserve(self, intent: Intent, caps: Any) -> Decision:
        self.caps = tuple(caps)
        if isinstance(self.decision, Granted):
            self.held[intent.id] = intent
        return self.decision

    def release(self, intent_id: str) -> None:
        self.held.pop(intent_id, None)
        self.released.append(intent_id)

    def standing(self, cap: Cap) -> Standing:
        return Standing(cap, ZERO)


def turn(gateway: Script, book: Book, clock: Clock | None = None, question: Question = QUESTION, **more: Any) -> Any:
    clock = clock or Clock()
    return take_turn(
        question,
        gateway=gateway,  # type: ignore[arg-type]
        ledger=book,  # type: ignore[arg-type]
        prices=Flat(),
        app="playground",
        conversation="c1",
        now=clock.now,
        sleep=clock.sleep,
        **{"key": KEY, "chance": lambda: 0.0, "count": lambda text: len(text) // 4} | more,
    )


async def all_of(events: Any) -> list[Any]:
    return [event async for event in events]


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


async def test_a_retryable_failure_after_text_is_not_asked_again() -> None:
    gateway = Script([[Started("chat"), Delta("y"), Failed(BUSY)]])
    await all_of(turn(gateway, Book()))
    assert gateway.asked == 1


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


async def test_a_wait_that_can_just_be_sat_through_is_waited_for() -> None:
    clock = Clock()
    await all_of(turn(Script([[Failed(replace(BUSY, wait=PATIENCE))], [Finished()]]), Book(), clock))
    assert clock.slept == [PATIENCE]


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


async def test_what_waiting_cures_is_waited_for_visibly_and_asked_again() -> None:
    gateway = Script(
        [[Failed(BUSY)], [Failed(OVERLOADED)], [Started("chat"), Delta("a"), Reported(BILLED), Finished()]]
    )
    book, clock = Book(), Clock()
    events = await all_of(turn(gateway, book, clock))
    assert events[:2] == [Waiting(3.0, 1, BUSY), Waiting(1.0, 2, OVERLOADED)]
    assert clock.slept == [3.0, 1.0]
    assert [(entry.outcome, entry.error) for entry in book.entries] == [
        (Outcome.FAILED, "rate-limited"),
        (Outcome.FAILED, "overloaded"),
        (Outcome.FINISHED, None),
    ]
    assert len({entry.id for entry in book.entries}) == 3


async def test_waiting_ends_after_so_many_attempts() -> None:
    gateway, book, clock = Script([[Failed(OVERLOADED)]] * 9), Book(), Clock()
    events = await all_of(turn(gateway, book, clock, retries=3))
    assert [type(event) for event in events] == [Waiting, Waiting, Waiting, Failed, Booked]
    assert clock.slept == [0.5, 1.0, 2.0]
    assert gateway.asked == 4


async def test_chance_shortens_a_wait_by_a_quarter_at_most() -> None:
    clock = Clock()
    await all_of(turn(Script([[Failed(OVERLOADED)]] * 2), Book(), clock, retries=1, chance=lambda: 1.0))
    assert clock.slept == [0.375]


async def test_a_wait_longer_than_anybody_would_sit_through_is_left_to_the_user() -> None:
    gateway = Script([[Failed(Trouble("rate-limited", "Too fast.", "Wait.", retry=True, wait=600.0))]])
    events = await all_of(turn(gateway, Book()))
    assert [type(event) for event in events] == [Failed, Booked]


async def test_stopping_while_waiting_leaves_the_one_refused_request_in_the_book() -> None:
    gateway, book = Script([[Failed(BUSY)], [Finished()]]), Book()
    events = turn(gateway, book)
    assert isinstance(await anext(events), Waiting)
    await events.aclose()
    assert [entry.outcome for entry in book.entries] == [Outcome.FAILED]
    assert gateway.asked == 1


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


CAP = Cap(Scope.MONTH, Decimal(10))


async def test_a_refused_turn_sends_nothing_and_books_nothing() -> None:
    gateway, book = Script([[Finished()]]), Book()
    holds = Holds(CapRefusal(CAP, Intent("i", START, "k1", None, None, Decimal(3)), Standing(CAP, Decimal(8))))
    (event,) = await all_of(turn(gateway, book, caps=[CAP], reservations=holds))
    assert isinstance(event, Failed)
    assert "$10.00" in event.trouble.title
    assert event.trouble.exit is Exit.CREDIT
    assert (gateway.asked, book.entries) == (0, [])


async def test_the_worst_case_is_reserved_under_the_id_of_the_entry() -> None:
    book, holds = Book(), Holds()
    await all_of(turn(Script([[Reported(BILLED), Finished()]]), book, caps=[CAP], reservations=holds))
    (intent,) = holds.held.values()
    # 17 tokens and a tenth, and 64 more: 82 of input; 1,000 of output at most.
    worst = Decimal("0.010082")
    # The clock had told the turn's own time a second before.
    assert intent == Intent(book.entries[0].id, START + timedelta(seconds=2), "k1", "p1", "c1", worst, "gpt-6-luna")
    assert (holds.caps, holds.released) == ((CAP,), [])


async def test_without_caps_nothing_is_reserved_and_nothing_given_back() -> None:
    holds = Holds()
    await all_of(turn(Script([[Finished()]]), Book(), reservations=holds))
    assert (holds.held, holds.released) == ({}, [])


async def test_a_soft_cap_warns_before_anything_is_sent() -> None:
    standing = Standing(CAP, Decimal(9))
    holds = Holds(Granted((standing,)))
    events = await all_of(turn(Script([[Finished()]]), Book(), caps=[CAP], reservations=holds))
    assert events[0] == CapWarned(standing)


async def test_a_turn_stopped_while_waiting_gives_its_reservation_back() -> None:
    holds = Holds()
    events = turn(Script([[Failed(BUSY)]]), Book(), caps=[CAP], reservations=holds)
    await anext(events)
    await events.aclose()
    assert holds.held == {}


async def test_a_turn_given_up_while_it_reserves_leaves_no_reservation() -> None:
    holds, reached, go_on = Holds(), asyncio.Event(), asyncio.Event()
    late: list[asyncio.Task[None]] = []

    async def delayed(work: Callable[[], Any]) -> Any:
        async def later() -> None:
            await go_on.wait()
            work()

        late.append(asyncio.create_task(later()))
        reached.set()
        await asyncio.shield(late[0])

    task = asyncio.create_task(
        all_of(turn(Script([[Finished()]]), Book(), caps=[CAP], reservations=holds, background=delayed))
    )
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await late[0]
    assert holds.held == {}


async def test_caps_without_reservations_are_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="reservations"):
        await all_of(turn(Script([[Finished()]]), Book(), caps=[CAP]))


def test_the_worst_case_goes_by_the_limit_that_the_user_set() -> None:
    question = Question("gpt-6-luna", QUESTION.messages, parameters=Parameters(max_output=50))
    worst = worst_case(question, prices=Flat(), count=lambda text: 10, at=START, base_url="")
    assert worst == Decimal("0.000582")


def test_the_worst_case_without_an_encoder_takes_a_token_for_every_byte() -> None:
    question = Question("gpt-6-luna", (ChatMessage("user", "語" * 100),), parameters=Parameters(max_output=0))
    worst = worst_case(question, prices=Flat(), count=lambda text: None, at=START, base_url="")
    # 300 bytes and 7 of format, a tenth more, and 64; and the longest answer, for none was set.
    assert worst == Decimal("0.000401") + Decimal("0.01")


async def test_an_entry_can_be_priced_anew_and_keeps_its_own_price() -> None:
    book = Book()
    await all_of(turn(Script([[Reported(BILLED), Finished()]]), book))
    entry = book.entries[0]
    assert repriced(entry, Flat(), START) == entry.cost
    await all_of(turn(Script([[Reported(BILLED, cost_usd="7"), Finished()]]), book))
    assert repriced(book.entries[1], Flat(), START) is None


def test_ids_are_in_the_order_of_time() -> None:
    ids = [new_id(START + timedelta(milliseconds=n)) for n in range(50)]
    assert ids == sorted(ids)


def test_nothing_heard_means_nothing_began() -> None:
    assert not Heard(START).began


async def test_what_goes_out_is_noted_first_and_again_after_a_wait() -> None:
    book = Book()
    busy = Failed(explain("overloaded"))
    await all_of(turn(Script([[busy], [Started("chat"), Reported(BILLED), Finished()]]), book))
    [first, again] = book.noted
    assert first.id == again.id == book.entries[-1].id
    assert (first.outcome, first.usage.mark, first.usage.output) == (Outcome.CUT, Mark.ESTIMATED, 0)
    assert (first.error, first.base_url) == ("killed", "https://api.openai.com/v1")
    assert first.usage.input > 0
    assert first.cost is not None
    assert [entry.id for entry in book.entries] == [f"{first.id}.1", first.id]
