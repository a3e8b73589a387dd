"""Whatever is sent is answered with a refusal in the platform's shape, never with a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keytui.servers.practice.app import PAGES
from tests.servers.practice.conftest import Served

names = st.sampled_from(
    ["role", "content", "type", "text", "name", "user", "message", "input_text", "tool_calls", "image_url", "refusal"]
)
words = st.sampled_from(["user", "assistant", "message", "text", "input_text", "function_call_output", "reasoning"])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | words
anything = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4))


@pytest.fixture(scope="module")
def wire(shared: Served) -> Iterator[httpx2.Client]:
    base = shared.handshake.base_url.removesuffix("/v1")
    with httpx2.Client(trust_env=False, base_url=base, timeout=30) as client:
        yield client


def answered(answer: Any) -> None:
    assert answer.status_code in (200, 400, 404), answer.text
    if answer.status_code != 200:
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(anything)
def test_messages_of_any_shape(shared: Served, wire: httpx2.Client, value: object) -> None:
    headers = {"authorization": f"Bearer {shared.handshake.api_key.reveal()}"}
    for path, body in (
        ("/v1/chat/completions", {"messages": value}),
        ("/v1/chat/completions", {"messages": [value, {"role": "user", "content": value}]}),
        ("/v1/responses", {"input": value}),
        ("/v1/responses", {"input": [value, {"role": "user", "content": [value]}]}),
        ("/v1/embeddings", {"model": "text-embedding-3-small", "input": value}),
    ):
        content = json.dumps({"model": "gpt-4o", **body})
        answered(wire.post(path, content=content, headers=headers))


FIELDS = (
    "name role residency external_key_id expires_in_seconds scopes create_service_account_only mode model_ids "
    "web_search default enabled_tiers max_requests_per_1_minute max_tokens_per_1_minute currency interval "
    "threshold_amount notification_channel usd"
)
ODD: list[Any] = [None, True, 5, -1, 1.5, "text", "", [], [1], ["x"], {}, {"enabled": 5}, {"type": "email"}, 10**30]
GOOD = {"currency": "USD", "interval": "month", "threshold_amount": 10**6, "name": "x", "mode": "deny_list"}


@pytest.mark.parametrize("path", [path for path, pages in PAGES.items() if "POST" in pages and "organization" in path])
def test_admin_bodies_of_any_kind(shared: Served, wire: httpx2.Client, path: str) -> None:
    admin = shared.client().admin.organization
    project = admin.projects.create(name="nonsense").id
    account = admin.projects.service_accounts.create(project, name="bot")
    assert account.api_key is not None
    channel: Any = {"type": "email", "recipients": ["owner@practice.invalid"]}
    alert = admin.projects.spend_alerts.create(
        project, currency="USD", interval="month", threshold_amount=1, notification_channel=channel
    )
    filled = path.format(
        project_id=project,
        service_account_id=account.id,
        api_key_id=account.api_key.id,
        rate_limit_id="rl-gpt-6-luna",
        alert_id=alert.id,
        user_id=next(iter(admin.users.list())).id,
    )
    headers = {"authorization": f"Bearer {shared.handshake.admin_key.reveal()}"}
    for name in FIELDS.split():
        for value in ODD:
            if path.endswith("organization/spend_limit") and name == "threshold_amount" and value == 5:
                continue  # five cents are less than the shared service has spent, and it is to go on serving
            answered(wire.post(filled, content=json.dumps({**GOOD, name: value}), headers=headers))


@pytest.mark.parametrize("path", [path for path, pages in PAGES.items() if "GET" in pages and "organization" in path])
def test_admin_queries_of_any_kind(shared: Served, wire: httpx2.Client, path: str) -> None:
    headers = {"authorization": f"Bearer {shared.handshake.admin_key.reveal()}"}
    project = next(iter(shared.client().admin.organization.projects.list())).id
    filled = path.replace("{project_id}", project)
    for name in ("limit", "after", "before", "order", "start_time", "end_time", "page", "bucket_width", "group_by[]"):
        for value in ("", "0", "-1", "x", "1e9", "true", "9" * 30, "page_0", "\u00e9", "1"):
            for also in ({}, {"start_time": "1795000000"}):
                answered(wire.get(filled, params={**also, name: value}, headers=headers))


@pytest.mark.parametrize("value", ["", "Bearer", "Basic abc", "Bearer \u00e9", "bearer x", "Bearer " + "k" * 9000])
def test_headers_of_any_kind(wire: httpx2.Client, value: str) -> None:
    answer = wire.get("/v1/models", headers={"authorization": value.encode()})
    assert answer.status_code == 401
