"""What a month will probably have cost: a middle and a range, from how much the days before differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from keytui.domain.pricing import ZERO

MEMORY = 56
"""Days before today that are looked at: eight weeks, so that habits of long ago do not count."""

FEWEST = 3
"""Whole days that must lie behind; from fewer nothing can be said."""

APART = 14
"""Whole days from which on working days and weekends are told apart; two weeks have four days of weekend or more."""

_NINE_OF_TEN = {3: "1.886", 4: "1.638", 5: "1.533", 6: "1.476", 7: "1.440", 8: "1.415", 10: "1.383", 15: "1.345"}
"""By so many days seen or fewer: Student's t below which nine of ten cases lie (days less one degrees of freedom)."""
_NINE_OF_TEN_OF_MANY = "1.31"

_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Forecast:
    """The whole month in USD. In eight of ten months like the past weeks the sum lies between ``low`` and ``high``."""

    expected: Decimal
    low: Decimal
    """Never below what is spent already."""
    high: Decimal
    ahead: Mapping[date, Decimal] = field(default_factory=dict)
    """What each day after today will bring on average, to the end of the month."""


def forecast(days: Mapping[date, Decimal], today: date) -> Forecast | None:
    """The forecast of this month, from the spend of local days (a day that is missing had none).

    Working days and weekends are told apart once there are two weeks to learn from. None while fewer than ``FEWEST``
    whole days lie behind since the first spend.
    """
    spent = sum((amount for day, amount in days.items() if (day.year, day.month) == (today.year, today.month)), ZERO)
    seen = _whole_days(days, today)
    if len(seen) < FEWEST:
        return None
    kind_of = _kind if len(seen) >= APART else _any_day
    middle = variance = ZERO
    means: dict[str, Decimal] = {}
    for kind, number in Counter(map(kind_of, (today, *_days_left(today)))).items():
        alike = [amount for day, amount in seen if kind_of(day) == kind]
        mean, spread = _mean_and_variance(alike)
        means[kind] = mean.quantize(_STEP)
        ahead = Decimal(number)
        if kind == kind_of(today):
            # Today is not over: what it has brought is in ``spent``, the rest of an ordinary day is still to come.
            ahead -= min(days.get(today, ZERO) / mean, Decimal(1)) if mean else 0
        middle += ahead * mean
        # The days ahead vary, and the mean itself is known from few days only.
        variance += ahead * spread + ahead * ahead * spread / len(alike)
    reach = variance.sqrt() * _reach(len(seen))
    expected = spent + middle
    return Forecast(
        expected.quantize(_STEP),
        low=max(expected - reach, spent).quantize(_STEP),
        high=(expected + reach).quantize(_STEP),
        ahead={day: means[kind_of(day)] for day in _days_left(today)},
    )


def _whole_days(days: Mapping[date, Decimal], today: date) -> list[tuple[date, Decimal]]:
    """The days before today since the first spend, at most ``MEMORY``, those without spend among them."""
    first = min((day for day, amount in days.items() if amount), default=today)
    first = max(first, today - timedelta(days=MEMORY))
    return [(day, days.get(day, ZERO)) for day in (first + timedelta(n) for n in range((today - first).days))]


def _days_left(today: date) -> list[date]:
    """The days of the month after today."""
    later = (today + timedelta(days=number) for number in range(1, 31))
    return [day for day in later if (day.year, day.month) == (today.year, today.month)]


def _kind(day: date) -> str:
    return "weekend" if day.weekday() >= 5 else "working day"


def _any_day(day: date) -> str:
    """One kind for all: their mean is then one figure, whose error is the same on every day ahead."""
    return "any day"


def _mean_and_variance(amounts: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    mean = sum(amounts, ZERO) / len(amounts)
    return mean, sum(((amount - mean) ** 2 for amount in amounts), ZERO) / (len(amounts) - 1)


def _reach(seen: int) -> Decimal:
    return Decimal(next((t for most, t in _NINE_OF_TEN.items() if seen <= most), _NINE_OF_TEN_OF_MANY))
