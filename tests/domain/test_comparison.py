from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from keytui.adapters.prices import Prices
from keytui.domain.comparison import Alternative, alternative, at_tier, elsewhere
from keytui.domain.ledger import Spend
from keytui.domain.usage import Usage

OPENAI = "https://api.openai.com/v1"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PRICES = Prices()

MONTH = [
    Spend("gpt-6-sol", requests=40, input=400_000, cached=100_000, output=50_000, cost=Decimal("1.12")),
    Spend("gpt-6-luna", requests=10, input=10_000, written=2_000, output=5_000, cost=Decimal("0.00355")),
]


def test_the_same_month_on_another_model() -> None:
    # gpt-6-luna: 308,000 x 0.10, 100,000 x 0.01, 2,000 x 0.125 and 55,000 x 0.50 per million; no step for long input,
    # for no single request was long.
    found = alternative(MONTH, PRICES, model="gpt-6-luna", tier=None, at=NOW, base_url=OPENAI)
    assert found is not None
    assert found.cost == Decimal("0.05955")
    assert found.difference == Decimal("0.05955") - Decimal("1.12355")


def test_the_same_month_at_another_tier() -> None:
    found = at_tier(MONTH, PRICES, tier="batch", at=NOW, base_url=OPENAI)
    assert found is not None
    assert found.cost == Decimal("1.12355") / 2
    assert found.difference < 0


def test_the_same_month_on_the_same_model_is_what_it_was() -> None:
    for spend in MONTH:
        found = alternative([spend], PRICES, model=spend.label, tier=None, at=NOW, base_url=OPENAI)
        assert found is not None
        assert found.difference == 0


def test_a_model_that_is_not_sold_at_the_tier_stays_where_it_is() -> None:
    pro = Spend("gpt-5-pro", requests=1, input=1000, cost=Decimal("0.015"))
    found = at_tier([pro], PRICES, tier="fast", at=NOW, base_url=OPENAI)
    assert found is not None
    assert found.difference == 0


def test_without_a_price_nothing_is_said() -> None:
    odd = [Spend("llama", requests=1, input=10)]
    assert alternative(MONTH, PRICES, model="llama", tier=None, at=NOW, base_url=OPENAI) is None
    assert alternative(MONTH, PRICES, model="gpt-6-luna", tier="scale", at=NOW, base_url=OPENAI) is None
    assert at_tier(odd, PRICES, tier=None, at=NOW, base_url=OPENAI) is None


def test_rates_are_asked_below_the_step_for_long_requests() -> None:
    huge = [Spend("gpt-6-luna", requests=1000, input=10_000_000, cost=Decimal(1))]
    found = alternative(huge, PRICES, model="gpt-6-luna", tier=None, at=NOW, base_url=OPENAI)
    assert found is not None
    assert found.cost == 1
    step = PRICES.cost("gpt-6-luna", Usage(input=10_000_000), tier=None, at=NOW, base_url=OPENAI)
    assert step is not None
    assert step.total == 2


def compared(spends: list[Spend]) -> list[tuple[str, str | None, Decimal]]:
    models = ("gpt-6-sol", "gpt-6-luna", "llama", "gpt-6-luna")
    found = elsewhere(spends, PRICES, models=models, tiers=("batch", "scale"), at=NOW, base_url=OPENAI)
    return [(one.model, one.tier, one.difference) for one in found]


def test_elsewhere_the_cheapest_comes_first_and_what_would_change_nothing_is_left_out() -> None:
    paid = Decimal("1.12355")
    both = compared(MONTH)
    assert [(model, tier) for model, tier, _ in both] == [("gpt-6-luna", None), ("", "batch"), ("gpt-6-sol", None)]
    assert both[0][2] == Decimal("0.05955") - paid
    assert both[1][2] == -paid / 2
    # On its own model a month is what it was, and nobody sells it at a tier without a list price.
    assert [(model, tier) for model, tier, _ in compared(MONTH[:1])] == [("gpt-6-luna", None), ("", "batch")]
    assert compared([]) == []
    # A price that has changed since is not another model.
    assert "gpt-6-luna" not in [model for model, *_ in compared([replace(MONTH[1], cost=Decimal(1))])]


def test_an_alternative_says_what_it_is() -> None:
    one = [Spend("gpt-6-luna", requests=1, input=1_000_000, cached=1_000_000, cost=Decimal("0.01"))]
    assert alternative(one, PRICES, model="gpt-6-luna", tier="batch", at=NOW, base_url=OPENAI) == Alternative(
        "gpt-6-luna", "batch", Decimal("0.005"), Decimal("-0.005")
    )
    assert at_tier(one, PRICES, tier="batch", at=NOW, base_url=OPENAI) == Alternative(
        "", "batch", Decimal("0.005"), Decimal("-0.005")
    )
