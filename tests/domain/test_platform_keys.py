"""What the platform tells of kept keys, in organisations of any size."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from math import inf

from keytui.domain.admin import Project, ProjectKey
from keytui.domain.chat import Refused
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, Place
from keytui.domain.platform_keys import MOST, Told, standings
from keytui.domain.troubles import Signal, recognise

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = KeyRecord("1", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.KEYRING, "abcd", NOW)
OTHER = replace(KEY, id="2", name="known", last4="wxyz", project="proj_7")


class Organisation:
    """As many projects as asked for; two keys in the last but one and one in the seventh."""

    base_url = OPENAI_BASE_URL

    def __init__(self, projects: int, *, busy: int = 0) -> None:
        self.size, self.busy, self.asked = projects, busy, list[str]()

    async def projects(self, *, archived: bool = False) -> tuple[Project, ...]:
        return tuple(Project(f"proj_{number}", f"project {number}", NOW) for number in range(self.size))

    async def keys(self, project_id: str) -> tuple[ProjectKey, ...]:
        if self.busy:
            self.busy -= 1
            raise Refused(recognise(Signal(status=429, code="rate_limit_exceeded")))
        self.asked.append(project_id)
        ends = {f"proj_{self.size - 2}": "abcd", "proj_7": "wxyz"}
        return (ProjectKey(f"key_{project_id}", "one", f"sk-…{ends.get(project_id, 'none')}", "somebody"),)

    async def spend_limit(self, project_id: str | None = None) -> int | None:
        return None


async def asked(there: Organisation, **more: float) -> Told:
    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    return await standings(there, (KEY, OTHER), together=asyncio.gather, sleep=at_once, **more)  # type: ignore[arg-type]


async def test_in_a_large_organisation_only_known_projects_are_asked_and_the_rest_is_named() -> None:
    there = Organisation(MOST + 1)
    told = await asked(there)
    assert (set(told.standings), told.unsought) == ({"2"}, ("work",))
    assert there.asked == ["proj_7"]


async def test_every_project_is_asked_where_that_is_wanted_and_a_busy_platform_is_waited_for() -> None:
    there = Organisation(MOST + 1, busy=5)
    told = await asked(there, most=inf)
    assert {name: one.project.id for name, one in told.standings.items()} == {"1": f"proj_{MOST - 1}", "2": "proj_7"}
    assert told.unsought == ()
    assert len(set(there.asked)) == MOST + 1
