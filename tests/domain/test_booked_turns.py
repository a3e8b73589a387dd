"""What a turn may cost at most, the id it is booked under, and pricing it anew."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from keytui.domain.booking import Heard, new_id, repriced, worst_case
from keytui.domain.chat import (
    Finished,
    Reported,
)
from keytui.domain.question import ChatMessage, Parameters, Question
from tests.domain.turns import BILLED, QUESTION, START, Book, Flat, Script, all_of, turn


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
