"""Reading the organisation in: what comes first, what is not told, and a platform that is asked too often."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.admin import Gone
from keytui.domain.chat import Refused
from keytui.domain.organization.parts import CostRow, Project, ProjectKey, ServiceAccount
from keytui.domain.organization.reading import AT_ONCE, PAUSE, TRIES, Reading, patient, read
from keytui.domain.troubles import Exit, Trouble

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def refusal(way_out: Exit) -> Refused:
    return Refused(Trouble("some", "Refused.", "Do this.", exit=way_out))


class View:
    """So many projects with one key each, of which the first has no service accounts to ask for."""

    def __init__(self, projects: int = 2, costs: Refused | None = None, busy: int = 0) -> None:
        self.size, self.fault, self.busy = projects, costs, busy

    async def projects(self) -> tuple[Project, ...]:
        return tuple(Project(f"p{number}", f"project {number}") for number in range(self.size))

    async def costs(self, start: datetime, *, group_by: tuple[str, ...]) -> list[CostRow]:
        assert (start, group_by) == (datetime(2026, 11, 1, tzinfo=UTC), ("project_id", "api_key_id"))
        if self.fault:
            raise self.fault
        rows = (("p0", "k0", "2"), ("p0", None, "1"), ("p1", "k1", "4"), ("p1", "k1", "0.5"))
        return [CostRow(start, NOW, Decimal(usd), project_id=project, key_id=key) for project, key, usd in rows]

    async def service_accounts(self, project_id: str) -> tuple[ServiceAccount, ...]:
        if project_id == "p0":
            raise Gone(Trouble("gone", "Gone.", "Look."))
        return (ServiceAccount(f"sa_{project_id}", "bot", "member"),)

    async def keys(self, project_id: str) -> tuple[ProjectKey, ...]:
        if self.busy:
            self.busy -= 1
            raise refusal(Exit.RATE)
        return (ProjectKey(f"k{project_id[1:]}", "", "sk-…", account_id=f"sa_{project_id}"),)


async def whole(view: View, slept: list[float] | None = None) -> list[Any]:
    async def sleep(seconds: float) -> None:
        if slept is not None:
            slept.append(seconds)

    port: Any = view
    return [part async for part in read(port, NOW, together=asyncio.gather, sleep=sleep)]  # type: ignore[arg-type]


async def test_the_projects_come_first_then_what_they_cost_then_what_is_in_them() -> None:
    first, costed, sections = await whole(View())
    assert (first.projects, first.costs, costed.projects) == (costed.projects, None, await View().projects())
    assert costed.costs == {"p0": Decimal(3), "k0": Decimal(2), "p1": Decimal("4.5"), "k1": Decimal("4.5")}
    assert [[(row.id, row.cost) for row in one.rows] for one in sections] == [
        [("p0 - -", Decimal(3)), ("p0 - k0", Decimal(2))],
        [("p1 - -", Decimal("4.5")), ("p1 sa_p1 -", Decimal("4.5")), ("p1 sa_p1 k1", Decimal("4.5"))],
    ]
    read_in = Reading(costed.projects, costed.costs, {"p1": sections[1]})
    assert [row.id for row in read_in.rows()] == ["- - -", "p0 - -", "p1 - -", "p1 sa_p1 -", "p1 sa_p1 k1"]
    assert read_in.rows()[0].cost == Decimal("7.5")


async def test_projects_are_read_a_few_at_a_time() -> None:
    _, _, *parts = await whole(View(AT_ONCE + 1))
    assert [len(part) for part in parts] == [AT_ONCE, 1]


@pytest.mark.parametrize("way_out", [Exit.AUTHENTICATION, Exit.RATE])
async def test_costs_that_are_not_told_are_not_known(way_out: Exit) -> None:
    _, costed, sections = await whole(View(costs=refusal(way_out)))
    assert costed.costs is None
    assert {row.cost for one in sections for row in one.rows} == {None}


async def test_a_line_that_is_down_is_no_matter_of_rights() -> None:
    with pytest.raises(Refused):
        await whole(View(costs=refusal(Exit.NETWORK)))


async def test_a_platform_that_is_asked_too_often_is_waited_for() -> None:
    slept: list[float] = []
    await whole(View(1, busy=TRIES - 1), slept)
    assert slept == [PAUSE] * (TRIES - 1)
    with pytest.raises(Refused):
        await whole(View(1, busy=TRIES))


async def test_what_waiting_does_not_cure_is_not_waited_for() -> None:
    async def never(_: float) -> None:
        raise AssertionError

    async def ask() -> None:
        raise refusal(Exit.AUTHENTICATION)

    with pytest.raises(Refused):
        await patient(ask, never)
