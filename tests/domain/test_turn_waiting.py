"""What waiting may cure is waited for, visibly, and asked again; nothing else is."""

from __future__ import annotations

from dataclasses import replace

from keytui.domain.chat import (
    Delta,
    Failed,
    Finished,
    Reported,
    Started,
    Waiting,
)
from keytui.domain.ledger import Outcome
from keytui.domain.troubles import Trouble, explain
from keytui.domain.turn import PATIENCE, Booked
from keytui.domain.usage import Mark
from tests.domain.turns import BILLED, BUSY, OVERLOADED, Book, Clock, Script, all_of, turn


async def test_a_retryable_failure_after_text_is_not_asked_again() -> None:
    gateway = Script([[Started("chat"), Delta("y"), Failed(BUSY)]])
    await all_of(turn(gateway, Book()))
    assert gateway.asked == 1


async def test_a_wait_that_can_just_be_sat_through_is_waited_for() -> None:
    clock = Clock()
    await all_of(turn(Script([[Failed(replace(BUSY, wait=PATIENCE))], [Finished()]]), Book(), clock))
    assert clock.slept == [PATIENCE]


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
