"""The Admin API through the SDK: against the practice service, and against servers that say something else."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from keytui.adapters.network.http import HttpClients
from keytui.adapters.openai.admin import OpenAIAdmin
from keytui.domain.admin import Gone
from keytui.domain.admin_troubles import letter_to_owner, wrong_admin_key
from keytui.domain.chat import Refused
from keytui.domain.keys import OPENAI_BASE_URL
from keytui.domain.organization.parts import ModelLimit, ModelPermissions, ServiceTiers
from keytui.domain.presets import plan_for
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit
from tests.support.faulty import HANG, RESET, Faulty, error, faulty_server, reply
from tests.support.practice import Practice, practice_service

ADMIN = Secret("sk-admin-" + "aB3dE6gH9jK2mN5pQ8sT" * 5)
MODEL = "gpt-6-luna"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    with practice_service(tmp_path_factory.mktemp("organisation"), "--rate", "max") as service:
        yield service


@pytest_asyncio.fixture
async def admin(service: Practice) -> AsyncIterator[OpenAIAdmin]:
    admin = OpenAIAdmin(Secret(service.admin_key), service.base_url, HttpClients())
    yield admin
    await admin.close()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Faulty]:
    async with faulty_server() as server:
        yield server


@pytest_asyncio.fixture
async def strange(server: Faulty) -> AsyncIterator[OpenAIAdmin]:
    """An organisation at a server that answers what a test says."""
    admin = OpenAIAdmin(ADMIN, server.base_url, HttpClients())
    yield admin
    await admin.close()


async def test_everything_that_is_set_can_be_read_and_put_back(admin: OpenAIAdmin) -> None:
    project = (await admin.make_project("settings", residency="EU_STORAGE_PROCESSING")).id
    assert await admin.model_permissions(project) is None
    for permissions in (ModelPermissions("allow_list", (MODEL,)), ModelPermissions("deny_list", ("gpt-6-sol",)), None):
        await admin.set_model_permissions(project, permissions)
        assert await admin.model_permissions(project) == permissions
    await admin.set_model_permissions(project, None)
    tools = dict(await admin.hosted_tools(project))
    await admin.set_hosted_tools(project, tools | {"mcp": False})
    assert await admin.hosted_tools(project) == tools | {"mcp": False}
    for tiers in (ServiceTiers("fast", ("fast", "flex")), ServiceTiers("standard", ()), ServiceTiers("standard", None)):
        await admin.set_service_tiers(project, tiers)
        assert await admin.service_tiers(project) == tiers
    row = next(row for row in await admin.rate_limits(project) if row.model == MODEL)
    await admin.set_rate_limit(project, ModelLimit(row.id, MODEL, 7, None))
    changed = next(row for row in await admin.rate_limits(project) if row.model == MODEL)
    assert changed == ModelLimit(row.id, MODEL, 7, row.tokens_per_minute)
    assert await admin.spend_limit(project) is None
    assert await admin.spend_limit() is None
    await admin.set_spend_limit(project, 1234)
    assert await admin.spend_limit(project) == 1234
    await admin.set_spend_limit(project, None)
    await admin.set_spend_limit(project, None)
    alert = await admin.make_spend_alert(project, 500, ("a@b.example",))
    assert await admin.spend_alerts(project) == (alert,)
    for _ in range(2):
        await admin.delete_spend_alert(project, alert.id)
    assert await admin.spend_alerts(project) == ()


async def test_accounts_and_keys(admin: OpenAIAdmin) -> None:
    project = (await admin.make_project("keys")).id
    account = await admin.make_service_account(project, "bot")
    assert account.role == "none"
    await admin.set_account_role(project, account.id, "member")
    made = await admin.make_key(project, account.id, "first", scopes=("api.model.read",), expires_seconds=3600)
    assert made.expires is not None
    (key,) = await admin.keys(project)
    assert (key.id, key.name, key.owner, key.account_id, key.owner_active) == (
        made.id,
        "first",
        "bot",
        account.id,
        True,
    )
    assert (key.expires, key.last_used) == (made.expires, None)
    assert key.redacted.endswith(made.secret.last4)
    for _ in range(2):
        await admin.revoke_key(project, made.id)
    assert await admin.keys(project) == ()
    for _ in range(2):
        await admin.delete_service_account(project, account.id)
    assert await admin.service_accounts(project) == ()
    with pytest.raises(Gone) as caught:
        await admin.make_key(project, account.id, "second", scopes=(), expires_seconds=None)
    assert account.id in caught.value.trouble.detail


async def test_the_organisation_can_be_looked_at(admin: OpenAIAdmin, service: Practice) -> None:
    from openai import DefaultHttpx2Client, OpenAI

    with OpenAI(
        api_key=service.api_key,
        base_url=service.base_url,
        http_client=DefaultHttpx2Client(trust_env=False, verify=False),
    ) as client:
        client.responses.create(model=MODEL, input="hello")
    (person,) = await admin.members()
    assert (person.role, "@" in person.email) == ("owner", True)
    since = datetime.now(UTC) - timedelta(days=40)
    (row,) = await admin.usage(since, group_by=("model",))
    assert (row.model, row.requests, row.begins <= datetime.now(UTC) <= row.ends + timedelta(days=1)) == (
        MODEL,
        1,
        True,
    )
    costs = await admin.costs(since, datetime.now(UTC) + timedelta(hours=1), group_by=("line_item", "project_id"))
    assert {cost.item for cost in costs} == {f"{MODEL}, input_tokens", f"{MODEL}, output_tokens"}
    assert all(cost.amount > 0 and isinstance(cost.amount, Decimal) for cost in costs)
    (whole,) = await admin.costs(since)
    assert abs(whole.amount - sum(cost.amount for cost in costs)) < Decimal("1e-15")


async def test_long_lists_are_read_to_their_end(admin: OpenAIAdmin) -> None:
    for number in range(105):
        await admin.make_project(f"many {number}")
    names = [project.name for project in await admin.projects()]
    assert [name for name in names if name.startswith("many")] == [f"many {number}" for number in range(105)]
    await admin.archive_project((await admin.projects())[-1].id)
    assert len(await admin.projects()) == len(names) - 1
    assert len(await admin.projects(archived=True)) >= len(names)


async def test_a_list_that_never_ends_is_ended(strange: OpenAIAdmin, server: Faulty) -> None:
    page = {"object": "list", "data": [{"id": "proj_1", "name": "x"}], "has_more": True, "last_id": "proj_1"}
    server.on("/organization/projects", reply(200, page))
    (project,) = await strange.projects()
    assert (project.id, project.created, project.archived) == ("proj_1", None, False)
    assert len(server.requests) == 2


@pytest.mark.parametrize("null", [True, False], ids=["null", "missing"])
async def test_fields_that_are_null_or_missing_are_met_calmly(strange: OpenAIAdmin, server: Faulty, null: bool) -> None:
    def row(name: str, *fields: str) -> bytes:
        there = dict.fromkeys(fields) if null else {}
        return reply(200, {"object": "list", "data": [{"id": name, **there}, {"id": None}], "has_more": None})

    at = "/organization/projects/p"
    server.on(f"{at}/api_keys", row("key_1", "name", "owner", "redacted_value", "created_at", "owner_project_access"))
    server.on(f"{at}/service_accounts", row("svc_1", "name", "role", "created_at"))
    server.on(f"{at}/rate_limits", row("rl-x", "model", "max_requests_per_1_minute", "max_tokens_per_1_minute"))
    server.on(f"{at}/spend_alerts", row("al_1", "threshold_amount", "notification_channel"))
    server.on("/organization/users", row("user-1", "name", "email", "role"))
    server.on("/organization/projects", row("p", "name", "created_at", "status"))
    server.on(f"{at}/model_permissions", reply(200, {"mode": None} if null else {}))
    server.on(f"{at}/hosted_tool_permissions", reply(200, {"mcp": None} if null else {}))
    server.on(f"{at}/service_tier_settings", reply(200, {"default": None} if null else {}))
    server.on(f"{at}/spend_limit", reply(200, {"threshold_amount": None} if null else {}))
    server.on("/usage/completions", reply(200, {"data": [{"start_time": 1, "end_time": None, "results": [{}]}]}))
    server.on("/organization/costs", reply(200, {"data": None if null else []}))
    (key,), (account,) = await strange.keys("p"), await strange.service_accounts("p")
    assert (key.name, key.redacted, key.account_id, key.expires) == ("", "", None, None)
    assert (account.role, account.created) == ("none", None)
    assert await strange.rate_limits("p") == (ModelLimit("rl-x", "", None, None),)
    (alert,), (person,), (project,) = await strange.spend_alerts("p"), await strange.members(), await strange.projects()
    assert (alert.emails, person.email, project.name) == ((), "", "")
    assert await strange.model_permissions("p") is None
    assert await strange.hosted_tools("p") == {}
    assert await strange.service_tiers("p") == ServiceTiers("standard", ())
    assert await strange.spend_limit("p") is None
    assert await strange.usage(datetime.now(UTC)) == await strange.costs(datetime.now(UTC)) == ()


@pytest.mark.parametrize(
    ("answer", "trouble", "status"),
    [
        (error(401, "Incorrect API key provided: sk-x.", "invalid_api_key"), "invalid-key", Exit.AUTHENTICATION),
        (error(403, "Missing scopes: api.management.read"), "not-an-admin-key", Exit.AUTHENTICATION),
        (error(403, "no"), "not-an-admin-key", Exit.AUTHENTICATION),
        (error(400, "Project 'p' is archived.", "project_archived"), "project-archived", Exit.FAILED),
        (error(400, "You are not allowed to create projects."), "cannot-create", Exit.AUTHENTICATION),
        (error(404, "Project with id 'p' not found.", "not_found"), "not-there", Exit.FAILED),
        (error(404, "Invalid URL (GET /v1/organization/projects)"), "wrong-base-url", Exit.NETWORK),
        (error(429, "slow", "rate_limit_exceeded"), "rate-limited", Exit.RATE),
        (error(503, "busy", None, "service_unavailable_error"), "overloaded", Exit.FAILED),
        (reply(200, "<html>sign in</html>", content="text/html"), "web-page", Exit.NETWORK),
        (reply(200, "{", content="application/json"), "garbled-answer", Exit.NETWORK),
        (reply(200, "[]"), "garbled-answer", Exit.NETWORK),
        (reply(302, "", location="https://elsewhere.example/"), "redirected", Exit.NETWORK),
        (RESET, "connection-reset", Exit.NETWORK),
    ],
)
async def test_refusals_are_told(strange: OpenAIAdmin, server: Faulty, answer: Any, trouble: str, status: Exit) -> None:
    server.on("/organization/projects", answer)
    for call in (strange.projects, partial(strange.make_project, "x")):
        with pytest.raises(Refused) as caught:
            await call()
        assert (caught.value.trouble.id, caught.value.trouble.exit) == (trouble, status)
        assert caught.value.__cause__ is None
    # Nothing is sent twice behind anybody's back.
    assert len(server.requests) == 2


async def test_a_key_without_its_characters_is_refused(strange: OpenAIAdmin, server: Faulty) -> None:
    server.on("/api_keys", reply(200, {"id": "key_1", "name": "x"}))
    with pytest.raises(Refused):
        await strange.make_key("p", "a", "x", scopes=(), expires_seconds=None)


async def test_only_the_admin_key_goes_out_and_nothing_of_the_environment(
    strange: OpenAIAdmin, server: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "OPENAI_API_KEY": "sk-other",
        "OPENAI_ADMIN_KEY": "sk-admin-other",
        "OPENAI_ORG_ID": "org-other",
        "OPENAI_PROJECT_ID": "proj_other",
        "OPENAI_CUSTOM_HEADERS": "x-other: 1",
        "OPENAI_BASE_URL": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    server.on("/organization/projects", reply(200, {"data": []}))
    await strange.projects()
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {ADMIN.reveal()}"
    assert not [name for name in request.headers if name in ("openai-organization", "openai-project", "x-other")]
    assert os.environ["OPENAI_CUSTOM_HEADERS"] == "x-other: 1"
    await strange.close()
    with pytest.raises(RuntimeError):
        await strange.projects()
    assert ADMIN.reveal() not in repr(vars(strange))


async def test_a_server_that_hangs_is_left(server: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keytui.adapters.openai.admin.calling.ANSWER_WITHIN", 0.1)
    server.on("/organization/projects", HANG)
    admin = OpenAIAdmin(ADMIN, server.base_url, HttpClients())
    with pytest.raises(Refused) as caught:
        await admin.projects()
    assert caught.value.trouble.id == "answer-timeout"
    await admin.close()


@pytest.mark.parametrize(
    ("characters", "base_url", "said"),
    [
        (ADMIN.reveal(), OPENAI_BASE_URL, None),
        ("any-shape-at-all", "https://gateway.example/v1", None),
        ("sk-proj-" + "aB3dE6gH9jK2mN5pQ8sT" * 5, OPENAI_BASE_URL, "this is an OpenAI project key"),
        ("sk-svcacct-" + "aB3dE6gH9jK2mN5pQ8sT" * 5, "http://127.0.0.1:9/v1", "an OpenAI service account key"),
        ("workspace-" + "aB3dE6gH9jK2mN5pQ8sT" * 5, OPENAI_BASE_URL, "begin with sk-admin-, and this one does not"),
        ("sk-ant-" + "aB3dE6gH9jK2mN5pQ8sT" * 5, OPENAI_BASE_URL, "OpenAI does not accept"),
        ("", OPENAI_BASE_URL, "Nothing was pasted"),
    ],
)
async def test_wrong_kinds_of_key_are_known_before_anything_is_sent(
    characters: str, base_url: str, said: str | None
) -> None:
    trouble = wrong_admin_key(Secret(characters), base_url)
    assert (trouble is None) == (said is None)
    if trouble is not None and said is not None:
        assert said in trouble.title
        assert trouble.exit is Exit.AUTHENTICATION
        admin = OpenAIAdmin(Secret(characters), base_url, HttpClients())
        with pytest.raises(Refused):
            await admin.projects()
    if "workspace" in characters:
        assert trouble is not None
        assert "ChatGPT workspace" in trouble.remedy


def test_an_owner_can_be_asked_in_one_message(tmp_path: Path) -> None:
    letter = letter_to_owner(plan_for("chat").with_project(name="shop"))
    assert "“shop”" in letter
    assert "$10.00 a month" in letter
    assert "admin-keys" in letter
