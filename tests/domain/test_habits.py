from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.advice import Demand, Measured
from keytui.domain.habits import begun, demand_of, habit_of, key_in_question
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, Place
from keytui.domain.ledger import Spend
from keytui.domain.real_use import RealUse
from keytui.domain.setup import Habit, Progress

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def key(name: str, **more: object) -> KeyRecord:
    plain = KeyRecord(name, name, KeyKind.PROJECT, OPENAI_BASE_URL, Place.KEYRING, "0123", NOW - timedelta(days=60))
    return replace(plain, **more)  # type: ignore[arg-type]


def test_a_habit_is_what_the_ledger_says_of_a_typical_request() -> None:
    spend = Spend("", requests=90, input=90_000, cached=45_000, written=1_800, output=27_000)
    habit = habit_of(RealUse(30, spend, {}))
    assert habit == Habit(3, "", 300, 1, sent=1000, cached=500, written=20)
    assert habit.measured
    assert demand_of(habit, 7) == Measured(3, 1000, 300, 500, 20)
    assert demand_of(replace(habit, message="another"), 7) == Demand(3, 7, 300, 1)


def test_too_little_use_is_no_habit() -> None:
    assert habit_of(RealUse(30, Spend("", requests=9, input=9000), {})) is None


@pytest.mark.parametrize(
    ("progress", "wanted"),
    [
        (Progress(key_id="old"), "old"),
        (Progress().at(Progress().step), "active"),
        (Progress(plan=Progress().plan.with_project(name="shop")), "its key"),
        (Progress(key_id="admin"), "active"),
    ],
)
def test_the_key_that_a_walk_is_about(progress: Progress, wanted: str) -> None:
    records = (
        key("old"),
        key("its key", project_name="shop"),
        key("admin", kind=KeyKind.ADMIN),
        key("active", monthly_cap=Decimal(5)),
    )
    found = key_in_question(progress, records, records[-1])
    assert found is not None
    assert found.name == wanted


@dataclass
class Used:
    """Keys and a ledger in one: a single key, and so many requests of a thousand tokens in its last month."""

    requests: int
    record: KeyRecord | None = None

    def records(self) -> tuple[KeyRecord, ...]:
        return () if self.record is None else (self.record,)

    def active(self) -> KeyRecord | None:
        return self.record

    def total(self, **_: Any) -> Spend:
        return Spend("", requests=self.requests, input=self.requests * 1_000, output=self.requests * 100)

    def refusals(self, key_id: str, **_: Any) -> dict[str, int]:
        return {}


CHOSEN = Habit(messages_a_day=7)


@pytest.mark.parametrize(
    ("used", "progress", "habit"),
    [
        (Used(60, key("work")), Progress(), Habit(2, "", 100, 1, sent=1_000)),
        (Used(9, key("work")), Progress(), Habit()),
        (Used(60), Progress(), Habit()),
        (Used(60, key("work")), Progress(habit=CHOSEN), CHOSEN),
    ],
)
async def test_the_reckoning_begins_with_real_use_unless_something_was_chosen(
    used: Used, progress: Progress, habit: Habit
) -> None:
    async def at_once(work: Callable[[], Any]) -> Any:
        return work()

    port: Any = used
    assert await begun(progress, keys=port, ledger=port, now=NOW, background=at_once) == habit
