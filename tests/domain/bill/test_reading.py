"""A bill read from both sides: which keys are the same, which spend belongs to that platform."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.bill.lines import Reason
from keytui.domain.bill.reading import BillReading, Platform, read_bill, read_platform, same_keys
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, Place
from keytui.domain.ledger import Spend
from keytui.domain.organization.parts import CostRow, Project, ProjectKey, UsageRow

DAY = date(2026, 11, 10)
BEGINS = datetime(2026, 11, 10, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 12, tzinfo=UTC)
GATEWAY = "https://gateway.example/v1"
KEY = KeyRecord("k1", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.KEYRING, "1111", LATER)
THERE = ProjectKey("key_1", "ci", "sk-…1111")
OTHER = ProjectKey("key_9", "theirs", "sk-…9999")


@dataclass
class Booked:
    """A ledger of so many dollars by key, all on one day."""

    spends: dict[str, str]

    def by(self, group: str, **_: Any) -> list[Spend]:
        return [Spend(f"name of {key}", 1, cost=Decimal(usd), id=key) for key, usd in self.spends.items()]

    def each_day(self, group: str, *, since: date, until: date, utc: bool) -> list[tuple[date, Spend]]:
        assert utc
        return [(DAY, spend) for spend in self.by(group)]


def charge(usd: str, key: str | None) -> CostRow:
    return CostRow(BEGINS, BEGINS + timedelta(days=1), Decimal(usd), project_id="p1", key_id=key)


def read(booked: dict[str, str], costs: list[CostRow], *records: KeyRecord, at: str = OPENAI_BASE_URL) -> BillReading:
    ledger: Any = Booked(booked)
    return read_bill(Platform(at, DAY, DAY, (), costs, {"p1": "shop"}, [THERE, OTHER]), ledger, records, LATER)


@pytest.mark.parametrize(
    ("records", "same"),
    [
        ([KEY], {"key_1": "k1"}),
        ([replace(KEY, last4="")], {}),
        ([replace(KEY, last4="2222")], {}),
        ([KEY, replace(KEY, id="k2")], {}),
        ([KEY, replace(KEY, id="k2", platform_id="key_1")], {"key_1": "k2"}),
        ([replace(KEY, platform_id="key_7")], {}),
        ([KEY, replace(KEY, id="k9", last4="9999")], {"key_1": "k1", "key_9": "k9"}),
    ],
)
def test_keys_are_the_same_by_their_id_or_where_their_ends_fit_one_only(
    records: list[KeyRecord], same: dict[str, str]
) -> None:
    assert same_keys([THERE, OTHER], records) == same


def test_both_sides_of_one_key_meet_under_its_name() -> None:
    reading = read({"k1": "2"}, [charge("2", "key_1"), charge("3", "key_9")], KEY)
    assert reading.bill.parts == {Reason.OTHER_KEYS: Decimal(3)}
    assert [reading.keys[key] for key in ("key_1", "key_9")] == ["work", "theirs"]
    assert [(one.key_id, one.key_name) for one in reading.missing] == [("key_9", "theirs")]


@pytest.mark.parametrize(
    ("at", "counted"),
    [(OPENAI_BASE_URL, {"k1", "gone", "key_9", "none p1"}), (GATEWAY, {"k2", "key_9", "none p1"})],
)
def test_spend_at_another_address_is_left_out_and_a_removed_key_was_openais(at: str, counted: set[str]) -> None:
    booked = {"k1": "1", "k2": "1", "gone": "1", "key_9": "1", "none p1": "1"}
    reading = read(booked, [], KEY, replace(KEY, id="k2", last4="2222", base_url=GATEWAY), at=at)
    assert reading.bill.booked == len(counted)
    assert {line.key_id for line in reading.bill.lines} == {key.replace("k1", "key_1") for key in counted}


@pytest.mark.parametrize("at", [OPENAI_BASE_URL, GATEWAY])
def test_what_was_taken_over_is_not_offered_again(at: str) -> None:
    costs = [charge("3", "key_9"), charge("2", None)]
    first = read({}, costs, at=at)
    again = read({one.key_id: str(one.cost.total) for one in first.missing if one.cost}, costs, at=at)
    assert (len(first.missing), again.missing, again.bill.parts) == (2, (), {})


class View:
    """An organisation of two projects, one of them archived and one that nothing was used in."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    async def usage(self, start: datetime, end: datetime, *, group_by: tuple[str, ...]) -> list[UsageRow]:
        self.asked.append((start, end, group_by))
        return [UsageRow(start, end, 1, 1, 1, project_id="old")]

    async def costs(self, start: datetime, end: datetime, *, group_by: tuple[str, ...]) -> list[CostRow]:
        self.asked.append((start, end, group_by))
        return [CostRow(start, end, Decimal(1))]

    async def projects(self, *, archived: bool) -> list[Project]:
        assert archived
        return [Project("old", "Old", archived=True), Project("idle", "Idle")]

    async def keys(self, project_id: str) -> list[ProjectKey]:
        self.asked.append(project_id)
        return [THERE]


async def test_the_platform_is_asked_for_whole_days_and_only_for_keys_of_projects_that_were_used() -> None:
    view: Any = View()
    found = await read_platform(view, OPENAI_BASE_URL, DAY, DAY + timedelta(days=1))
    stretch = (BEGINS, BEGINS + timedelta(days=2), ("project_id", "api_key_id"))
    assert view.asked == [stretch, stretch, "old"]
    assert (found.projects, found.keys) == ({"old": "Old", "idle": "Idle"}, [THERE])
