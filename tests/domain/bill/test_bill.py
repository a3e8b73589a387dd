from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.bill.explaining import LocalDay, explain_bill
from keytui.domain.bill.lines import Bill, BillLine, BillSum, Reason, summed
from keytui.domain.bill.taking_over import ELSEWHERE, taken_over
from keytui.domain.ledger import Entry, Outcome, Spend
from keytui.domain.organization.parts import CostRow, UsageRow
from keytui.domain.pricing import Cost
from keytui.domain.usage import Mark, Usage

DAY = date(2026, 11, 10)
LATER = datetime(2026, 11, 23, 12, tzinfo=UTC)
BEGINS = datetime(2026, 11, 10, tzinfo=UTC)
SAME_DAY = BEGINS + timedelta(hours=20)
SETTLED = BEGINS + timedelta(days=3)
"""Two days after the end of the day."""


def used(
    requests: int, tokens: int, key: str | None = "key_1", begins: datetime = BEGINS, project: str = "p1"
) -> UsageRow:
    return UsageRow(begins, begins + timedelta(days=1), requests, tokens, 0, project_id=project, key_id=key)


def charge(usd: str, key: str | None = "key_1", begins: datetime = BEGINS, project: str = "p1") -> CostRow:
    return CostRow(begins, begins + timedelta(days=1), Decimal(usd), project_id=project, key_id=key)


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
        ([], [], [here("2", 2, 200)], SAME_DAY, Reason.LAG, "-2"),
        ([used(1, 100)], [charge("1")], [here("2", 2, 200)], BEGINS + timedelta(hours=40), Reason.LAG, "-1"),
        ([used(2, 240)], [charge("2.4")], [here("2", 2, 200, estimated=1)], LATER, Reason.ESTIMATE, "0.4"),
        ([used(2, 200)], [charge("2")], [here("1", 2, 200, unpriced=1)], LATER, Reason.UNKNOWN_PRICE, "1"),
        ([used(2, 200)], [charge("1.8")], [here("2", 2, 200)], LATER, Reason.PRICE, "-0.2"),
        ([used(5, 500)], [charge("5")], [], LATER, Reason.OTHER_APPS, "5"),
        ([used(4, 400)], [charge("2.5")], [here("2", 2, 200)], LATER, Reason.OTHER_APPS, "0.5"),
        ([used(2, 200)], [charge("2.4")], [here("2", 2, 200)], SAME_DAY, Reason.PRICE, "0.4"),
        ([used(1, 100)], [charge("2.4")], [here("2", 2, 200)], SAME_DAY, Reason.LAG, "0.4"),
        ([used(1, 100)], [charge("2.4")], [here("2", 2, 200)], LATER, Reason.PRICE, "0.4"),
        ([used(2, 200)], [charge("1.8")], [here("2", 2, 200, unpriced=1)], LATER, Reason.PRICE, "-0.2"),
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


@pytest.mark.parametrize(("now", "entries"), [(SETTLED - timedelta(seconds=1), 0), (SETTLED, 1)])
def test_a_day_that_is_not_settled_is_not_taken_over(now: datetime, entries: int) -> None:
    bill = explained([used(5, 500)], [charge("5")], [], now=now)
    assert len(taken_over(bill, base_url="", names={}, ids={}, now=now)) == entries


def test_other_programs_on_a_key_that_was_charged_less_than_booked_here() -> None:
    # Half of the tokens are not ours, and all together cost no more than ours were booked at.
    bill = explained([used(4, 400)], [charge("2")], [here("2", 2, 200)])
    assert bill.parts == {Reason.OTHER_APPS: Decimal(1), Reason.PRICE: Decimal(-1)}


def test_what_costs_nothing_needs_no_reason_and_is_not_taken_over() -> None:
    bill = explained([used(1, 100, "key_0"), used(1, 100, "key_9")], [charge("1", "key_9")], [])
    assert [line.parts for line in bill.lines] == [{}, {Reason.OTHER_KEYS: Decimal(1)}]
    assert [(line.key_id, line.project_id) for line in bill.lines] == [("key_0", "p1"), ("key_9", "p1")]
    assert [one.key_id for one in taken_over(bill, base_url="", names={}, ids={}, now=LATER)] == ["key_9"]


@pytest.mark.parametrize(("days", "counts"), [(-10, False), (-9, True), (9, True), (10, False)])
def test_only_the_days_that_were_asked_for_count(days: int, counts: bool) -> None:
    begins = BEGINS + timedelta(days=days)
    for usage, costs, local in (
        ([used(1, 1, begins=begins)], [], []),
        ([], [charge("1", begins=begins)], []),
        ([], [], [replace(here("1", 1, 1), day=begins.date())]),
    ):
        bill = explained(usage, costs, local)
        assert [line.day for line in bill.lines] == [begins.date()] * counts
        assert (bill.since, bill.until) == (DAY - timedelta(days=9), DAY + timedelta(days=9))


@pytest.mark.usefixtures("in_tokyo")
def test_days_are_utc_days_wherever_they_are_read() -> None:
    tokyo = timezone(timedelta(hours=9))
    late = datetime(2026, 11, 11, 8, tzinfo=tokyo)
    assert [line.day for line in explained([used(1, 1, begins=late)], [charge("1", begins=late)], []).lines] == [DAY]


