"""What a habit costs in a month, and the smallest plan that fits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from keytui.domain.keys import OPENAI_BASE_URL
from keytui.domain.pricing import PriceBook
from keytui.domain.usage import Usage

DAYS = 30

COMPARED = ("gpt-6-luna", "gpt-6-sol", "gpt-6-astra")
"""A small, a middle and a large model, cheapest first: what advice compares."""

STEPS = tuple(map(Decimal, (5, 10, 20, 50, 100, 200, 500, 1000)))
"""Caps that are proposed, USD a month."""

ROOM = Decimal("1.5")
"""How much more than the forecast a proposed cap leaves: months differ."""


@dataclass(frozen=True, slots=True)
class MonthCost:
    """What one model would cost in a month; None when its price is unknown."""

    model: str
    amount: Decimal | None


def month_costs(
    *,
    messages_a_day: int,
    tokens_in: int,
    tokens_out: int,
    prices: PriceBook,
    now: datetime,
    models: Sequence[str] = COMPARED,
    tier: str | None = None,
    base_url: str = OPENAI_BASE_URL,
) -> tuple[MonthCost, ...]:
    """The cost of 30 such days on each model, every message sent on its own and nothing cached."""
    usage = Usage(input=tokens_in, output=tokens_out)
    costs = []
    for model in models:
        each = prices.cost(model, usage, tier=tier, at=now, base_url=base_url)
        costs.append(MonthCost(model, None if each is None else each.total * messages_a_day * DAYS))
    return tuple(costs)


def fitting_cap(month: Decimal | None) -> Decimal:
    """The smallest proposed cap that leaves room above a month's forecast; the smallest of all when it is unknown."""
    wanted = (month or Decimal(0)) * ROOM
    return next((step for step in STEPS if step >= wanted), STEPS[-1])


def alert_below(cap: Decimal) -> Decimal:
    """Where an alert makes sense: at four fifths of the cap, in whole dollars where it has them."""
    alert = cap * Decimal("0.8")
    return alert.to_integral_value() if alert >= 1 else alert
