"""What the same requests would have cost on another model, or at another tier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from keytui.domain.ledger import Spend
from keytui.domain.pricing import ZERO, PriceBook
from keytui.domain.usage import Usage

_SAMPLE = 1_000
"""Tokens that a rate is asked with: few enough to stay below every step for long requests."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """The same tokens elsewhere. An estimate: models cut texts, think and cache in their own ways."""

    model: str
    tier: str | None
    cost: Decimal
    """USD for the requests that had tokens; the step for long requests is not applied."""
    difference: Decimal
    """USD against what was paid; negative is cheaper."""


def alternative(
    spends: Sequence[Spend], prices: PriceBook, *, model: str, tier: str | None, at: datetime, base_url: str
) -> Alternative | None:
    """What all the spends together would have cost on one model at one tier, or None when that has no known price."""
    cost = ZERO
    for spend in spends:
        amount = _price(spend, prices, model, tier, at, base_url)
        if amount is None:
            return None
        cost += amount
    return Alternative(model, tier, cost, cost - _paid(spends))


def at_tier(
    spends: Sequence[Spend], prices: PriceBook, *, tier: str | None, at: datetime, base_url: str
) -> Alternative | None:
    """What the spends (labelled with their models) would have cost, each on its own model, at one tier.

    Models that are not sold at that tier stay at the default one. None when a model has no known price at all.
    """
    cost = ZERO
    for spend in spends:
        amount = _price(spend, prices, spend.label, tier, at, base_url)
        if amount is None:
            amount = _price(spend, prices, spend.label, None, at, base_url)
        if amount is None:
            return None
        cost += amount
    return Alternative("", tier, cost, cost - _paid(spends))


def elsewhere(
    spends: Sequence[Spend],
    prices: PriceBook,
    *,
    models: Iterable[str],
    tiers: Iterable[str],
    at: datetime,
    base_url: str,
) -> tuple[Alternative, ...]:
    """What the spends (labelled with their models) would have cost on other models and at other tiers; cheapest first.

    What would change nothing and what has no known price is left out. Spends without a full price belong in neither
    side of a comparison: leave them out before.
    """
    if not spends:
        return ()
    used = {spend.label for spend in spends}
    found = [at_tier(spends, prices, tier=tier, at=at, base_url=base_url) for tier in tiers]
    for model in dict.fromkeys(models):
        if used != {model}:
            found.append(alternative(spends, prices, model=model, tier=None, at=at, base_url=base_url))
    return tuple(sorted((one for one in found if one and one.difference), key=lambda one: one.cost))


def _paid(spends: Sequence[Spend]) -> Decimal:
    return sum((spend.cost for spend in spends), ZERO)


def _price(
    spend: Spend, prices: PriceBook, model: str, tier: str | None, at: datetime, base_url: str
) -> Decimal | None:
    """The tokens of a spend at the rates of a model, each class by itself."""
    plain = max(spend.input - spend.cached - spend.written, 0)
    amounts = (
        (plain, Usage(input=_SAMPLE)),
        (spend.cached, Usage(input=_SAMPLE, cached=_SAMPLE)),
        (spend.written, Usage(input=_SAMPLE, written=_SAMPLE)),
        (spend.output, Usage(output=_SAMPLE)),
    )
    total = ZERO
    for tokens, sample in amounts:
        price = prices.cost(model, sample, tier=tier, at=at, base_url=base_url)
        if price is None:
            return None
        total += price.total * tokens / _SAMPLE
    return total
