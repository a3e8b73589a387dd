"""A sum of entries: what is in it, and what it leaves open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from keytui.domain.ledger import Entry, Outcome, Spend
from keytui.domain.pricing import Cost
from keytui.domain.usage import Mark, Usage

COST = Cost(
    *map(Decimal, ("0.1", "0.02", "0.003", "0.0004")), "standard", date(2026, 11, 1), "test", saved=Decimal("-0.5")
)
ENTRY = Entry(
    *("e", datetime(2026, 11, 23, 12, tzinfo=UTC), "k1", "work", None, "ask", None, "chat", "", "gpt-6-luna"),
    served=None,
    tier=None,
    usage=Usage(input=100, output=20, cached=30, written=40, written_12h=5, reasoning=7, mark=Mark.BILLED),
    cost=COST,
    outcome=Outcome.FINISHED,
    seconds=1.0,
)


def test_every_figure_is_added() -> None:
    once = Spend("work", id="k1").plus(ENTRY)
    assert once == Spend("work", 1, 100, 30, 40, 20, 7, Decimal("0.1234"), Decimal("-0.5"), id="k1")
    assert once.plus(ENTRY) == Spend("work", 2, 200, 60, 80, 40, 14, Decimal("0.2468"), Decimal("-1.0"), id="k1")


@pytest.mark.parametrize(
    ("usage", "cost", "estimated", "unpriced"),
    [
        (Usage(input=1), COST, 1, 0),
        (Usage(output=1), None, 1, 1),
        (Usage(input=1, mark=Mark.BILLED), None, 0, 1),
        (Usage(input=1, mark=Mark.COUNTED), COST, 0, 0),
        (Usage(), COST, 0, 0),
        (Usage(), None, 0, 0),
    ],
)
def test_only_what_took_tokens_is_an_estimate_or_has_no_price(
    usage: Usage, cost: Cost | None, estimated: int, unpriced: int
) -> None:
    spend = Spend("").plus(replace(ENTRY, usage=usage, cost=cost))
    assert (spend.requests, spend.estimated, spend.unpriced) == (1, estimated, unpriced)
    assert spend.at_least is (unpriced > 0)
    assert (spend.cost, spend.saved) == ((cost.total, cost.saved) if cost else (0, 0))


def test_a_sum_of_what_could_be_read_is_a_lower_bound() -> None:
    assert Spend("", partial=True).at_least
    assert not Spend("", estimated=3).at_least
