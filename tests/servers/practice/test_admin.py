"""The Admin API with the unmodified SDK: what it makes, what that changes, and what it refuses."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.admin.organization import (
    AdminAPIKey,
    AdminAPIKeyCreateResponse,
    OrganizationSpendAlert,
    OrganizationSpendLimit,
    OrganizationUser,
    Project,
    UsageCompletionsResponse,
    UsageCostsResponse,
    UsageEmbeddingsResponse,
)
from openai.types.admin.organization.projects import (
    ProjectAPIKey,
    ProjectHostedToolPermissions,
    ProjectModelPermissions,
    ProjectRateLimit,
    ProjectServiceAccount,
    ProjectServiceTierSettings,
    ProjectSpendAlert,
    ProjectSpendLimit,
    ServiceAccountCreateResponse,
)
from openai.types.admin.organization.projects.service_accounts import APIKeyCreateResponse

from tests.servers.practice.conftest import Clock, Served
from tests.servers.practice.shapes import strictly, unknown_fields

MODEL = "gpt-6-luna"
CHANNEL: Any = {"type": "email", "recipients": ["owner@practice.invalid"]}


@pytest.fixture
def organization(client: OpenAI) -> Any:
    return client.admin.organization


@pytest.fixture
def project(organization: Any) -> str:
    name: str = organization.projects.create(name="work").id
    return name


def checked(kind: type[Any], raw: Any) -> Any:
    """A raw answer, read strictly, without any field that the SDK does not know."""
    value = strictly(kind, json.loads(raw.text))
    assert unknown_fields(value) <= {"object"}
    return value


def status_of(call: Any) -> tuple[int, str | None]:
    with pytest.raises(openai.APIStatusError) as caught:
        call()
    assert set(caught.value.response.json()["error"]) == {"message", "type", "param", "code"}
    return caught.value.status_code, caught.value.code


def made(organization: Any, project: str, **options: Any) -> tuple[str, str]:
    """A service account's key: its id and its characters."""
    account = organization.projects.service_accounts.create(project, name="bot", create_service_account_only=True)
    organization.projects.service_accounts.update(account.id, project_id=project, role="member")
    key = organization.projects.service_accounts.api_keys.create(account.id, project_id=project, **options)
    return key.id, key.value


def ask(practice: Served, secret: str, **options: Any) -> Any:
    return practice.client(secret).responses.create(**{"model": MODEL, "input": "hello", **options})


# ---- shapes -------------------------------------------------------------------------------------------------------


def test_it_starts_with_one_project_and_one_person(organization: Any) -> None:
    (only,) = organization.projects.list()
    assert only.name == "Default project"
    (person,) = organization.users.list()
    assert person.role == "owner"
    checked(OrganizationUser, organization.users.with_raw_response.retrieve(person.id))
    assert [user.id for user in organization.users.list(emails=["nobody@practice.invalid"])] == []
    assert [user.id for user in organization.projects.users.list(only.id)] == [person.id]
    assert status_of(lambda: organization.users.delete(person.id)) == (400, "last_owner")


def test_projects_are_made_renamed_and_archived(organization: Any) -> None:
    raw = organization.projects.with_raw_response.create(name="work", residency="EU_STORAGE_PROCESSING")
    project = checked(Project, raw)
    assert (project.status, project.residency) == ("active", "EU_STORAGE_PROCESSING")
    assert organization.projects.update(project.id, name="play").name == "play"
    archived = checked(Project, organization.projects.with_raw_response.archive(project.id))
    assert archived.status == "archived"
    assert archived.archived_at is not None
    assert project.id not in [each.id for each in organization.projects.list()]
    assert project.id in [each.id for each in organization.projects.list(include_archived=True)]
    assert status_of(lambda: organization.projects.update(project.id, name="again")) == (400, "project_archived")
    assert status_of(lambda: organization.projects.retrieve("proj_none")) == (404, "not_found")
    default = next(iter(organization.projects.list())).id
    assert status_of(lambda: organization.projects.archive(default)) == (400, "default_project")
    assert status_of(lambda: organization.projects.create(name="")) == (400, "empty_string")
    assert status_of(lambda: organization.projects.create(name="x", residency="MARS")) == (400, "invalid_value")


