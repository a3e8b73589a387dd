"""keytui is killed at every moment of applying a plan: nothing is orphaned, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keytui.domain.apply.run import Outcome
from keytui.domain.apply.unfinished import unfinished
from tests.domain.apply.dying import Fate, Undertaker, go
from tests.domain.apply.office import MODEL, Applied, Office, Organization, office, plan
from tests.support.practice import Practice

APPLYING = 34
UNDOING = 15
"""How many things last, in the order in which they do; ``test_every_moment_is_tried`` holds them to it."""


@pytest.fixture(scope="module")
def undertaker(service: Practice) -> Iterator[Undertaker]:
    undertaker = Undertaker(service)
    yield undertaker
    undertaker.close()


async def in_office(service: Practice, folder: Path, work: Any) -> Any:
    async with office(service, folder) as me:
        return await work(me)


async def finish(me: Office, name: str) -> tuple[Applied, str]:
    left = unfinished(me.means.journal)
    assert left is None or left.plan == plan(name)
    done = await me.apply(plan(name))
    return done, (await me.keys.secret(done.record)).reveal()


async def take_back(me: Office) -> None:
    assert (await me.undo()).finished
    assert unfinished(me.means.journal) is None
    assert me.keys.records() == ()
    assert await me.home.ids_in("vault") == set()
    assert me.home.index()["pending"] == [] if me.home.paths.keys_file.exists() else True


def furnished(organization: Organization, name: str) -> tuple[str, dict[str, Any]]:
    """A project that was there before, with settings and a key of its own."""
    there = organization.api.projects
    project = there.create(name=name).id
    there.model_permissions.update(project, mode="allow_list", model_ids=["gpt-6-sol"])
    there.rate_limits.update_rate_limit(f"rl-{MODEL}", project_id=project, max_requests_per_1_minute=5)
    there.spend_limit.update(project, currency="USD", interval="month", threshold_amount=123)
    there.service_accounts.create(project, name="other")
    return project, organization.settings(project)


def test_every_moment_is_tried(service: Practice, tmp_path: Path, name: str) -> None:
    applying, undoing = Fate(None), Fate(None)
    asyncio.run(go(service, tmp_path, plan(name), applying))
    asyncio.run(go(service, tmp_path, None, undoing))
    assert (len(applying.seen), len(undoing.seen)) == (APPLYING, UNDOING)
    assert {"save", "make_project", "set_spend_limit", "make_key", "add"} <= set(applying.seen)
    assert {"save", "revoke_key", "forget", "archive_project"} <= set(undoing.seen)


@pytest.mark.parametrize("at", range(1, APPLYING + 1))
def test_killed_and_finished(
    undertaker: Undertaker, service: Practice, organization: Organization, tmp_path: Path, name: str, at: int
) -> None:
    undertaker.killed(tmp_path, name, at)
    done, secret = asyncio.run(in_office(service, tmp_path, lambda me: finish(me, name)))
    (project,) = organization.projects(name, archived=True)
    assert organization.accounts(project) == ["keytui"]
    (key,) = organization.keys(project)
    assert key.redacted_value.endswith(done.record.last4)
    assert len(organization.settings(project)["alerts"]) == 1
    organization.client(secret).models.list()
    assert asyncio.run(in_office(service, tmp_path, lambda me: me.home.ids_in("vault"))) == {done.record.id}


def test_killed_and_finished_it_is_whole(undertaker: Undertaker, service: Practice, tmp_path: Path, name: str) -> None:
    undertaker.killed(tmp_path, name, APPLYING // 2)
    done, secret = asyncio.run(in_office(service, tmp_path, lambda me: finish(me, name)))
    again, same = asyncio.run(in_office(service, tmp_path, lambda me: finish(me, name)))
    assert set(again.outcomes.values()) == {Outcome.ADOPTED, Outcome.UNCHANGED}
    assert (again.record.id, same) == (done.record.id, secret)


@pytest.mark.parametrize("at", range(1, APPLYING + 1))
def test_killed_and_undone(
    undertaker: Undertaker, service: Practice, organization: Organization, tmp_path: Path, name: str, at: int
) -> None:
    undertaker.killed(tmp_path, name, at)
    asyncio.run(in_office(service, tmp_path, take_back))
    assert organization.projects(name) == []
    for project in organization.projects(name, archived=True):
        assert organization.keys(project) == []


@pytest.mark.parametrize("at", range(1, APPLYING - 1, 2))
def test_killed_in_a_project_that_was_there_and_undone(
    undertaker: Undertaker, service: Practice, organization: Organization, tmp_path: Path, name: str, at: int
) -> None:
    project, before = furnished(organization, name)
    undertaker.killed(tmp_path, name, at)
    asyncio.run(in_office(service, tmp_path, take_back))
    assert organization.projects(name) == [project]
    assert organization.settings(project) == before


@pytest.mark.parametrize("at", range(1, UNDOING))
def test_killed_while_undoing(
    undertaker: Undertaker, service: Practice, organization: Organization, tmp_path: Path, name: str, at: int
) -> None:
    asyncio.run(go(service, tmp_path, plan(name), Fate(None)))
    undertaker.killed(tmp_path, None, at)
    asyncio.run(in_office(service, tmp_path, take_back))
    assert organization.projects(name) == []
    (project,) = organization.projects(name, archived=True)
    assert organization.keys(project) == []