def test_a_line_has_what_both_sides_say_of_one_key_and_day() -> None:
    counted = replace(used(5, 500), output=50, cached=40, written=30)
    spend = Spend("", 2, 200, cached=10, written=20, output=15, cost=Decimal(2))
    (line,) = explained([counted, counted], [charge("5")], [LocalDay(DAY, "key_1", spend)]).lines
    missing = Usage(input=800, output=85, cached=70, written=40, mark=Mark.BILLED)
    assert line == BillLine(
        DAY, "key_1", "p1", Decimal(5), Decimal(2), {Reason.OTHER_APPS: Decimal(3)}, 10, True, missing
    )
    more = Spend("", 12, 2_000, cached=200, written=200, output=200, cost=Decimal(5))
    (none_missing,) = explained([counted], [charge("5")], [LocalDay(DAY, "key_1", more)]).lines
    assert none_missing.missing == Usage(mark=Mark.BILLED)


def test_the_share_of_other_programs_is_that_of_input_and_output() -> None:
    # 300 of 400 tokens are not ours, and an estimate of ours takes what is left.
    bill = explained([replace(used(4, 300), output=100)], [charge("4")], [here("0.9", 2, 50, output=50, estimated=1)])
    assert bill.parts == {Reason.OTHER_APPS: Decimal(3), Reason.ESTIMATE: Decimal("0.1")}


def test_lines_together_by_day_project_and_key() -> None:
    before = BEGINS - timedelta(days=1)
    bill = explained(
        [used(1, 10, "key_8", project="p2"), used(2, 20, "key_9"), used(3, 30, "key_9", before), used(1, 10, None)],
        [
            charge("1", "key_8", project="p2"),
            charge("2", "key_9"),
            charge("3", "key_9", before),
            charge("2", None),
            charge("4", None, project="p2"),
        ],
        [here("0.5", 1, 10)],
    )
    others, price = Reason.OTHER_KEYS, Reason.PRICE
    assert summed(bill, "day") == (
        BillSum("2026-11-09", Decimal(3), Decimal(0), {others: Decimal(3)}, 3),
        BillSum("2026-11-10", Decimal(9), Decimal("0.5"), {others: Decimal(9), price: Decimal("-0.5")}, 4),
    )
    assert summed(bill, "project") == (
        BillSum("p1", Decimal(7), parts={others: Decimal(7)}, requests=6),
        BillSum("p2", Decimal(5), parts={others: Decimal(5)}, requests=1),
        BillSum("", Decimal(0), Decimal("0.5"), {price: Decimal("-0.5")}),
    )
    assert [(one.label, one.charged, one.requests) for one in summed(bill, "key")] == [
        ("", 6, 1),
        ("key_9", 5, 5),
        ("key_8", 1, 1),
        ("key_1", 0, 0),
    ]


def test_what_cost_the_same_stands_by_what_was_booked_and_then_by_name() -> None:
    local = [LocalDay(DAY, key, Spend("", cost=Decimal(usd))) for key, usd in (("c", "1"), ("b", "1"), ("a", "0.1"))]
    assert [one.label for one in summed(explained([], [], local), "key")] == ["b", "c", "a"]


def test_an_entry_taken_over_says_whence_it_comes() -> None:
    bill = explained([used(2, 70, "key_9")], [charge("0.7000000000001", "key_9")], [])
    (entry,) = taken_over(bill, base_url="https://api.openai.com/v1", names={}, ids={}, now=LATER)
    assert entry == Entry(
        id="elsewhere 2026-11-10 p1 key_9",
        at=datetime(2026, 11, 10, 12, tzinfo=UTC),
        key_id="key_9",
        key_name="key_9",
        project="p1",
        app="elsewhere",
        conversation=None,
        endpoint="organization/costs",
        base_url="https://api.openai.com/v1",
        model="elsewhere",
        served=None,
        tier=None,
        usage=Usage(input=70, mark=Mark.BILLED),
        cost=Cost(
            *(Decimal(0),) * 4,
            tier="standard",
            as_of=date(2026, 11, 23),
            source="the platform's costs",
            note="Taken over as a whole: what other programs or keys spent on that day.",
            other=Decimal("0.7"),
        ),
        outcome=Outcome.FINISHED,
        seconds=0.0,
    )


def test_charges_without_a_key_are_taken_over_for_each_project_and_then_agree() -> None:
    costs = [charge("2", None), charge("4", None, project="p2"), CostRow(BEGINS, SETTLED, Decimal(1))]
    entries = taken_over(explained([], costs, []), base_url="", names={}, ids={}, now=LATER)
    assert [(one.id, one.key_id, one.key_name, one.project, one.cost and one.cost.total) for one in entries] == [
        ("elsewhere 2026-11-10  none", "none", "no key", None, 1),
        ("elsewhere 2026-11-10 p1 none", "none p1", "no key", "p1", 2),
        ("elsewhere 2026-11-10 p2 none", "none p2", "no key", "p2", 4),
    ]
    booked = [LocalDay(DAY, one.key_id, Spend("").plus(one)) for one in entries]
    assert explained([], costs, booked).parts == {}


def test_a_key_whose_spend_was_taken_over_on_one_day_is_no_key_of_keytuis_on_another() -> None:
    usage = [used(1, 70, "key_9"), used(1, 70, "key_9", BEGINS + timedelta(days=1))]
    costs = [charge("1", "key_9"), charge("2", "key_9", BEGINS + timedelta(days=1))]
    bill = explained(usage, costs, [here("1", 1, 70, "key_9")])
    assert bill.parts == {Reason.OTHER_KEYS: Decimal(2)}