def test_service_accounts_and_their_keys(organization: Any, project: str) -> None:
    accounts = organization.projects.service_accounts
    whole = checked(ServiceAccountCreateResponse, accounts.with_raw_response.create(project, name="bot"))
    assert whole.role == "member"
    assert whole.api_key is not None
    assert whole.api_key.value.startswith("sk-svcacct-")
    bare = checked(
        ServiceAccountCreateResponse,
        accounts.with_raw_response.create(project, name="bare", create_service_account_only=True),
    )
    assert (bare.role, bare.api_key) == ("none", None)
    key = checked(
        APIKeyCreateResponse,
        accounts.api_keys.with_raw_response.create(
            bare.id, project_id=project, name="first", scopes=["api.model.read"], expires_in_seconds=60
        ),
    )
    assert key.expires_at == key.created_at + 60
    assert {account.id for account in accounts.list(project)} == {whole.id, bare.id}
    checked(ProjectServiceAccount, accounts.with_raw_response.retrieve(bare.id, project_id=project))
    assert accounts.update(bare.id, project_id=project, name="renamed").name == "renamed"
    listed = {row.id: row for row in organization.projects.api_keys.list(project)}
    assert set(listed) == {whole.api_key.id, key.id}
    row = checked(ProjectAPIKey, organization.projects.api_keys.with_raw_response.retrieve(key.id, project_id=project))
    assert row.owner.service_account is not None
    assert row.owner.service_account.id == bare.id
    assert row.owner_project_access == "inactive"
    assert row.redacted_value == f"{key.value[:11]}...{key.value[-4:]}"
    active = organization.projects.api_keys.list(project, owner_project_access="active")
    assert [each.id for each in active] == [whole.api_key.id]
    assert accounts.delete(whole.id, project_id=project).deleted
    assert [each.id for each in organization.projects.api_keys.list(project)] == [key.id]
    assert organization.projects.api_keys.delete(key.id, project_id=project).deleted
    assert [account.id for account in accounts.list(project)] == [bare.id]


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": ""},
        {"name": "x", "expires_in_seconds": 0},
        {"name": "x", "expires_in_seconds": 31_536_001},
        {"name": "x", "expires_in_seconds": 60, "create_service_account_only": True},
    ],
)
def test_service_accounts_that_cannot_be_made(organization: Any, project: str, arguments: Any) -> None:
    accounts = organization.projects.service_accounts
    assert status_of(lambda: accounts.create(project, **arguments))[0] == 400
    assert list(accounts.list(project)) == []


def test_the_default_project_takes_no_service_accounts(organization: Any) -> None:
    default = next(iter(organization.projects.list())).id
    create = organization.projects.service_accounts.create
    assert status_of(lambda: create(default, name="bot")) == (400, "default_project")


def test_admin_keys(practice: Served, organization: Any, clock: Clock) -> None:
    created = checked(
        AdminAPIKeyCreateResponse,
        organization.admin_api_keys.with_raw_response.create(name="hour", expires_in_seconds=3600),
    )
    checked(AdminAPIKey, organization.admin_api_keys.with_raw_response.retrieve(created.id))
    page = json.loads(organization.admin_api_keys.with_raw_response.list(limit=1).text)
    assert "last_id" not in page
    assert len(list(organization.admin_api_keys.list(limit=1))) == 2
    other = practice.client().copy(admin_api_key=created.value).admin.organization
    assert list(other.projects.list())
    clock.forward(3600)
    assert status_of(lambda: other.projects.list()) == (401, "invalid_api_key")
    assert organization.admin_api_keys.delete(created.id).deleted


def test_lists_are_paged(organization: Any) -> None:
    names = [f"project {number}" for number in range(25)]
    for name in names:
        organization.projects.create(name=name)
    first = json.loads(organization.projects.with_raw_response.list().text)
    assert len(first["data"]) == 20
    assert first["has_more"] is True
    assert first["last_id"] == first["data"][-1]["id"]
    for limit in (1, 7, 26, 100):
        assert [project.name for project in organization.projects.list(limit=limit)] == ["Default project", *names]
    for limit in (0, 101):
        assert status_of(lambda limit=limit: organization.projects.list(limit=limit))[0] == 400
    assert status_of(lambda: organization.projects.list(after="proj_gone")) == (400, "invalid_cursor")


