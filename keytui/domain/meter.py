"""What the next message will take and cost, before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from keytui.domain.pricing import Cost, ModelFacts, PriceBook
from keytui.domain.tokens import Exactness
from keytui.domain.usage import Usage

DEFAULT_MAX_OUTPUT = 2_000
"""Tokens of answer that are asked for at most unless the user said otherwise: a cap on surprises, not on thought."""


@dataclass(frozen=True, slots=True)
class Meter:
    """The next request in numbers; everything here is an estimate made on this machine."""

    model: str
    draft: int | None
    """Tokens of the unsent text; None while the counter starts."""
    pending: bool
    """A part of the draft is still being counted."""
    history: int
    """Tokens of what was said before, instructions included."""
    overhead: int
    """Tokens that the message format takes."""
    cached: int
    """How many of the input tokens the platform will probably read from its cache."""
    max_output: int
    exactness: Exactness
    facts: ModelFacts
    least: Cost | None
    """With no answer at all; None when the price is unknown."""
    most: Cost | None
    """With the longest answer allowed and nothing cached."""

    @property
    def input(self) -> int:
        """Tokens to be sent."""
        return (self.draft or 0) + self.history + self.overhead

    @property
    def window(self) -> int | None:
        """Tokens that the model can take as input."""
        return self.facts.max_input or self.facts.context

    @property
    def full(self) -> float | None:
        """How full the context is, 0 to 1 and above."""
        return self.input / self.window if self.window else None

    @property
    def output_cost(self) -> Decimal | None:
        """USD of the longest answer allowed."""
        return self.most.output if self.most else None


def measure(
    *,
    model: str,
    draft: int | None,
    pending: bool,
    history: int,
    overhead: int,
    cached: int,
    max_output: int | None,
    exactness: Exactness,
    prices: PriceBook | None,
    tier: str | None,
    base_url: str,
    now: Callable[[], datetime],
) -> Meter:
    """Put the figures of the next request together. ``prices`` is None while the price book is still being read."""
    facts = prices.facts(model) if prices else ModelFacts(model)
    most_output = max_output or min(DEFAULT_MAX_OUTPUT, facts.max_output or DEFAULT_MAX_OUTPUT)
    tokens = (draft or 0) + history + overhead
    cached = min(cached, tokens)
    least = most = None
    if prices:
        at = now()
        least = prices.cost(model, Usage(input=tokens, cached=cached), tier=tier, at=at, base_url=base_url)
        most = prices.cost(model, Usage(input=tokens, output=most_output), tier=tier, at=at, base_url=base_url)
    return Meter(model, draft, pending, history, overhead, cached, most_output, exactness, facts, least, most)
