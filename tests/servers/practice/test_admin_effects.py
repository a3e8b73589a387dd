"""What is set with an admin key holds for the keys below it."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from openai.types.admin.organization import (
    OrganizationSpendAlert,
    OrganizationSpendLimit,
)
from openai.types.admin.organization.projects import (
    ProjectHostedToolPermissions,
    ProjectModelPermissions,
    ProjectRateLimit,
    ProjectServiceTierSettings,
    ProjectSpendAlert,
    ProjectSpendLimit,
)

from tests.servers.practice.conftest import Clock, Served
from tests.servers.practice.organizations import CHANNEL, MODEL, ask, checked, made, status_of


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