# ---- effects ------------------------------------------------------------------------------------------------------


def test_a_made_key_works_until_it_is_deleted(practice: Served, organization: Any, project: str) -> None:
    key_id, secret = made(organization, project)
    ask(practice, secret)
    row = organization.projects.api_keys.retrieve(key_id, project_id=project)
    assert row.last_used_at is not None
    organization.projects.api_keys.delete(key_id, project_id=project)
    assert status_of(lambda: ask(practice, secret)) == (401, "invalid_api_key")


def test_a_key_ends_when_its_time_is_over(practice: Served, organization: Any, project: str, clock: Clock) -> None:
    key_id, secret = made(organization, project, expires_in_seconds=100)
    clock.forward(99)
    ask(practice, secret)
    organization.projects.api_keys.update(key_id, project_id=project, expires_in_seconds=100)
    clock.forward(99)
    ask(practice, secret)
    clock.forward(1)
    assert status_of(lambda: ask(practice, secret)) == (401, "invalid_api_key")
    update = organization.projects.api_keys.update
    assert status_of(lambda: update(key_id, project_id=project, expires_in_seconds=9)) == (400, "api_key_expired")


def test_a_key_can_do_what_its_scopes_allow(practice: Served, organization: Any, project: str) -> None:
    key_id, secret = made(organization, project, scopes=["api.model.read"])
    client = practice.client(secret)
    chat: Any = {"model": MODEL, "messages": [{"role": "user", "content": "hello"}]}
    assert client.models.list().data
    with pytest.raises(openai.AuthenticationError, match=r"Missing scopes: model\.request"):
        client.chat.completions.create(**chat)
    update = organization.projects.api_keys.update
    update(key_id, project_id=project, scopes=["api.model.request"])
    client.chat.completions.create(**chat)
    with pytest.raises(openai.AuthenticationError, match=r"Missing scopes: api\.responses\.write"):
        ask(practice, secret)
    with pytest.raises(openai.AuthenticationError, match=r"Missing scopes: api\.model\.read"):
        client.models.list()
    update(key_id, project_id=project, scopes=["api.model.read", "api.model.request", "api.responses.write"])
    ask(practice, secret)
    update(key_id, project_id=project, scopes=["api.all.read"])
    assert client.models.list().data
    assert status_of(lambda: ask(practice, secret))[0] == 401
    update(key_id, project_id=project, scopes=[])
    ask(practice, secret)
    assert status_of(lambda: update(key_id, project_id=project))[0] == 400
    assert status_of(lambda: update(key_id, project_id=project, extra_body={"scopes": None}))[0] == 400


def test_a_policy_wants_keys_to_end(practice: Served, organization: Any, project: str) -> None:
    practice.page("/practice/situation", "POST", {"name": "keys-must-expire"})
    create = organization.projects.service_accounts.create
    for life in ({}, {"expires_in_seconds": 91 * 86_400}):
        assert status_of(lambda life=life: create(project, name="bot", **life)) == (400, "api_key_expiry_policy")
    assert list(organization.projects.service_accounts.list(project)) == []
    key_id, secret = made(organization, project, expires_in_seconds=90 * 86_400)
    ask(practice, secret)
    update = organization.projects.api_keys.update
    update(key_id, project_id=project, scopes=[])
    longer = {"project_id": project, "expires_in_seconds": 91 * 86_400}
    assert status_of(lambda: update(key_id, **longer)) == (400, "api_key_expiry_policy")
    assert status_of(lambda: organization.admin_api_keys.create(name="x")) == (400, "api_key_expiry_policy")


def test_an_account_without_a_role_can_do_nothing(practice: Served, organization: Any, project: str) -> None:
    account = organization.projects.service_accounts.create(project, name="bot", create_service_account_only=True)
    key = organization.projects.service_accounts.api_keys.create(account.id, project_id=project)
    assert status_of(lambda: ask(practice, key.value))[0] == 401
    organization.projects.service_accounts.update(account.id, project_id=project, role="member")
    ask(practice, key.value)


def test_archiving_a_project_ends_its_keys(practice: Served, organization: Any, project: str) -> None:
    _, secret = made(organization, project)
    ask(practice, secret)
    organization.projects.archive(project)
    assert status_of(lambda: ask(practice, secret)) == (401, "not_authorized_invalid_project")
    assert list(organization.projects.service_accounts.list(project)) == []
    assert status_of(lambda: made(organization, project)) == (400, "project_archived")


