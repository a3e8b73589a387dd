"""What a habit costs in a month, by model and by the way it is served, and the smallest plan that fits it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from keytui.domain.cache import STEP as CACHE_STEP
from keytui.domain.cache import THRESHOLD, exact_steps
from keytui.domain.keys import OPENAI_BASE_URL
from keytui.domain.overhead import message_overhead
from keytui.domain.pricing import Cost, PriceBook
from keytui.domain.usage import Usage

DAYS = 30

COMPARED = ("gpt-6-luna", "gpt-6-sol", "gpt-6-astra")
"""A small, a middle and a large model, cheapest first: what advice compares."""

STEPS = tuple(map(Decimal, (5, 10, 20, 50, 100, 200, 500, 1000)))
"""Caps that are proposed, USD a month."""

ROOM = Decimal("1.5")
"""How much more than the forecast a proposed cap leaves: months differ."""

LONGEST_TALK = 50
"""Messages of one conversation that are reckoned with; in longer ones the same goes on."""

BATCH = "Batch halves the price where an answer may take a day; Flex does where it may take minutes."

_SAMPLE = 1_000
"""Tokens of each kind that rates are read off with: few enough for the usual price, enough to lose no digit."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What somebody sends and gets, in tokens."""

    messages_a_day: int
    message: int
    """Tokens of a typical message."""
    answer: int
    together: int = 1
    """Messages of one conversation: each sends again all that was said before it."""

    def talk(self, model: str) -> tuple[Usage, Usage]:
        """The tokens of one whole conversation: with what the cache gives, and as if there were none."""
        read = written = sent = before = 0
        turns = min(max(self.together, 1), LONGEST_TALK)
        for turn in range(turns):
            asked = (turn + 1) * self.message + turn * self.answer + message_overhead(2 * turn + 1)
            cached = before if before >= THRESHOLD else 0
            if exact_steps(model):
                written += asked - cached if asked >= THRESHOLD else 0
            else:
                cached = cached // CACHE_STEP * CACHE_STEP
            read, sent, before = read + cached, sent + asked, asked
        answered = turns * self.answer
        return Usage(input=sent, output=answered, cached=read, written=written), Usage(input=sent, output=answered)

    @property
    def talks(self) -> Decimal:
        """Conversations in a month."""
        return Decimal(self.messages_a_day * DAYS) / min(max(self.together, 1), LONGEST_TALK)


@dataclass(frozen=True, slots=True)
class Measured:
    """What requests really sent and got of late, in tokens of a typical one: history and cache are in it."""

    messages_a_day: int
    message: int
    """Tokens that a request sends, all that was said before included."""
    answer: int
    cached: int
    written: int

    def talk(self, model: str) -> tuple[Usage, Usage]:
        """The tokens of one request: with what the cache gave, and as if there were none."""
        written = self.written if exact_steps(model) else 0
        return (
            Usage(input=self.message, output=self.answer, cached=self.cached, written=written),
            Usage(input=self.message, output=self.answer),
        )

    @property
    def talks(self) -> Decimal:
        """Requests in a month."""
        return Decimal(self.messages_a_day * DAYS)


@dataclass(frozen=True, slots=True)
class MonthCost:
    """What one model would cost in a month, USD; None where a price is unknown or the way is not offered."""

    model: str
    amount: Decimal | None
    """Standard, with what the cache gives."""
    flex: Decimal | None = None
    """The same at half the speed or less, when there is room."""
    batch: Decimal | None = None
    """Collected and answered within a day; nothing is taken for cached there."""
    uncached: Decimal | None = None
    """Standard, as if there were no cache."""

    @property
    def saved(self) -> Decimal | None:
        """What the cache saves in the month."""
        return None if self.amount is None or self.uncached is None else self.uncached - self.amount


def month_costs(
    demand: Demand | Measured,
    *,
    prices: PriceBook,
    now: datetime,
    models: Sequence[str] = COMPARED,
    base_url: str = OPENAI_BASE_URL,
) -> tuple[MonthCost, ...]:
    """The cost of 30 such days on each model. Rates are those of usual lengths: no single request is a huge one."""
    costs = []
    for model in models:
        usual, plain = demand.talk(model)

        def month(tier: str | None, usage: Usage, model: str = model) -> Decimal | None:
            sample = Usage(input=3 * _SAMPLE, output=_SAMPLE, cached=_SAMPLE, written=_SAMPLE)
            rates = prices.cost(model, sample, tier=tier, at=now, base_url=base_url)
            return None if rates is None else _cost(rates, usage) * demand.talks

        costs.append(
            MonthCost(model, month(None, usual), month("flex", usual), month("batch", plain), month(None, plain))
        )
    return tuple(costs)


def _cost(rates: Cost, usage: Usage) -> Decimal:
    """A usage at the rates of a sample."""
    plain = usage.input - usage.cached - usage.written
    parts = (
        (rates.input, plain),
        (rates.cached, usage.cached),
        (rates.written, usage.written),
        (rates.output, usage.output),
    )
    return sum((part * tokens / _SAMPLE for part, tokens in parts), Decimal(0))


def fitting_cap(month: Decimal | None) -> Decimal:
    """The smallest proposed cap that leaves room above a month's forecast; the smallest of all when it is unknown."""
    wanted = (month or Decimal(0)) * ROOM
    return next((step for step in STEPS if step >= wanted), STEPS[-1])


def alert_below(cap: Decimal) -> Decimal:
    """Where an alert makes sense: at four fifths of the cap, in whole dollars where it has them."""
    alert = cap * Decimal("0.8")
    return alert.to_integral_value() if alert >= 1 else alert
