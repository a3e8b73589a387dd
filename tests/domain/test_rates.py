"""Rates of a million tokens, and what they make of a usage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from keytui.domain.pricing import Cost
from keytui.domain.rates import Rates
from keytui.domain.usage import Usage

RATES = Rates(*map(Decimal, ("1", "0.1", "1.25", "2", "10")))


@pytest.mark.parametrize(
    ("usage", "millionths", "saved"),
    [
        (Usage(), (0, 0, 0, 0), 0),
        (Usage(input=100, output=7), (100, 0, 0, 70), 0),
        (Usage(input=100, cached=60), (40, 6, 0, 0), 54),
        (Usage(input=100, written=40), (60, 0, 50, 0), -10),
        (Usage(input=100, written=40, written_12h=10), (60, 0, "57.5", 0), "-17.5"),
        (Usage(input=100, cached=20, written=40, output=1, reasoning=1), (40, 2, 50, 10), 8),
        # What does not add up never makes a cost negative.
        (Usage(input=10, cached=20), (0, 2, 0, 0), 18),
        (Usage(input=10, written=5, written_12h=9), (5, 0, 10, 0), -5),
        (Usage(input=-1, output=-1, cached=-1, written=-1, written_12h=-1), (0, 0, 0, 0), 0),
    ],
)
def test_each_class_of_tokens_has_its_rate(usage: Usage, millionths: tuple[int | str, ...], saved: int | str) -> None:
    parts = [Decimal(part).scaleb(-6) for part in millionths]
    found = RATES.cost(usage, tier="flex", as_of=date(2026, 11, 1), source="test", note="As it is.")
    assert found == Cost(*parts, "flex", date(2026, 11, 1), "test", "As it is.", saved=Decimal(saved).scaleb(-6))
    assert found.total == sum(parts)


def test_a_tier_multiplies_all_rates_and_a_long_input_those_of_input_by_one_and_of_output_by_another() -> None:
    assert RATES.times(Decimal(2)) == Rates(*map(Decimal, ("2", "0.2", "2.5", "4", "20")))
    assert RATES.for_long_input(Decimal(2), Decimal("1.5")) == Rates(*map(Decimal, ("2", "0.2", "2.5", "4", "15")))
