"""The platform's own limits, of the projects that keytui's keys belong to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, Place
from keytui.domain.organization.parts import CostRow, Project, ProjectKey
from keytui.domain.spend_limits import LOOKED_AT, SpendLimit, read_spend_limits

NOW = datetime(2026, 12, 1, 3, 4, 5, 678, tzinfo=timezone(timedelta(hours=9)))
"""Still the last day of November for the platform."""
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
KEY = KeyRecord("1", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.KEYRING, "1111", NOW, project="p1")


class Owner:
    """An organisation of projects, each with one key and a limit of as many dollars as its number."""

    base_url = OPENAI_BASE_URL

    def __init__(self, projects: int = 3) -> None:
        self._projects = [Project(f"p{n}", f"number {n}") for n in range(1, projects + 1)]
        self.looked_through: list[str] = []

    async def costs(self, start: datetime, *, group_by: tuple[str, ...]) -> list[CostRow]:
        assert (start, group_by) == (NOVEMBER, ("project_id",))
        amounts = (("p1", "0.25"), ("p1", "0.50"), ("p2", "3"), (None, "1"))
        return [CostRow(start, NOW, Decimal(usd), project_id=project) for project, usd in amounts]

    async def projects(self) -> list[Project]:
        return self._projects

    async def spend_limit(self, project_id: str | None = None) -> int | None:
        return 10_050 if project_id is None else None if project_id == "p3" else int(project_id[1:]) * 100

    async def keys(self, project_id: str) -> list[ProjectKey]:
        self.looked_through.append(project_id)
        return [ProjectKey(f"key_{project_id}", "", f"sk-…{project_id[1:] * 4}")]


WHOLE = SpendLimit(None, Decimal("100.50"), Decimal("4.75"))


@pytest.mark.usefixtures("in_tokyo")
async def test_a_key_that_says_its_project_is_not_looked_for() -> None:
    owner = Owner()
    limits = await read_spend_limits(owner, [KEY], NOW)  # type: ignore[arg-type]
    assert limits == (SpendLimit(Project("p1", "number 1"), Decimal(1), Decimal("0.75")), WHOLE)
    assert owner.looked_through == []
    assert [limit.name for limit in limits] == ["project “number 1”", "the organisation"]


async def test_other_keys_are_found_by_their_last_characters() -> None:
    owner = Owner()
    unnamed = replace(KEY, id="2", project=None, last4="3333")
    limits = await read_spend_limits(owner, [KEY, unnamed], NOW)  # type: ignore[arg-type]
    assert [(limit.name, limit.amount, limit.spent) for limit in limits] == [
        ("project “number 1”", 1, Decimal("0.75")),
        ("project “number 3”", None, 0),
        ("the organisation", Decimal("100.50"), Decimal("4.75")),
    ]
    assert owner.looked_through == ["p2", "p3"]


async def test_keys_of_another_address_and_projects_without_end_are_left_alone() -> None:
    owner = Owner()
    elsewhere = replace(KEY, base_url="https://gateway.example/v1", project=None)
    assert await read_spend_limits(owner, [elsewhere], NOW) == (WHOLE,)  # type: ignore[arg-type]
    assert owner.looked_through == []
    many = Owner(LOOKED_AT + 5)
    await read_spend_limits(many, [replace(KEY, project=None, last4="none")], NOW)  # type: ignore[arg-type]
    assert len(many.looked_through) == LOOKED_AT


@pytest.mark.parametrize(
    ("amount", "spent", "left"), [("10", "2.5", "7.5"), ("10", "10", "0"), ("10", "12", "0"), (None, "3", None)]
)
def test_what_is_left_is_never_less_than_nothing(amount: str | None, spent: str, left: str | None) -> None:
    limit = SpendLimit(None, amount and Decimal(amount), Decimal(spent))  # type: ignore[arg-type]
    assert limit.left == (left and Decimal(left))
