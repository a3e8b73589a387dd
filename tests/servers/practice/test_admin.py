"""The Admin API with the unmodified SDK: what it makes, and whom it refuses."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai.types.admin.organization import (
    AdminAPIKey,
    AdminAPIKeyCreateResponse,
    OrganizationUser,
    Project,
)
from openai.types.admin.organization.projects import (
    ProjectAPIKey,
    ProjectServiceAccount,
    ServiceAccountCreateResponse,
)
from openai.types.admin.organization.projects.service_accounts import APIKeyCreateResponse

from tests.servers.practice.conftest import Clock, Served
from tests.servers.practice.organizations import ask, checked, status_of


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
