"""Usage and costs, as the Admin API tells them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from openai import OpenAI
from openai.types.admin.organization import (
    UsageCompletionsResponse,
    UsageCostsResponse,
    UsageEmbeddingsResponse,
)

from tests.servers.practice.conftest import Clock, Served
from tests.servers.practice.organizations import MODEL, ask, made, status_of
from tests.servers.practice.shapes import strictly, unknown_fields


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
