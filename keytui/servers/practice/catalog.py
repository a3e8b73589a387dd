"""The models that the practice service serves, and what they cost. The facts are in ``models.json``, dated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from keytui.domain.pricing import ZERO, Cost
from keytui.domain.usage import Usage

MILLION = Decimal(1_000_000)
WRITE_12H = Decimal("2.5")
"""What an entry kept for twelve hours costs, as a multiple of the input price (openai-facts 3.5)."""


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per 1,000,000 tokens. ``written`` is None where writing to the cache costs nothing extra."""

    input: Decimal
    cached: Decimal
    output: Decimal
    written: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TierPrice:
    """The rates of one service tier; ``long`` are those of requests beyond the model's long-context step."""

    rates: Rates
    long: Rates | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model: what it takes, what it allows and what it costs."""

    id: str
    kind: str
    """``chat`` or ``embedding``."""
    created: int
    context: int
    max_input: int
    max_output: int
    shutdown_date: str | None
    efforts: tuple[str, ...]
    """Reasoning efforts it takes; empty for a model that does not reason."""
    default_effort: str | None
    requests_per_minute: int
    tokens_per_minute: int
    prices: Mapping[str, TierPrice]
    """By service tier, as replies name it: default, flex, fast, ultrafast."""
    long_over: int | None = None
    """Input tokens above which the whole request is priced at the long rates."""
    dimensions: int = 0

    @property
    def reasons(self) -> bool:
        """Whether it is a reasoning model, which refuses the older sampling parameters."""
        return bool(self.efforts)

    @property
    def bills_writes(self) -> bool:
        """Whether it has a price for cache writes; those models also match prefixes to the token."""
        return self.prices["default"].rates.written is not None

    def cost(self, usage: Usage, tier: str) -> Cost:
        """The price of a usage at a tier of ``prices``, in exact USD (formula: openai-facts 6.4)."""
        price = self.prices[tier]
        rates = price.rates
        if price.long is not None and self.long_over is not None and usage.input > self.long_over:
            rates = price.long
        written_rate = rates.input if rates.written is None else rates.written
        plain = usage.input - usage.cached - usage.written
        written = (usage.written - usage.written_12h) * written_rate + usage.written_12h * rates.input * WRITE_12H
        return Cost(
            input=plain * rates.input / MILLION,
            cached=usage.cached * rates.cached / MILLION,
            written=written / MILLION if usage.written else ZERO,
            output=usage.output * rates.output / MILLION,
            tier="standard" if tier == "default" else tier,
            as_of=catalog().as_of,
            source="practice service",
        )


@dataclass(frozen=True, slots=True)
class Catalog:
    """All models, in the order in which they are listed."""

    models: Mapping[str, Model]
    as_of: date


@cache
def catalog() -> Catalog:
    """The models of ``models.json``, read once."""
    data = json.loads(files(__package__).joinpath("models.json").read_text("utf-8"))
    return Catalog({row["id"]: _model(row) for row in data["models"]}, date.fromisoformat(data["as_of"]))


def _model(row: Mapping[str, Any]) -> Model:
    prices = {
        tier: TierPrice(_rates(price["rates"]), _rates(price["long"]) if "long" in price else None)
        for tier, price in row["prices"].items()
    }
    return Model(**{**row, "efforts": tuple(row["efforts"]), "prices": prices})


def _rates(row: Mapping[str, str]) -> Rates:
    return Rates(**{name: Decimal(value) for name, value in row.items()})
