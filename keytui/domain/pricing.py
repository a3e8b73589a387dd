"""What tokens cost: amounts in USD as decimals, each with the date of its price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from keytui.domain.usage import Usage

ZERO = Decimal(0)

SMALLEST = Decimal("1E-12")
"""USD. Every amount of every price list is a whole multiple of it: no list has a rate finer than 0.000001 USD per
million tokens. The ledger keeps amounts as whole numbers of this unit, so sums are exact."""

STANDARD = "standard"
"""The tier that is meant when nothing else is said."""

_TIER_NAMES = {
    None: STANDARD,
    "": STANDARD,
    "auto": STANDARD,
    "default": STANDARD,
    STANDARD: STANDARD,
    "fast": "fast",
    "priority": "fast",
    "flex": "flex",
    "batch": "batch",
    "ultrafast": "ultrafast",
}
"""Names of service tiers in requests and replies, and what the price list calls them (openai-facts 3.4)."""


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
    """"genai-prices 0.2.3", "keytui overlay", "your own price" or "gateway"."""
    note: str = ""
    """What the number leaves out or assumes; empty when nothing."""
    other: Decimal = ZERO
    """An amount that cannot be split into parts: what a gateway stated as a whole."""
    saved: Decimal = ZERO
    """What the cache saved against plain input, USD; negative where writing cost more than reading saved."""

    @property
    def total(self) -> Decimal:
        """The whole amount in USD."""
        return self.input + self.cached + self.written + self.output + self.other


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model beside its price; None where it is not known."""

    model: str
    context: int | None = None
    """Tokens of input and output together."""
    max_input: int | None = None
    max_output: int | None = None
    retires: date | None = None


class PricesUnchanged(Exception):
    """Newer prices could not be had, or cannot be used: all is as it was. The text is a sentence with a next step."""


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


def tier_name(said: str | None) -> str | None:
    """The price list's name for a tier as a reply (or a request) named it; None for a tier that has no list price.

    ``priority`` and ``fast`` are one tier. ``scale`` (bought capacity) and anything unknown give None: they are never
    quietly taken for standard.
    """
    return _TIER_NAMES.get(said if said is None else said.strip().lower())


def as_amount(stated: str | None) -> Decimal | None:
    """An amount that a server stated in words of its own, in USD to the ledger's unit; None when it is no amount.

    Gateways write floating-point numbers (``3.1500000000000003e-06``): what lies below the unit is their noise.
    """
    try:
        amount = Decimal((stated or "").strip())
    except ArithmeticError:
        return None
    if not amount.is_finite() or amount < 0 or amount > 1_000_000:
        return None
    return amount.quantize(SMALLEST)