def test_models_outside_the_permissions_are_not_found(practice: Served, organization: Any, project: str) -> None:
    permissions = organization.projects.model_permissions
    _, secret = made(organization, project)
    client = practice.client(secret)
    assert status_of(lambda: permissions.retrieve(project)) == (404, "not_found")
    raw = permissions.with_raw_response.update(project, mode="allow_list", model_ids=[MODEL])
    assert checked(ProjectModelPermissions, raw).api_model_ids == [MODEL]
    assert [model.id for model in client.models.list()] == [MODEL]
    ask(practice, secret)
    assert status_of(lambda: ask(practice, secret, model="gpt-6-sol")) == (404, "model_not_found")
    permissions.update(project, mode="deny_list", model_ids=[MODEL])
    assert status_of(lambda: ask(practice, secret)) == (404, "model_not_found")
    ask(practice, secret, model="gpt-6-sol")
    assert permissions.delete(project).deleted
    ask(practice, secret)

    def unknown() -> Any:
        return permissions.update(project, mode="allow_list", model_ids=["gpt-9"])

    assert status_of(unknown) == (400, "model_not_found")


def test_hosted_tools_that_are_off_are_refused(practice: Served, organization: Any, project: str) -> None:
    _, secret = made(organization, project)
    tools = [{"type": "web_search"}]
    ask(practice, secret, tools=tools)
    permissions = organization.projects.hosted_tool_permissions
    raw = permissions.with_raw_response.update(project, web_search={"enabled": False})
    row = checked(ProjectHostedToolPermissions, raw)
    assert (row.web_search.enabled, row.file_search.enabled) == (False, True)
    assert status_of(lambda: ask(practice, secret, tools=tools))[0] == 400
    assert permissions.retrieve(project).web_search.enabled is False


def test_service_tiers_that_are_not_enabled_are_refused(practice: Served, organization: Any, project: str) -> None:
    settings = organization.projects.service_tier_settings
    _, secret = made(organization, project)
    assert settings.retrieve(project).enabled_tiers == "all"
    assert ask(practice, secret, service_tier="flex").service_tier == "flex"
    assert ask(practice, secret, service_tier="priority").service_tier == "priority"
    row = checked(ProjectServiceTierSettings, settings.with_raw_response.update(project, enabled_tiers=[]))
    assert (row.default, row.enabled_tiers) == ("standard", [])
    with pytest.raises(openai.BadRequestError, match="Invalid service_tier argument") as caught:
        ask(practice, secret, service_tier="flex")
    assert caught.value.param == "service_tier"
    assert ask(practice, secret, service_tier="auto").service_tier == "default"
    settings.update(project, default="fast", enabled_tiers=["fast"])
    assert ask(practice, secret).service_tier == "fast"


def test_rate_limits_stay_below_the_organisations(organization: Any, project: str) -> None:
    limits = organization.projects.rate_limits
    rows = list(limits.list_rate_limits(project))
    assert f"rl-{MODEL}" in [row.id for row in rows]
    raw = limits.with_raw_response.update_rate_limit(f"rl-{MODEL}", project_id=project, max_requests_per_1_minute=7)
    row = checked(ProjectRateLimit, raw)
    assert (row.max_requests_per_1_minute, row.max_tokens_per_1_minute) == (7, 4_000_000)

    def raised() -> Any:
        return limits.update_rate_limit(f"rl-{MODEL}", project_id=project, max_requests_per_1_minute=10**6)

    assert status_of(raised) == (400, "rate_limit_exceeds_organization_limit")
    assert status_of(lambda: limits.update_rate_limit("rl-none", project_id=project)) == (404, "not_found")


