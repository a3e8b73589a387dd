"""What tokens cost: amounts in USD as decimals, each with the date of its price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from keytui.domain.usage import Usage

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cost:
    """The price of one usage, in USD, by part. Never rounded here; rounding is for showing."""

    input: Decimal
    """Input that was neither read from nor written to the cache."""
    cached: Decimal
    written: Decimal
    output: Decimal
    tier: str
    """The tier it was priced at, as the price list calls it: standard, flex, fast, batch, ultrafast."""
    as_of: date
    """The date of the price list."""
    source: str
    """"genai-prices 0.2.3", "keytui overlay" or "gateway header"."""
    note: str = ""
    """What the number leaves out or assumes; empty when nothing."""

    @property
    def total(self) -> Decimal:
        """The whole amount in USD."""
        return self.input + self.cached + self.written + self.output


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model beside its price; None where it is not known."""

    model: str
    context: int | None = None
    """Tokens of input and output together."""
    max_input: int | None = None
    max_output: int | None = None
    retires: date | None = None


class PriceBook(Protocol):
    """Prices of models. Loading it takes a while: call it from a worker, and never before the first frame."""

    def cost(
        self, model: str, usage: Usage, *, tier: str | None, at: datetime, base_url: str, regional: bool = False
    ) -> Cost | None:
        """The price of a usage, or None when the model or the tier has no known price (shown as ``$?``).

        ``tier`` is the one the reply named, as it stood there (None: the platform's default).
        """
        ...

    def facts(self, model: str) -> ModelFacts:
        """Context window and limits of a model."""
        ...

    @property
    def as_of(self) -> date:
        """The date of the newest price in the book."""
        ...
