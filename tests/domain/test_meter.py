"""The figures of the next request: what it takes, and what it costs at least, at most and at worst."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.cache import CachePrice, Outlook, State
from keytui.domain.meter import COLD, Meter, measure
from keytui.domain.overhead import Calibration
from keytui.domain.pricing import Cost, ModelFacts
from keytui.domain.tokens import Exactness
from keytui.domain.usage import Mark, Usage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Prices:
    """One, a tenth, and one and a quarter USD for a token of input, ten for one of output; ``odd`` has no price."""

    as_of = date(2026, 11, 1)
    known = ModelFacts("", context=10_000, max_input=8_000, max_output=500)

    def facts(self, model: str) -> ModelFacts:
        return replace(self.known, model=model)

    def cost(self, model: str, usage: Usage, *, tier: str | None, at: datetime, base_url: str) -> Cost | None:
        assert (tier, at, base_url) == ("flex", NOW, "https://here/v1")
        if model == "odd":
            return None
        plain = Decimal(usage.input - usage.cached - usage.written)
        cached, written = Decimal(usage.cached) / 10, usage.written * Decimal("1.25")
        return Cost(plain, cached, written, Decimal(10 * usage.output), "flex", self.as_of, "test")


def meter(model: str = "gpt-6-luna", **more: Any) -> Meter:
    given: dict[str, Any] = {
        "draft": 100,
        "pending": False,
        "history": 800,
        "overhead": 23,
        "cache": COLD,
        "max_output": None,
        "exactness": Exactness.EXACT,
        "prices": Prices(),
        "tier": "flex",
        "base_url": "https://here/v1",
        "now": lambda: NOW,
    }
    return measure(model=model, **given | more)


def totals(one: Meter) -> tuple[Any, ...]:
    return one.least and one.least.total, one.most and one.most.total, one.worst


def test_a_short_request_writes_nothing() -> None:
    short = meter()
    assert (short.estimate, short.input, short.mark, short.cached) == (923, 923, Mark.ESTIMATED, 0)
    # At worst a tenth and 64 tokens more, all of them written, and the longest answer.
    assert totals(short) == (923, 923 + 5_000, 1_079 * Decimal("1.25") + 5_000)
    assert short.output_cost == 5_000
    assert (short.priced, short.model, short.facts.model, short.exactness) == (
        True,
        "gpt-6-luna",
        "gpt-6-luna",
        Exactness.EXACT,
    )


def test_what_the_cache_holds_and_what_an_edit_loses_is_told_with_its_price() -> None:
    lost = Outlook(State.NEW, lost=1_000)
    found = meter(draft=201, cache=lost)
    # Writing costs a quarter more, and reading once saves nine tenths; what was lost would have cost a tenth.
    assert (found.cache, found.cache_price) == (lost, CachePrice(lost=Decimal(900), surcharge=Decimal(256), reads=1))


def test_a_draft_that_is_not_counted_yet_takes_nothing() -> None:
    assert totals(meter(draft=None))[0] == 823


@pytest.mark.parametrize(
    ("model", "draft", "cached", "least", "most"),
    [
        ("gpt-6-luna", 200, 0, "1023", "1023"),
        ("gpt-6-luna", 201, 0, "1280", "1280"),
        ("gpt-6-luna", 1_177, 1_500, "775", "2500"),
        ("gpt-6-luna", 201, 5_000, "102.4", "1280"),
        ("gpt-4.1", 1_177, 0, "2000", "2000"),
        ("gpt-4.1", 1_177, 1_500, "650", "2000"),
    ],
)
def test_from_the_threshold_on_newer_models_write_what_is_not_read(
    model: str, draft: int, cached: int, least: str, most: str
) -> None:
    found = meter(model, draft=draft, cache=Outlook(State.WARM, cached=cached), max_output=1)
    assert found.cached == min(cached, found.input)
    assert totals(found)[:2] == (Decimal(least), Decimal(most) + 10)


@pytest.mark.parametrize(("asked", "known", "longest"), [(50, 500, 50), (None, 500, 500), (None, None, 128_000)])
def test_the_longest_answer_is_what_was_asked_for_or_the_models_or_anybodys(
    asked: int | None, known: int | None, longest: int
) -> None:
    prices = Prices()
    prices.known = ModelFacts("", max_output=known)
    found = meter(prices=prices, max_output=asked)
    assert (found.max_output, found.output_cost) == (longest, 10 * longest)


@pytest.mark.parametrize(
    ("model", "output", "cost"), [("gpt-6-luna", 0, 923), ("gpt-6-luna", 7, 993), ("odd", 7, None)]
)
def test_what_an_answer_has_cost_so_far(model: str, output: int, cost: int | None) -> None:
    assert meter(model, max_output=50).so_far(output) == cost


def test_what_the_server_has_shown_and_what_it_counted() -> None:
    learnt = meter(calibration=Calibration().learn(100, 111))
    assert (learnt.estimate, learnt.learnt, learnt.input, totals(learnt)[0]) == (923, 11, 934, 934)
    counted = meter(calibration=Calibration().learn(100, 111), counted=1_000)
    assert (counted.input, counted.mark, counted.learnt) == (1_000, Mark.COUNTED, 11)
    assert totals(counted)[0] == 1_000


@pytest.mark.parametrize(
    ("facts", "window", "full"),
    [
        (ModelFacts("", context=10_000, max_input=9_230), 9_230, 0.1),
        (ModelFacts("", context=1_846), 1_846, 0.5),
        (ModelFacts(""), None, None),
    ],
)
def test_how_full_the_context_is(facts: ModelFacts, window: int | None, full: float | None) -> None:
    prices = Prices()
    prices.known = facts
    found = meter(prices=prices)
    assert (found.window, found.full) == (window, full)


def test_without_a_price_no_amount_is_said_and_a_draft_not_yet_counted_is_none() -> None:
    odd = meter("odd", draft=None, pending=True)
    assert (*totals(odd), odd.output_cost, odd.priced) == (None, None, None, None, True)
    assert (odd.draft, odd.estimate, odd.pending) == (None, 823, True)
    unread = meter(prices=None)
    assert (*totals(unread), unread.facts, unread.priced) == (None, None, None, ModelFacts("gpt-6-luna"), False)
