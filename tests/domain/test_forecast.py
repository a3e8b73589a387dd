from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.forecast import forecast

TODAY = date(2026, 11, 16)
"""A Monday; 15 days of November lie ahead, today among them."""


def daily(amounts: list[str], until: date = TODAY) -> dict[date, Decimal]:
    """Amounts of the days before ``until``, the last one yesterday's."""
    return {until - timedelta(days=len(amounts) - n): Decimal(amount) for n, amount in enumerate(amounts)}


def test_even_days_give_a_forecast_without_doubt() -> None:
    result = forecast(daily(["1"] * 15), TODAY)
    assert result is not None
    assert (result.expected, result.low, result.high, result.days_seen) == (30, 30, 30, 15)


def test_uneven_days_give_a_range_around_the_same_middle() -> None:
    result = forecast(daily(["0.5", "1.5"] * 6, TODAY), TODAY)
    assert result is not None
    assert result.expected == 27
    assert 12 <= result.low < result.expected < result.high


def test_more_doubt_gives_a_wider_range() -> None:
    calm, wild = forecast(daily(["0.9", "1.1"] * 6), TODAY), forecast(daily(["0", "2"] * 6), TODAY)
    assert calm is not None
    assert wild is not None
    assert wild.high - wild.low > 2 * (calm.high - calm.low)


def test_few_days_give_a_wider_range_than_many_alike() -> None:
    few, many = forecast(daily(["0.5", "1.5"] * 2), TODAY), forecast(daily(["0.5", "1.5"] * 6), TODAY)
    assert few is not None
    assert many is not None
    assert few.high - few.expected > many.high - many.expected


@pytest.mark.parametrize("amounts", [[], ["1"], ["1", "2"], ["0", "0", "0", "0"]])
def test_too_early_to_say(amounts: list[str]) -> None:
    assert forecast(daily(amounts), TODAY) is None


def test_what_today_has_brought_already_is_not_expected_again() -> None:
    days = daily(["1"] * 12)
    half, full, more = (forecast(days | {TODAY: Decimal(today)}, TODAY) for today in ("0.5", "1", "3"))
    assert half is not None
    assert full is not None
    assert more is not None
    assert half.expected == full.expected == 27
    assert more.expected == 29


def test_weekends_are_told_apart_after_two_weeks() -> None:
    days = {date(2026, 11, 1) + timedelta(days=n): Decimal(1) for n in range(15)}
    free = {day: Decimal(0) if day.weekday() >= 5 else amount for day, amount in days.items()}
    result = forecast(free, TODAY)
    assert result is not None
    # Eleven working days and four days of weekend lie ahead; ten working days lie behind, since the first spend.
    assert result.expected == 21


def test_days_of_last_month_are_learnt_from_but_not_counted() -> None:
    result = forecast(daily(["1"] * 20, date(2026, 12, 1)), date(2026, 12, 1))
    assert result is not None
    assert result.expected == 31


def test_habits_of_long_ago_do_not_count() -> None:
    old = {TODAY - timedelta(days=200): Decimal(1000)}
    result = forecast(old | daily(["1"] * 56), TODAY)
    assert result is not None
    assert result.expected == 30


amounts = st.lists(st.decimals(0, 1000, places=6), max_size=70)


@given(amounts=amounts, day=st.integers(1, 30))
def test_the_range_holds_the_middle_and_what_is_spent(amounts: list[Decimal], day: int) -> None:
    today = date(2026, 11, day)
    days = {today - timedelta(days=n): amount for n, amount in enumerate(amounts)}
    result = forecast(days, today)
    if result is not None:
        spent = sum(amount for when, amount in days.items() if when.month == 11)
        assert spent <= result.low <= result.expected <= result.high


def test_each_day_ahead_has_its_share_and_none_lies_in_another_month() -> None:
    week = ["1", "1", "1", "1", "1", "0", "0"]
    result = forecast(daily(week * 3), TODAY)
    assert result is not None
    assert set(result.ahead) == {date(2026, 11, day) for day in range(17, 31)}
    assert {result.ahead[day] for day in result.ahead if day.weekday() >= 5} == {0}
    assert {result.ahead[day] for day in result.ahead if day.weekday() < 5} == {1}
