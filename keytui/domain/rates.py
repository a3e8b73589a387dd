"""Rates: what a million tokens of each class cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from keytui.domain.pricing import ZERO, Cost
from keytui.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class Rates:
    """USD for a million tokens of each class, as they hold for one request (tier, long context and region included)."""

    input: Decimal
    cached: Decimal
    written: Decimal
    """Writing to the cache for half an hour; the same as ``input`` where writing costs nothing extra."""
    written_12h: Decimal
    output: Decimal

    def times(self, factor: Decimal) -> Rates:
        """All rates multiplied."""
        return Rates(
            self.input * factor,
            self.cached * factor,
            self.written * factor,
            self.written_12h * factor,
            self.output * factor,
        )

    def for_long_input(self, input_factor: Decimal, output_factor: Decimal) -> Rates:
        """Rates of a request whose input is above the long-context step: the whole request pays them."""
        return replace(self.times(input_factor), output=self.output * output_factor)

    def cost(self, usage: Usage, *, tier: str, as_of: date, source: str, note: str = "") -> Cost:
        """The price of a usage, part by part (openai-facts 6.4). Counts that do not add up never make it negative."""
        cached, written = max(usage.cached, 0), max(usage.written, 0)
        for_12h = min(max(usage.written_12h, 0), written)
        plain = max(usage.input - cached - written, 0)
        read = _amount(self.cached, cached)
        write = _amount(self.written, written - for_12h) + _amount(self.written_12h, for_12h)
        return Cost(
            input=_amount(self.input, plain),
            cached=read,
            written=write,
            output=_amount(self.output, max(usage.output, 0)),
            tier=tier,
            as_of=as_of,
            source=source,
            note=note,
            saved=_amount(self.input, cached + written) - read - write,
        )


def _amount(rate: Decimal, tokens: int) -> Decimal:
    """USD of some tokens; exact, for the division by a million only moves the point."""
    return (rate * tokens).scaleb(-6) if tokens else ZERO
