"""A turn under caps: refused, warned of, reserved for, and given back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.caps import Cap, CapRefusal, Granted, Intent, Scope, Standing
from keytui.domain.chat import (
    Failed,
    Finished,
    Reported,
)
from keytui.domain.troubles import Exit
from keytui.domain.turn import CapWarned
from tests.domain.turns import BILLED, BUSY, START, Book, Holds, Script, all_of, turn

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
