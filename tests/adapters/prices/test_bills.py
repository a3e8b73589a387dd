"""Every known bill comes out to the last decimal."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from keytui.adapters.prices import Prices
from keytui.domain.usage import Usage
from tests.adapters.prices.known_bills import BILLS, OPENAI, Bill

PRICES = Prices()


def test_there_are_at_least_sixty_known_bills() -> None:
    assert len(BILLS) >= 60


@pytest.mark.parametrize("bill", BILLS, ids=lambda bill: f"{bill.model} {bill.tier or ''} {bill.title}")
def test_a_known_bill_is_reproduced_to_the_last_decimal(bill: Bill) -> None:
    at = datetime.fromisoformat(f"{bill.day}T12:00:00+00:00")
    cost = PRICES.cost(bill.model, bill.usage, tier=bill.tier, at=at, base_url=OPENAI, regional=bill.regional)
    assert cost is not None
    assert cost.total == Decimal(bill.usd)
    assert cost.input + cost.cached + cost.written + cost.output == cost.total


@pytest.mark.parametrize("bill", BILLS, ids=lambda bill: f"{bill.model} {bill.tier or ''} {bill.title}")
def test_the_working_of_a_bill_adds_up(bill: Bill) -> None:
    terms = [term.split("*") for term in bill.sum.split("+")]
    worked = sum(Fraction(tokens.strip()) * Fraction(rate.strip()) for tokens, rate in terms)
    assert worked / 1_000_000 == Fraction(bill.usd)


def test_the_day_is_the_one_in_utc() -> None:
    # Two in the morning of the 21st in Kathmandu is still the 20th in UTC, when the higher price held.
    at = datetime.fromisoformat("2026-08-21T02:00:00+05:45")
    cost = PRICES.cost("gpt-5.6-sol", Usage(input=1000), tier=None, at=at, base_url=OPENAI)
    assert cost is not None
    assert cost.total == Decimal("0.005")