@pytest.mark.parametrize("level", ["organization", "project"])
def test_a_spend_limit_is_in_cents_and_ends_the_month(
    practice: Served, organization: Any, project: str, clock: Clock, level: str
) -> None:
    limit = organization.spend_limit if level == "organization" else organization.projects.spend_limit
    kind = OrganizationSpendLimit if level == "organization" else ProjectSpendLimit
    where = () if level == "organization" else (project,)
    _, secret = made(organization, project)
    assert status_of(lambda: limit.retrieve(*where)) == (404, "not_found")
    raw = limit.with_raw_response.update(*where, currency="USD", interval="month", threshold_amount=1)
    assert checked(kind, raw).enforcement.status == "inactive"
    ask(practice, secret, model="gpt-6-astra", input="word " * 1500)
    assert limit.retrieve(*where).enforcement.status == "enforcing"
    assert status_of(lambda: ask(practice, secret)) == (429, f"{level}_spend_limit_exceeded")
    if level == "project":
        practice.client().responses.create(model=MODEL, input="another project's key")
    clock.forward(31 * 86_400)
    ask(practice, secret)
    limit.update(*where, currency="USD", interval="month", threshold_amount=100_000)
    ask(practice, secret)
    assert limit.delete(*where).deleted
    assert status_of(lambda: limit.retrieve(*where)) == (404, "not_found")

    def zero() -> Any:
        return limit.update(*where, currency="USD", interval="month", threshold_amount=0)

    assert status_of(zero) == (400, "integer_below_min_value")


@pytest.mark.parametrize("level", ["organization", "project"])
def test_spend_alerts(organization: Any, project: str, level: str) -> None:
    alerts = organization.spend_alerts if level == "organization" else organization.projects.spend_alerts
    kind = OrganizationSpendAlert if level == "organization" else ProjectSpendAlert
    where = () if level == "organization" else (project,)
    inside = {} if level == "organization" else {"project_id": project}
    common: Any = {"currency": "USD", "interval": "month", "notification_channel": CHANNEL}
    one = checked(kind, alerts.with_raw_response.create(*where, threshold_amount=500, **common))
    two = alerts.create(*where, threshold_amount=900, **common)
    assert [alert.id for alert in alerts.list(*where)] == [one.id, two.id]
    assert [alert.id for alert in alerts.list(*where, order="desc", limit=1)] == [two.id, one.id]
    assert alerts.update(one.id, **inside, threshold_amount=600, **common).threshold_amount == 600
    assert alerts.retrieve(one.id, **inside).threshold_amount == 600
    assert alerts.delete(one.id, **inside).deleted
    assert status_of(lambda: alerts.retrieve(one.id, **inside)) == (404, "not_found")
    wrong: Any = {"type": "email", "recipients": ["nobody"]}

    def bad() -> Any:
        return alerts.create(*where, threshold_amount=1, **{**common, "notification_channel": wrong})

    assert status_of(bad) == (400, "invalid_value")


# ---- who may ------------------------------------------------------------------------------------------------------


def test_the_wrong_kind_of_key_is_refused(practice: Served) -> None:
    api_key, admin_key = (key.reveal() for key in (practice.handshake.api_key, practice.handshake.admin_key))
    wrong = practice.client().copy(admin_api_key=api_key).admin.organization
    with pytest.raises(openai.PermissionDeniedError, match=r"Missing scopes: api\.management\.read"):
        wrong.projects.list()
    with pytest.raises(openai.PermissionDeniedError, match=r"Missing scopes: api\.management\.write"):
        wrong.projects.create(name="x")
    with pytest.raises(openai.AuthenticationError, match="Missing scopes"):
        practice.client(admin_key).models.list()
    with pytest.raises(openai.AuthenticationError, match="Missing scopes"):
        ask(practice, admin_key)


# ---- usage and costs ----------------------------------------------------------------------------------------------


@pytest.fixture
def busy(practice: Served, organization: Any, project: str, clock: Clock) -> Served:
    """Three days of requests with two keys and three models."""
    _, secret = made(organization, project)
    for _ in range(3):
        practice.client().responses.create(model=MODEL, input="hello")
        ask(practice, secret, model="gpt-6-sol", input="word " * 1500)
        ask(practice, secret, model="gpt-6-sol", input="word " * 1500, service_tier="fast")
        practice.client().embeddings.create(model="text-embedding-3-small", input="hello")
        clock.forward(86_400)
    return practice


def rows_of(page: Any) -> list[Any]:
    return [row for bucket in page.data for row in bucket.results]


