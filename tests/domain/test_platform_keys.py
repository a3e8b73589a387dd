"""What the platform tells of kept keys, in organisations of any size."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

import pytest

from keytui.domain.chat import Refused
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, Place, VaultTrouble
from keytui.domain.organization.parts import Project, ProjectKey
from keytui.domain.platform_keys import MOST, Standing, Told, find, learnt, same, shows, standings
from keytui.domain.secrets import Secret
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


SECRET = Secret("sk-proj-aB3dE6gH9jK2mN5pQ8abcd")


@pytest.mark.parametrize(
    ("redacted", "fits"),
    [
        ("sk-proj-aB***abcd", True),
        ("sk-…abcd", True),
        ("sk-svcacct-***abcd", False),
        ("sk-proj-***bcde", False),
        ("sk-proj-***", False),
        ("sk-proj-aB3dE6gH9jK2mN5pQ8abcd", False),
    ],
)
def test_what_the_platform_shows_of_a_key_must_fit_at_both_ends(redacted: str, fits: bool) -> None:
    assert shows(ProjectKey("k", "", redacted), SECRET) is fits


@pytest.mark.parametrize(
    ("platform_id", "last4", "redacted", "fits"),
    [
        ("key_1", "zzzz", "sk-…abcd", True),
        ("key_2", "abcd", "sk-…abcd", False),
        (None, "abcd", "sk-…abcd", True),
        (None, "abcd", "sk-…cd", True),
        (None, "abcd", "sk-…xabcd", True),
        (None, "abcd", "sk-…abce", False),
        (None, "", "sk-…abcd", False),
        (None, "abcd", "sk-…", False),
    ],
)
def test_a_key_is_told_by_its_id_else_by_its_end(
    platform_id: str | None, last4: str, redacted: str, fits: bool
) -> None:
    record = replace(KEY, platform_id=platform_id, last4=last4)
    assert same(record, ProjectKey("key_1", "", redacted)) is fits


async def sought(there: Organisation, record: KeyRecord = KEY, secret: Secret | None = None) -> str:
    view: Any = there
    project, key = await find(view, record, secret)
    return f"{project.id} {key.id}"


async def test_a_key_is_found_in_its_project_or_in_any() -> None:
    there = Organisation(9)
    assert await sought(there, OTHER) == "proj_7 key_proj_7"
    assert there.asked == ["proj_7"]
    # The project that is written down may be another account's: then all are looked through.
    assert await sought(Organisation(20), replace(KEY, project="gone"), SECRET) == "proj_18 key_proj_18"


@pytest.mark.parametrize(
    ("projects", "record", "secret", "says"),
    [
        (MOST + 1, KEY, None, "it is not known which of them “work” belongs to"),
        (5, replace(KEY, last4="0000"), None, "lists no key like “work”"),
        (5, KEY, Secret("sk-svcacct-abcd"), None),
        (5, KEY, Secret("rk-abcd"), "lists no key like “work”"),
        (20, replace(KEY, last4="none"), None, "lists 18 keys that look like “work”"),
    ],
)
async def test_a_key_that_is_not_found_for_certain_is_said(
    projects: int, record: KeyRecord, secret: Secret | None, says: str | None
) -> None:
    if says is None:
        assert await sought(Organisation(projects), record, secret) == "proj_3 key_proj_3"
        return
    with pytest.raises(VaultTrouble, match=says):
        await sought(Organisation(projects), record, secret)


def test_what_the_platform_knows_better_is_learnt() -> None:
    late, later = NOW + timedelta(days=1), NOW + timedelta(days=2)
    project = Project("p", "shop")
    key = ProjectKey("k", "", "sk-…abcd", last_used=late)
    kept = replace(KEY, expires=later, last_used=NOW, project_name="old")
    assert learnt(kept, Standing(project, key, True)) == replace(kept, project="p", project_name="shop", last_used=late)
    unnamed = Standing(Project("p", ""), replace(key, expires=late, last_used=None), True)
    assert learnt(kept, unnamed) == replace(kept, project="p", expires=late)
    assert learnt(KEY, unnamed).last_used is None
