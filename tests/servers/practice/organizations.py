"""Asking the Admin API as a program would."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest

from tests.servers.practice.conftest import Served
from tests.servers.practice.shapes import strictly, unknown_fields

MODEL = "gpt-6-luna"
CHANNEL: Any = {"type": "email", "recipients": ["owner@practice.invalid"]}


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
