from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.admin import CostRow, UsageRow
from keytui.domain.bill import ELSEWHERE, Bill, LocalDay, Reason, explain_bill, taken_over
from keytui.domain.ledger import Spend

DAY = date(2026, 11, 10)
LATER = datetime(2026, 11, 23, 12, tzinfo=UTC)
BEGINS = datetime(2026, 11, 10, tzinfo=UTC)


def used(requests: int, tokens: int, key: str | None = "key_1", begins: datetime = BEGINS) -> UsageRow:
    return UsageRow(begins, begins + timedelta(days=1), requests, tokens, 0, project_id="p1", key_id=key)


def charge(usd: str, key: str | None = "key_1", begins: datetime = BEGINS) -> CostRow:
    return CostRow(begins, begins + timedelta(days=1), Decimal(usd), project_id="p1", key_id=key)


def here(usd: str, requests: int, tokens: int, key: str = "key_1", **more: int) -> LocalDay:
    return LocalDay(DAY, key, Spend("", requests, tokens, cost=Decimal(usd), **more))


def explained(
    usage: list[UsageRow],
    costs: list[CostRow],
    local: list[LocalDay],
    *,
    now: datetime = LATER,
    booked: str | None = None,
) -> Bill:
    sums = sum((one.spend.cost for one in local), Decimal(0)) if booked is None else Decimal(booked)
    return explain_bill(
        DAY - timedelta(days=9), DAY + timedelta(days=9), usage=usage, costs=costs, local=local, known_keys=["key_1"],
        booked=sums, now=now,
    )  # fmt: skip


def test_a_bill_that_agrees_needs_no_reason() -> None:
    bill = explained([used(2, 100)], [charge("0.01")], [here("0.01", 2, 100)])
    assert (bill.charged, bill.booked, bill.parts) == (Decimal("0.01"), Decimal("0.01"), {})


@pytest.mark.parametrize(
    ("usage", "costs", "local", "now", "reason", "amount"),
    [
        ([used(3, 300, "key_9")], [charge("3", "key_9")], [], LATER, Reason.OTHER_KEYS, "3"),
        ([], [charge("0.5", None)], [], LATER, Reason.OTHER_KEYS, "0.5"),
        ([used(5, 500)], [charge("5")], [here("2", 2, 200)], LATER, Reason.OTHER_APPS, "3"),
        ([], [], [here("2", 2, 200)], BEGINS + timedelta(hours=20), Reason.LAG, "-2"),
        ([used(1, 100)], [charge("1")], [here("2", 2, 200)], BEGINS + timedelta(hours=40), Reason.LAG, "-1"),
        ([used(2, 240)], [charge("2.4")], [here("2", 2, 200, estimated=1)], LATER, Reason.ESTIMATE, "0.4"),
        ([used(2, 200)], [charge("2")], [here("1", 2, 200, unpriced=1)], LATER, Reason.UNKNOWN_PRICE, "1"),
        ([used(2, 200)], [charge("1.8")], [here("2", 2, 200)], LATER, Reason.PRICE, "-0.2"),
    ],
)
def test_each_reason(
    usage: list[UsageRow], costs: list[CostRow], local: list[LocalDay], now: datetime, reason: Reason, amount: str
) -> None:
    assert explained(usage, costs, local, now=now).parts == {reason: Decimal(amount)}


def test_other_programs_and_estimates_on_one_key_share_the_difference() -> None:
    # Half of the tokens are not ours; what is left of the difference comes from our estimate.
    bill = explained([used(4, 400)], [charge("4")], [here("1.9", 2, 200, estimated=1)])
    assert bill.parts == {Reason.OTHER_APPS: Decimal(2), Reason.ESTIMATE: Decimal("0.1")}


def test_local_days_are_not_the_platforms() -> None:
    # Of 3 USD booked in these local days, one fell into the UTC day before them.
    bill = explained([used(2, 200)], [charge("2")], [here("2", 2, 200)], booked="3")
    assert bill.parts == {Reason.UTC_DAY: Decimal(-1)}


amounts = st.decimals(0, 1000, places=12)
keys = st.sampled_from(["key_1", "key_2", None])
days = st.integers(-9, 9).map(lambda n: BEGINS + timedelta(days=n))
local_days = st.builds(
    LocalDay,
    day=days.map(datetime.date),
    key_id=st.sampled_from(["key_1", "key_2"]),
    spend=st.builds(
        Spend, st.just(""), st.integers(0, 9), st.integers(0, 999), cost=amounts, estimated=st.integers(0, 2),
        unpriced=st.integers(0, 2),
    ),
)  # fmt: skip


@given(
    usage=st.lists(st.builds(used, st.integers(0, 9), st.integers(0, 999), keys, days), max_size=6),
    costs=st.lists(st.builds(lambda a, k, d: replace(charge("0", k, d), amount=a), amounts, keys, days), max_size=6),
    local=st.lists(local_days, max_size=6, unique_by=lambda one: (one.day, one.key_id)),
    booked=amounts,
)
def test_whatever_comes_the_parts_are_the_difference_to_the_last_digit(
    usage: list[UsageRow], costs: list[CostRow], local: list[LocalDay], booked: Decimal
) -> None:
    bill = explained(usage, costs, local, booked=str(booked))
    assert bill.charged == sum((row.amount for row in costs), Decimal(0))
    assert bill.booked + sum(bill.parts.values(), Decimal(0)) == bill.charged


def test_what_is_missing_is_taken_over_once_and_then_agrees() -> None:
    usage, costs = [used(5, 500), used(1, 70, "key_9")], [charge("5"), charge("0.7", "key_9")]
    bill = explained(usage, costs, [here("2", 2, 200)])
    entries = taken_over(
        bill, base_url="https://api.openai.com/v1", names={"key_9": "ci"}, ids={"key_1": "k1"}, now=LATER
    )
    assert [(one.key_id, one.key_name, one.app, one.cost.total if one.cost else None) for one in entries] == [
        ("k1", "key_1", ELSEWHERE, Decimal(3)),
        ("key_9", "ci", ELSEWHERE, Decimal("0.7")),
    ]
    assert [one.usage.input for one in entries] == [300, 70]
    assert entries == taken_over(
        bill, base_url="https://api.openai.com/v1", names={"key_9": "ci"}, ids={"key_1": "k1"}, now=LATER
    )
    after = [here("5", 3, 500), LocalDay(DAY, "key_9", Spend("", 1, 70, cost=Decimal("0.7")))]
    again = explained(usage, costs, after)
    assert Reason.OTHER_KEYS not in again.parts
    assert sum(again.parts.values(), Decimal(0)) == 0
    assert taken_over(again, base_url="", names={}, ids={}, now=LATER) == ()


def test_a_day_that_is_not_settled_is_not_taken_over() -> None:
    soon = BEGINS + timedelta(days=2)
    bill = explained([used(5, 500)], [charge("5")], [], now=soon)
    assert taken_over(bill, base_url="", names={}, ids={}, now=soon) == ()