def every(endpoint: Any, **options: Any) -> list[Any]:
    """All rows of all pages."""
    rows: list[Any] = []
    page = endpoint(**options)
    while True:
        rows += rows_of(page)
        if not page.has_more:
            assert page.next_page is None
            return rows
        page = endpoint(**options, page=page.next_page)


def test_usage_adds_up_from_what_was_served(busy: Served, clock: Clock) -> None:
    usage = busy.client().admin.organization.usage
    entries = busy.page("/practice/ledger")["entries"]
    chats = [entry for entry in entries if entry["endpoint"] == "responses"]
    start = int(clock.now) - 4 * 86_400
    raw = usage.with_raw_response.completions(start_time=start)
    total_days = strictly(UsageCompletionsResponse, json.loads(raw.text))
    assert unknown_fields(total_days) == set()
    for field, source in (
        ("input_tokens", "input_tokens"),
        ("output_tokens", "output_tokens"),
        ("input_cached_tokens", "cached_tokens"),
        ("input_cache_write_tokens", "cache_write_tokens"),
    ):
        assert sum(getattr(row, field) for row in rows_of(total_days)) == sum(entry[source] for entry in chats)
    assert all(row.model is None and row.project_id is None for row in rows_of(total_days))
    assert sum(row.num_model_requests for row in rows_of(total_days)) == 9
    for limit in (1, 2, 31):
        rows = every(usage.completions, start_time=start, limit=limit, group_by=["model", "service_tier"])
        assert sum(row.num_model_requests for row in rows) == 9
        assert {(row.model, row.service_tier) for row in rows} == {
            (MODEL, "default"),
            ("gpt-6-sol", "default"),
            ("gpt-6-sol", "fast"),
        }
    chosen = every(usage.completions, start_time=start, models=[MODEL], bucket_width="1h", limit=168)
    assert sum(row.num_model_requests for row in chosen) == 3
    raw = usage.with_raw_response.embeddings(start_time=start)
    embedded = strictly(UsageEmbeddingsResponse, json.loads(raw.text))
    assert sum(row.num_model_requests for row in rows_of(embedded)) == 3
    assert rows_of(usage.images(start_time=start)) == []


def test_costs_are_dollars_and_agree_with_the_ledger(busy: Served, clock: Clock) -> None:
    usage = busy.client().admin.organization.usage
    book = busy.page("/practice/ledger")
    start = int(clock.now) - 4 * 86_400
    raw = usage.with_raw_response.costs(start_time=start)
    page = strictly(UsageCostsResponse, json.loads(raw.text))
    assert unknown_fields(page) == set()
    assert sum(row.amount.value for row in rows_of(page)) == pytest.approx(float(book["total"]), rel=1e-12)
    by_project = every(usage.costs, start_time=start, group_by=["project_id"], limit=1)
    for project in {entry["project_id"] for entry in book["entries"]}:
        spent = sum(Decimal(entry["cost"]) for entry in book["entries"] if entry["project_id"] == project)
        listed = sum(row.amount.value for row in by_project if row.project_id == project)
        assert listed == pytest.approx(float(spent), rel=1e-12)
    items = every(usage.costs, start_time=start, group_by=["line_item"])
    read = [row for row in items if row.line_item == "gpt-6-sol fast, cached_input_tokens"]
    assert sum(row.quantity for row in read) == sum(
        entry["cached_tokens"] for entry in book["entries"] if entry["service_tier"] == "fast"
    )
    assert {row.quantity_unit for row in items} == {"tokens"}


def test_periods_that_make_no_sense(client: OpenAI, clock: Clock) -> None:
    usage, now = client.admin.organization.usage, int(clock.now)
    assert status_of(lambda: usage.completions(start_time=now, end_time=now))[0] == 400
    assert status_of(lambda: usage.completions(start_time=now - 9, limit=32))[0] == 400
    assert status_of(lambda: usage.completions(start_time=now - 9, page="page_x"))[0] == 400
    assert status_of(lambda: usage.completions(start_time=now - 9, group_by=["colour"]))[0] == 400
    assert status_of(lambda: usage.costs(start_time=now - 9, bucket_width="1h"))[0] == 400
    admin: Any = {"security": {"admin_api_key_auth": True}}
    assert status_of(lambda: client.get("/organization/costs", cast_to=object, options=admin)) == (
        400,
        "missing_required_parameter",
    )
