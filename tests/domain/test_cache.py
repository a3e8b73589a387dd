"""What the next request may expect of the platform's cache."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.cache import LIFE, OLDER_LIFE, CachePrice, Outlook, State, cache_price, left_in_words, outlook
from keytui.domain.conversations import StoredMessage
from keytui.domain.pricing import Cost
from keytui.domain.thread import Thread
from keytui.domain.usage import Usage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def thread(tokens: int, *, model: str = "gpt-6-luna", written: int = 0, ago: timedelta = timedelta(0)) -> Thread:
    answer = StoredMessage(
        "a", "assistant", "yes", NOW - ago, model=model, usage=Usage(input=tokens, output=9, written=written)
    )
    return Thread.new("c", NOW).with_message(StoredMessage("q", "user", "is it?", NOW - ago)).with_message(answer)


@pytest.mark.parametrize(
    ("before", "state", "cached"),
    [
        (Thread.new("c", NOW), State.NEW, 0),
        (thread(1_023), State.SHORT, 0),
        (thread(1_024), State.WARM, 1_024),
        (thread(1_030, written=1_027), State.WARM, 1_027),
        (thread(2_000, model="gpt-6-sol"), State.OTHER, 0),
        (thread(2_000, ago=LIFE), State.WARM, 2_000),
        (thread(2_000, ago=LIFE + timedelta(seconds=1)), State.OVER, 0),
    ],
)
def test_what_was_sent_before_decides(before: Thread, state: State, cached: int) -> None:
    expected = outlook(before, "gpt-6-luna", NOW)
    assert (expected.state, expected.cached) == (state, cached)


def test_older_models_have_steps_and_a_shorter_life() -> None:
    expected = outlook(thread(1_300, model="gpt-4.1"), "gpt-4.1", NOW)
    assert expected.cached == 1_280
    assert expected.until == NOW + OLDER_LIFE


def test_an_edit_of_an_earlier_message_loses_what_the_branch_had_in_the_cache() -> None:
    whole = thread(5_000)
    edited = Thread(whole.head, (), whole.messages[-1])
    expected = outlook(edited, "gpt-6-luna", NOW)
    assert (expected.state, expected.cached, expected.lost) == (State.NEW, 0, 5_000)
    assert outlook(edited, "gpt-6-luna", NOW + LIFE + timedelta(1)).lost == 0


def test_an_edit_loses_only_what_the_new_branch_has_not() -> None:
    whole = thread(5_000)
    expected = outlook(Thread(whole.head, thread(2_000).messages, whole.messages[-1]), "gpt-6-luna", NOW)
    assert (expected.cached, expected.lost) == (2_000, 3_000)


def test_an_answer_whose_usage_nobody_said_leaves_the_one_before_it_to_decide() -> None:
    stopped = StoredMessage("s", "assistant", "ye", NOW, model="gpt-6-luna")
    assert outlook(thread(2_000).with_message(stopped), "gpt-6-luna", NOW).cached == 2_000


def price(usage: Usage) -> Cost:
    """One, a tenth and one and a quarter USD a token, as newer models have it."""
    plain = usage.input - usage.cached - usage.written
    return Cost(
        Decimal(plain),
        Decimal(usage.cached) / 10,
        Decimal(usage.written) * Decimal("1.25"),
        Decimal(0),
        "standard",
        date(2026, 11, 1),
        "test",
    )


def test_what_it_costs_and_when_it_pays() -> None:
    whole = thread(5_000)
    edited = outlook(Thread(whole.head, (), whole.messages[-1]), "gpt-6-luna", NOW)
    money = cache_price(2_000, edited, price)
    assert money.lost == 4_500
    assert money.surcharge == 500
    assert money.reads == 1
    assert cache_price(1_000, edited, price).surcharge is None
    assert cache_price(2_000, edited, lambda usage: None) == CachePrice()


def test_the_threshold_counts_the_whole_request_and_only_what_is_new_is_written() -> None:
    warm = outlook(thread(1_024), "gpt-6-luna", NOW)
    assert cache_price(1_024, warm, price) == CachePrice()
    assert cache_price(1_025, warm, price) == CachePrice(surcharge=Decimal("0.25"), reads=1)
    assert cache_price(1_023, Outlook(State.NEW), price) == CachePrice()
    assert cache_price(1_024, Outlook(State.NEW), price) == CachePrice(surcharge=Decimal(256), reads=1)


@pytest.mark.parametrize("unknown", ["cached", "written", "plain"])
def test_one_unknown_price_leaves_no_figure_that_needs_it(unknown: str) -> None:
    def partly(usage: Usage) -> Cost | None:
        kind = "cached" if usage.cached else "written" if usage.written else "plain"
        return None if kind == unknown else price(usage)

    money = cache_price(2_000, Outlook(State.NEW, lost=100), partly)
    assert money == CachePrice(lost=Decimal(90) if unknown == "written" else None)


def test_what_costs_nothing_more_to_write_is_not_said_to_pay_off() -> None:
    def flat(usage: Usage) -> Cost:
        return price(Usage(input=usage.input, cached=usage.cached))

    def no_gain(usage: Usage) -> Cost:
        return price(Usage(input=usage.input, written=usage.written))

    assert cache_price(2_000, Outlook(State.NEW), flat) == CachePrice(surcharge=Decimal(0))
    assert cache_price(2_000, Outlook(State.NEW), no_gain) == CachePrice(surcharge=Decimal(500))


def test_where_readings_save_less_than_a_dollar_they_pay_off_all_the_same() -> None:
    def small(usage: Usage) -> Cost:
        whole = price(usage)
        return replace(whole, input=whole.input / 10**4, cached=whole.cached / 10**4, written=whole.written / 10**4)

    assert cache_price(2_000, Outlook(State.NEW), small) == CachePrice(surcharge=Decimal("0.05"), reads=1)


@pytest.mark.parametrize(
    ("seconds", "words", "wait"),
    [
        (-1, "run out", 0),
        (0, "run out", 0),
        (0.5, "10 s left", 0.5),
        (10, "10 s left", 10),
        (12, "20 s left", 2),
        (60, "60 s left", 10),
        (61, "1 min left", 1),
        (120, "1 min left", 60),
        (121, "2 min left", 1),
    ],
)
def test_a_life_in_words(seconds: float, words: str, wait: float) -> None:
    assert left_in_words(NOW + timedelta(seconds=seconds), NOW) == (words, wait)


@given(st.floats(0.1, 4_000))
def test_the_clock_says_the_same_until_it_says_that_it_will_not(seconds: float) -> None:
    until = NOW + timedelta(seconds=seconds)
    words, wait = left_in_words(until, NOW)
    assert left_in_words(until, NOW + timedelta(seconds=wait * 0.99))[0] == words
    assert left_in_words(until, NOW + timedelta(seconds=wait + 0.01))[0] != words
    assert wait >= min(seconds, 0.000_1)
