"""A plan applied to a real organisation over a socket: once, twice, beside others, and taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import openai
import pytest

from keytui.domain.apply.events import Finished, Planned, Probed
from keytui.domain.apply.run import Outcome
from keytui.domain.apply.unfinished import HalfMade, unfinished
from keytui.domain.applying import differences, steps
from keytui.domain.keys import KeyKind, KeyState
from keytui.domain.plan import ALL, Permissions, RateLimit
from keytui.domain.presets import plan_for
from tests.domain.apply.office import MODEL, Office, Organization, office, plan
from tests.support.practice import Practice


async def test_a_whole_plan_is_made(me: Office, organization: Organization, name: str) -> None:
    wanted = plan(name, cap=Decimal(7))
    assert [each.now for each in await differences(wanted, me.means)] == ["nothing yet"] * 9
    done = await me.apply(wanted)
    assert done.events[0] == Planned(steps(wanted))
    assert done.outcomes == {
        "project": Outcome.MADE,
        "models": Outcome.CHANGED,
        "tools": Outcome.CHANGED,
        "tiers": Outcome.CHANGED,
        f"rate {MODEL}": Outcome.CHANGED,
        "spend limit": Outcome.CHANGED,
        "alert 8": Outcome.MADE,
        "service account": Outcome.MADE,
        "key": Outcome.MADE,
        "check": Outcome.UNCHANGED,
    }
    assert [event.stage.stage.name for event in done.events if isinstance(event, Probed)][-1] == "COUNT"
    (project,) = organization.projects(name)
    there = organization.settings(project)
    assert there["models"] == sorted(wanted.permissions.models)
    assert there["tools"] == {tool: {"enabled": False} for tool in there["tools"]}
    assert (there["tiers"], there["rates"], there["limit"], there["alerts"]) == (("standard", []), 100, 1000, [800])
    assert there["accounts"] == ["keytui"]
    (key,) = organization.keys(project)
    record = done.record
    assert (record.name, record.kind, record.state) == ("keytui", KeyKind.SERVICE_ACCOUNT, KeyState.WORKS)
    assert (record.project, record.project_name, record.monthly_cap) == (project, name, Decimal(7))
    assert record.expires is not None
    assert record.expires - me.home.clock() > timedelta(days=89)
    assert record.expires.timestamp() == key.expires_at
    assert me.keys.records() == (record,)
    secret = await me.keys.secret(record)
    client = organization.client(secret.reveal())
    assert {model.id for model in client.models.list()} == set(wanted.permissions.models)
    client.responses.create(model=MODEL, input="hello")
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="text-embedding-3-small", input="hello")


async def test_the_second_time_changes_nothing(me: Office, organization: Organization, name: str) -> None:
    wanted = plan(name, rate_limits=(RateLimit(MODEL, 10**9, 1000),))
    first = await me.apply(wanted)
    assert "lowered to the organisation's own limit" in first.words[f"rate {MODEL}"]
    (project,) = organization.projects(name)
    before = organization.settings(project)
    assert await differences(wanted, me.means) == ()
    second = await me.apply(wanted)
    assert set(second.outcomes.values()) == {Outcome.ADOPTED, Outcome.UNCHANGED}
    assert second.record.id == first.record.id
    assert organization.projects(name) == [project]
    assert organization.settings(project) == before
    assert len(me.keys.records()) == 1
    # It changed nothing, so what can be undone is still what the first one did.
    assert (await me.undo()).finished
    assert organization.projects(name) == []
    assert me.keys.records() == ()
    assert (await me.undo()).events == [Finished(None)]


async def test_looking_changes_nothing(me: Office, organization: Organization, name: str) -> None:
    await differences(plan(name), me.means)
    assert organization.projects(name, archived=True) == []
    assert me.keys.records() == ()
    assert not (me.home.folder / "state" / "plan.json").exists()


async def test_an_existing_project_is_adopted_and_put_back(me: Office, organization: Organization, name: str) -> None:
    there = organization.api.projects
    project = there.create(name=name).id
    there.model_permissions.update(project, mode="deny_list", model_ids=["gpt-6-sol"])
    there.hosted_tool_permissions.update(project, mcp={"enabled": False})
    there.service_tier_settings.update(project, default="fast", enabled_tiers=["fast"])
    there.rate_limits.update_rate_limit(f"rl-{MODEL}", project_id=project, max_requests_per_1_minute=5)
    there.spend_limit.update(project, currency="USD", interval="month", threshold_amount=123)
    account = there.service_accounts.create(project, name="keytui")
    before = organization.settings(project)
    done = await me.apply(plan(name))
    assert done.outcomes["project"] is Outcome.ADOPTED
    assert done.outcomes["service account"] is Outcome.ADOPTED
    assert "it was $1.23 a month" in done.words["spend limit"]
    assert "it was every model but gpt-6-sol" in done.words["models"]
    assert organization.settings(project)["tiers"] == ("standard", [])
    assert len(organization.keys(project)) == 2
    undone = await me.undo()
    assert undone.finished
    assert next(iter(undone.outcomes)) == "key"
    assert undone.outcomes["project"] is Outcome.UNCHANGED
    assert undone.outcomes["service account"] is Outcome.UNCHANGED
    assert organization.settings(project) == before
    organization.client(account.api_key.value).models.list()


async def test_what_somebody_else_set_meanwhile_is_left(me: Office, organization: Organization, name: str) -> None:
    project = organization.api.projects.create(name=name).id
    await me.apply(plan(name))
    limit = organization.api.projects.spend_limit
    limit.update(project, currency="USD", interval="month", threshold_amount=55)
    undone = await me.undo()
    assert undone.outcomes["spend limit"] is Outcome.UNCHANGED
    assert "somebody set it to $0.55 a month" in undone.words["spend limit"]
    assert limit.retrieve(project).threshold_amount == 55


async def test_two_machines_share_a_project_and_leave_each_others_keys(
    me: Office, service: Practice, organization: Organization, name: str, tmp_path: Path
) -> None:
    await me.apply(plan(name))
    async with office(service, tmp_path / "other") as other:
        theirs = await other.apply(plan(name))
        assert theirs.outcomes["key"] is Outcome.MADE
        assert "1 other key of that name" in theirs.words["key"]
        undone = await me.undo()
        assert "it stays: another key is in use there" in undone.words["service account"]
        assert "it stays, with its limits" in undone.words["project"]
        secret = (await other.keys.secret(theirs.record)).reveal()
        organization.client(secret).responses.create(model=MODEL, input="still there")
        mine = await me.apply(plan(name))
        assert (await other.undo()).finished
    (project,) = organization.projects(name)
    assert len(organization.keys(project)) == 1
    organization.client((await me.keys.secret(mine.record)).reveal()).models.list()
    assert (await me.apply(plan(name))).outcomes["key"] is Outcome.ADOPTED


async def test_a_key_that_ended_is_replaced(me: Office, organization: Organization, name: str) -> None:
    first = await me.apply(plan(name))
    me.home.clock.move(days=91)
    second = await me.apply(plan(name))
    assert second.outcomes["key"] is Outcome.MADE
    assert second.record.name == "keytui-2"
    assert first.record.id != second.record.id


async def test_everything_means_all_of_it(me: Office, organization: Organization, name: str) -> None:
    project = organization.api.projects.create(name=name).id
    organization.api.projects.hosted_tool_permissions.update(project, mcp={"enabled": False})
    organization.api.projects.model_permissions.update(project, mode="allow_list", model_ids=[MODEL])
    done = await me.apply(plan_for("everything").with_project(name=name))
    assert done.finished
    there = organization.settings(project)
    assert (there["models"], there["tiers"][1]) == (None, "all")
    assert there["tools"] == {tool: {"enabled": True} for tool in there["tools"]}
    organization.client((await me.keys.secret(done.record)).reveal()).responses.create(model="gpt-6-sol", input="hi")


async def test_only_what_the_plan_names_is_set(me: Office, organization: Organization, name: str) -> None:
    wanted = plan(
        name, permissions=Permissions("everything", (), ("mcp",), (ALL,)), spend_limit=None, alerts=(), rate_limits=()
    )
    wanted = replace(wanted, key=replace(wanted.key, expires_days=None, scopes=()))
    done = await me.apply(wanted)
    assert set(done.outcomes) == {"project", "models", "tools", "tiers", "service account", "key", "check"}
    there = organization.settings(organization.projects(name)[0])
    assert (there["limit"], there["alerts"]) == (None, [])
    assert {tool for tool, row in there["tools"].items() if row["enabled"]} == {"mcp"}
    assert done.record.expires is None


async def test_an_account_without_a_role_gets_one(me: Office, organization: Organization, name: str) -> None:
    there = organization.api.projects
    project = there.create(name=name).id
    there.service_accounts.create(project, name="keytui", create_service_account_only=True)
    done = await me.apply(plan(name))
    assert done.outcomes["service account"] is Outcome.CHANGED
    assert done.finished


async def test_alerts_go_to_the_named_addresses(me: Office, organization: Organization, name: str) -> None:
    wanted = plan(name, alerts=(Decimal(4), Decimal("8.50")), alert_emails=("a@b.example",))
    await me.apply(wanted)
    (project,) = organization.projects(name)
    alerts = list(organization.api.projects.spend_alerts.list(project))
    assert [(row.threshold_amount, row.notification_channel.recipients) for row in alerts] == [
        (400, ["a@b.example"]),
        (850, ["a@b.example"]),
    ]


async def test_another_plan_waits_until_a_half_made_one_is_settled(
    me: Office, organization: Organization, name: str
) -> None:
    stuck = await me.apply(plan(name, rate_limits=(RateLimit("gpt-none", 1),)))
    assert stuck.stuck.step.name == "rate gpt-none"
    with pytest.raises(HalfMade, match="left half made"):
        await me.apply(plan(f"{name} 2"))
    left = unfinished(me.means.journal)
    assert left is not None
    assert [step.name for step in left.done] == ["project", "models", "tools", "tiers"]
    assert (await me.undo()).finished
    assert unfinished(me.means.journal) is None
    assert organization.projects(name) == []
