"""What the next message will take and cost, before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from keytui.domain.cache import THRESHOLD, CachePrice, Outlook, State, cache_price, exact_steps
from keytui.domain.margins import HIDDEN_INPUT, INPUT_MARGIN, LONGEST_ANSWER
from keytui.domain.overhead import Calibration
from keytui.domain.pricing import Cost, ModelFacts, PriceBook
from keytui.domain.tokens import Exactness
from keytui.domain.usage import Mark, Usage

UNCALIBRATED = Calibration()
"""Nothing learnt yet: estimates stay as they are."""
COLD = Outlook(State.NEW)
"""Nothing in the cache."""

DEFAULT_MAX_OUTPUT = 2_000
"""Tokens of answer that are enough for a first message: a cap on surprises, not on thought."""


@dataclass(frozen=True, slots=True)
class Meter:
    """The next request in numbers: estimates made on this machine, unless the server has ``counted``."""

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
    """With no answer at all, as much cached as is expected; None when the price is unknown."""
    most: Cost | None
    """With the longest answer that the model or the user allows, and nothing cached."""
    learnt: int = 0
    """Tokens that the server has shown to be missing in the estimate, or with a minus sign: too many."""
    counted: int | None = None
    """Tokens of exactly this request, counted by the server; None when it was not asked."""
    worst: Decimal | None = None
    """USD that caps are held against: a margin on the input, all of it written, the longest answer. None: no price."""
    priced: bool = True
    """Whether prices are at hand; False while they are still being read."""
    cache: Outlook = COLD
    cache_price: CachePrice = CachePrice()  # noqa: RUF009 - a frozen value

    @property
    def estimate(self) -> int:
        """Tokens to be sent as this machine counts them, before anything learnt of the server."""
        return (self.draft or 0) + self.history + self.overhead

    @property
    def input(self) -> int:
        """Tokens to be sent, as well as it is known."""
        return self.estimate + self.learnt if self.counted is None else self.counted

    @property
    def mark(self) -> Mark:
        """How ``input`` came to be known."""
        return Mark.ESTIMATED if self.counted is None else Mark.COUNTED

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

    def so_far(self, output: int) -> Decimal | None:
        """USD that it has cost once there are so many tokens of answer; None when the price is unknown."""
        if self.least is None or self.most is None:
            return None
        return self.least.total + self.most.output * output / self.max_output


def measure(
    *,
    model: str,
    draft: int | None,
    pending: bool,
    history: int,
    overhead: int,
    cache: Outlook,
    max_output: int | None,
    exactness: Exactness,
    prices: PriceBook | None,
    tier: str | None,
    base_url: str,
    now: Callable[[], datetime],
    calibration: Calibration = UNCALIBRATED,
    counted: int | None = None,
) -> Meter:
    """Put the figures of the next request together. ``prices`` is None while the price book is still being read."""
    facts = prices.facts(model) if prices else ModelFacts(model)
    most_output = max_output or facts.max_output or LONGEST_ANSWER
    estimate = (draft or 0) + history + overhead
    learnt = calibration.apply(estimate) - estimate
    tokens = estimate + learnt if counted is None else counted
    cached = min(cache.cached, tokens)
    at = now()

    def price(usage: Usage) -> Cost | None:
        return prices.cost(model, usage, tier=tier, at=at, base_url=base_url) if prices else None

    writes = tokens if exact_steps(model) and tokens >= THRESHOLD else 0
    surely = int(tokens * INPUT_MARGIN) + HIDDEN_INPUT
    worst = price(Usage(input=surely, written=surely, output=most_output))
    return Meter(
        model=model,
        draft=draft,
        pending=pending,
        history=history,
        overhead=overhead,
        cached=cached,
        max_output=most_output,
        exactness=exactness,
        facts=facts,
        least=price(Usage(input=tokens, cached=cached, written=max(0, writes - cached))),
        most=price(Usage(input=tokens, written=writes, output=most_output)),
        learnt=learnt,
        counted=counted,
        worst=worst.total if worst else None,
        priced=prices is not None,
        cache=cache,
        cache_price=cache_price(tokens, cache, price),
    )
