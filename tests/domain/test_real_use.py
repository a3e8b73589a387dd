"""Advice from real use: less, more, or a limit that was hit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.advice import fitting_cap
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, Place
from keytui.domain.ledger import Spend
from keytui.domain.real_use import LIMITS, RealUse, advise, real_use
from keytui.domain.review.reviewing import review
from keytui.domain.troubles.recognition import ROWS

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = KeyRecord(
    *("1", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.KEYRING, "0123", NOW - timedelta(days=60)),
    monthly_cap=Decimal(20),
)


def use(cost: str, *, days: int = 30, requests: int = 50, refusals: Mapping[str, int] | None = None) -> RealUse:
    return RealUse(days, Spend("", requests=requests, cost=Decimal(cost)), refusals or {})


@pytest.mark.parametrize(
    ("real", "cap", "rules", "words"),
    [
        (use("0.40"), "20", ["needs-less"], "needs no more than a cap of $5"),
        (use("0.40"), "5", [], ""),
        (use("9.80"), "20", [], ""),
        (use("19.00"), "20", ["needs-more"], "a cap of $20.00 a month will not do"),
        (use("8.00", days=10), "20", ["needs-more"], "took $8.00 in 10 days"),
        (use("18.00"), "20", ["needs-more"], "took $18.00 in 30 days"),
        (use("17.99"), "20", [], ""),
        (use("0.95"), "1", ["needs-more"], "a cap of $1.00 a month"),
        (use("0"), "0", [], ""),
        (use("0.10", days=7), "20", ["needs-less"], "in 7 days"),
        (use("0.10", days=6), "20", [], ""),
        (use("0.10", requests=10), "20", ["needs-less"], ""),
        (use("0.10", requests=9), "20", [], ""),
        (use("0.40", days=1, refusals={"no-credit": 2}), "20", ["limit-hit"], "hit an empty balance 2 times in a day"),
        (use("9.80", refusals={"rate-limited": 2}), "20", [], ""),
        (use("9.80", refusals={"rate-limited": 2, "slow-down": 5}), "20", ["limit-hit"], "hit a rate limit 7 times"),
        (use("9.80", refusals={"project-spend-limit": 1}), "20", ["limit-hit"], "spend limit once in 30 days"),
        (use("9.80", refusals={"server-error": 9}), "20", [], ""),
    ],
)
def test_what_use_has_shown(real: RealUse, cap: str, rules: list[str], words: str) -> None:
    found = advise(replace(KEY, monthly_cap=Decimal(cap)), real)
    assert [each.id for each in found] == rules
    assert words in " ".join(each.what for each in found)


@pytest.mark.parametrize(
    ("real", "why", "action"),
    [
        (
            use("19.00"),
            "What would pass the cap is refused before it is sent.",
            "Raise the cap to $50, or choose a cheaper model.",
        ),
        (
            use("0.40"),
            "What a key does not need, a loop or a thief can take.",
            "Lower the cap to $5; it can be raised at any time.",
        ),
        (use("9.80", refusals={"no-credit": 1}), "Requests waited or failed for it.", LIMITS[-1][-1]),
    ],
)
def test_advice_says_why_and_what_to_do(real: RealUse, why: str, action: str) -> None:
    (found,) = advise(KEY, real)
    assert (found.why, found.action) == (why, action)


class Booked:
    """A ledger that answers every question with the question."""

    def total(self, *, since: date, key_id: str) -> Spend:
        return Spend(f"{key_id} since {since}", cost=Decimal(3))

    def refusals(self, key_id: str, *, since: date) -> Mapping[str, int]:
        return {f"{key_id} since {since}": 1}


@pytest.mark.parametrize(
    ("known", "days", "since", "month"),
    [(60, 30, "2026-10-25", "3"), (30, 30, "2026-10-25", "3"), (10, 10, "2026-11-14", "9"), (0, 1, "2026-11-23", "90")],
)
def test_a_young_key_is_judged_by_the_days_it_is_known(known: int, days: int, since: str, month: str) -> None:
    record = replace(KEY, created=NOW - timedelta(days=known, hours=1))
    ledger: Any = Booked()
    real = real_use(ledger, record, NOW)
    assert real == RealUse(days, Spend(f"1 since {since}", cost=Decimal(3)), {f"1 since {since}": 1})
    assert real.month == Decimal(month)


def test_without_a_cap_or_with_unknown_prices_no_cap_is_advised() -> None:
    assert advise(replace(KEY, monthly_cap=None), use("0.40")) == ()
    assert advise(KEY, RealUse(30, Spend("", requests=50, cost=Decimal("0.4"), unpriced=1), {})) == ()


@given(st.decimals(0, 600, places=2), st.integers(1, 30), st.sampled_from([5, 10, 20, 50, 100]))
def test_a_cap_that_was_advised_is_not_advised_away_again(cost: Decimal, days: int, cap: int) -> None:
    real = RealUse(days, Spend("", requests=50, cost=cost), {})
    for each in advise(replace(KEY, monthly_cap=Decimal(cap)), real):
        better = fitting_cap(real.month)
        assert (each.id == "needs-less") == (better < cap)
        assert not advise(replace(KEY, monthly_cap=better), real)


def test_every_trouble_that_counts_is_in_the_table() -> None:
    known = {row.id for row in ROWS} | {"long-wait"}
    assert not [name for names, *_ in LIMITS for name in names if name not in known]


def test_the_review_tells_it_with_the_key_to_press() -> None:
    (found,) = [one for one in review([KEY], NOW, use={"1": use("0.40")}).findings if one.by_looking]
    assert (found.id, found.weight, found.key) == ("needs-less", "know", "e")
    assert found.action.startswith("Lower the cap to $5")
