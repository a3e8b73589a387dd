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
    assert (result.expected, result.low, result.high) == (30, 30, 30)


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


@pytest.mark.parametrize(
    ("seen", "nine_of_ten"),
    [(3, "1.886"), (4, "1.638"), (5, "1.533"), (6, "1.476"), (7, "1.440"), (8, "1.415"), (9, "1.383"), (10, "1.383"),
     (11, "1.345"), (13, "1.345")],
)  # fmt: skip
def test_few_days_are_one_mean_whose_error_is_the_same_on_every_day_ahead(seen: int, nine_of_ten: str) -> None:
    result = forecast(daily(["2"] * (seen - 2) + ["1", "3"]), TODAY)
    assert result is not None
    spread = Decimal(2) / (seen - 1)
    reach = (15 * spread + 15 * 15 * spread / seen).sqrt() * Decimal(nine_of_ten)
    assert result.expected == 2 * seen + 30
    assert result.high == (result.expected + reach).quantize(Decimal("0.000001"))
    assert result.low == max(result.expected - reach, Decimal(2 * seen)).quantize(Decimal("0.000001"))


@pytest.mark.parametrize(("seen", "nine_of_ten"), [(14, "1.345"), (15, "1.345"), (16, "1.31")])
def test_from_two_weeks_on_the_doubts_of_working_days_and_weekends_add_up(seen: int, nine_of_ten: str) -> None:
    # Eleven working days and four days of weekend lie ahead.
    days = {TODAY - timedelta(days=n): Decimal(5) for n in range(1, seen + 1)}
    days |= {date(2026, 11, 9): Decimal(4), date(2026, 11, 10): Decimal(6), date(2026, 11, 7): Decimal(8)}
    working = [amount for day, amount in days.items() if day.weekday() < 5]
    weekend = [amount for day, amount in days.items() if day.weekday() >= 5]
    work = Decimal(2) / (len(working) - 1)
    rest = Decimal(9) / len(weekend)
    variance = 11 * work + 121 * work / len(working) + 4 * rest + 16 * rest / len(weekend)
    result = forecast(days, TODAY)
    assert result is not None
    assert abs(result.high - result.expected - variance.sqrt() * Decimal(nine_of_ten)) < Decimal("0.000002")


@pytest.mark.parametrize(("today", "expected"), [("0", "60"), ("1", "60"), ("2", "60"), ("3", "61")])
def test_of_today_only_what_an_ordinary_day_would_still_bring_is_expected(today: str, expected: str) -> None:
    result = forecast(daily(["2"] * 15) | {TODAY: Decimal(today)}, TODAY)
    assert result is not None
    assert result.expected == Decimal(expected)


def test_a_weekend_that_never_costs_anything_expects_nothing_of_itself() -> None:
    saturday = date(2026, 11, 28)
    result = forecast(daily(["1", "1", "1", "1", "1", "0", "0"] * 3, date(2026, 11, 23)), saturday)
    assert result is not None
    # Fifteen of the twenty working days behind cost a dollar each; the 29th is a Sunday.
    assert result.ahead == {date(2026, 11, 29): 0, date(2026, 11, 30): Decimal("0.75")}


def test_days_without_spend_between_others_count_as_days() -> None:
    result = forecast({date(2026, 11, 12): Decimal(2), date(2026, 11, 15): Decimal(2)}, TODAY)
    assert result is not None
    assert result.expected == 4 + 15


def test_on_the_first_of_a_month_nothing_is_spent_and_no_month_is_below_nothing() -> None:
    first = date(2026, 12, 1)
    result = forecast(daily(["9", "0", "0"], first), first)
    assert result is not None
    assert result.low == 0
