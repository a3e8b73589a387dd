"""Every situation, as a client meets it: by its own key, for all keys, and at the start."""

from __future__ import annotations

from typing import Any

import httpx2
import openai
import pytest

from keytui.domain.tokens import Tokenizer
from keytui.servers.practice.situations import situations
from tests.servers.practice.conftest import Clock, Served, serving

MODEL = "gpt-6-luna"
HELLO: Any = [{"role": "user", "content": "hello"}]

REFUSALS = {
    "no-credit": (429, "insufficient_quota", "credit_balance_exhausted", True),
    "revoked-key": (401, "invalid_request_error", "invalid_api_key", False),
    "restricted-key": (401, "invalid_request_error", None, True),
    "read-only-key": (401, "invalid_request_error", None, True),
    "rate-limited": (429, "requests", "rate_limit_exceeded", True),
    "slow-down": (429, "rate_limit_error", "slow_down", True),
    "limit-zero": (429, "requests", "rate_limit_exceeded", True),
    "request-too-large": (429, "tokens", "rate_limit_exceeded", True),
    "spend-limit": (429, "insufficient_quota", "project_spend_limit_exceeded", True),
    "organization-spend-limit": (429, "insufficient_quota", "organization_spend_limit_exceeded", True),
    "usage-limit": (429, "insufficient_quota", "organization_usage_limit_exceeded", True),
    "model-not-allowed": (404, "invalid_request_error", "model_not_found", True),
    "unsupported-country": (403, "request_forbidden", "unsupported_country_region_territory", False),
    "ip-not-allowed": (401, "invalid_request_error", "ip_not_authorized", False),
    "not-a-member": (401, "invalid_request_error", None, False),
    "archived-project": (401, "invalid_request_error", "not_authorized_invalid_project", False),
    "overloaded": (503, "service_unavailable_error", "server_is_overloaded", True),
    "server-error": (500, "server_error", "server_error", True),
}
"""Situation -> status, type and code of a chat, and whether models can be listed all the same."""
OTHERS = {
    "unverified-organization",
    "flex-unavailable",
    "cut-line",
    "broken-answer",
    "slow-line",
    "captive-portal",
    "keys-must-expire",
}


def test_every_situation_is_tested() -> None:
    assert set(REFUSALS) | OTHERS == set(situations())


@pytest.mark.parametrize("name", REFUSALS)
def test_a_key_that_is_always_refused(shared: Served, name: str) -> None:
    status, kind, code, lists = REFUSALS[name]
    client = shared.client(shared.key_for(name))
    for call in (
        lambda: client.chat.completions.create(model=MODEL, messages=HELLO, max_completion_tokens=50),
        lambda: client.responses.create(model=MODEL, input="hello", stream=True),
    ):
        with pytest.raises(openai.APIStatusError) as caught:
            call()
        assert (caught.value.status_code, caught.value.type, caught.value.code) == (status, kind, code)
    if lists:
        assert client.models.list().data
    else:
        with pytest.raises(openai.APIStatusError) as caught:
            client.models.list()
        assert caught.value.status_code == status


def test_situations_are_listed_with_their_keys_and_can_be_chosen(practice: Served) -> None:
    listed = practice.page("/practice/situations")
    assert [row["name"] for row in listed["situations"]] == list(situations())
    assert listed["active"] is None
    key = {row["name"]: row["api_key"] for row in listed["situations"]}["overloaded"]
    with pytest.raises(openai.InternalServerError):
        practice.client(key).responses.create(model=MODEL, input="x")
    assert practice.page("/practice/situation", "POST", {"name": "no-credit"}) == {"active": "no-credit"}
    with pytest.raises(openai.RateLimitError):
        practice.client().responses.create(model=MODEL, input="x")
    practice.page("/practice/situation", "POST", {"name": None})
    practice.client().responses.create(model=MODEL, input="x")
    with pytest.raises(openai.BadRequestError):
        practice.page("/practice/situation", "POST", {"name": "holiday"})


def test_a_service_can_start_in_a_situation(tokenizer: Tokenizer) -> None:
    with serving(tokenizer, situation="revoked-key") as served:
        with pytest.raises(openai.AuthenticationError):
            served.client().models.list()
        # The organisation's owner is not concerned by one key's trouble.
        assert served.client().admin.organization.projects.list().data
    with pytest.raises(KeyError):
        serving(tokenizer, situation="holiday").__enter__()


def test_a_restricted_key_is_told_what_it_lacks(shared: Served) -> None:
    client = shared.client(shared.key_for("restricted-key"))
    with pytest.raises(openai.AuthenticationError, match=r"Missing scopes: model\.request\."):
        client.chat.completions.create(model=MODEL, messages=HELLO)
    with pytest.raises(openai.AuthenticationError, match=r"Missing scopes: api\.responses\.write, model\.request\."):
        client.responses.create(model=MODEL, input="x")


def test_a_rate_limit_passes_by_waiting_as_long_as_was_said(practice: Served, clock: Clock) -> None:
    client = practice.client(practice.key_for("rate-limited"))
    for _ in range(2):
        with pytest.raises(openai.RateLimitError) as caught:
            client.responses.create(model=MODEL, input="x")
        headers = caught.value.response.headers
        wait = int(headers["retry-after-ms"]) / 1000
        assert headers["retry-after"] == "5"
        assert headers["x-ratelimit-remaining-requests"] == "0"
        assert headers["x-ratelimit-reset-requests"] == "5s"
        assert "Please try again in 5s" in caught.value.message
        clock.forward(wait)
        client.responses.create(model=MODEL, input="x")


def test_only_the_allowed_model_is_listed_and_answers(shared: Served) -> None:
    client = shared.client(shared.key_for("model-not-allowed"))
    assert [model.id for model in client.models.list()] == ["gpt-5.4-mini"]
    client.responses.create(model="gpt-5.4-mini", input="x")


def test_an_unverified_organisation_gets_whole_answers_only(shared: Served) -> None:
    client = shared.client(shared.key_for("unverified-organization"))
    with pytest.raises(openai.BadRequestError, match="must be verified to stream") as caught:
        client.responses.create(model=MODEL, input="x", stream=True)
    assert (caught.value.param, caught.value.code) == ("stream", "unsupported_value")
    client.responses.create(model=MODEL, input="x")


def test_flex_without_capacity_is_not_charged(practice: Served) -> None:
    client = practice.client(practice.key_for("flex-unavailable"))
    with pytest.raises(openai.RateLimitError) as caught:
        client.responses.create(model=MODEL, input="x", service_tier="flex")
    assert caught.value.code == "resource_unavailable"
    assert practice.page("/practice/ledger")["entries"] == []
    client.responses.create(model=MODEL, input="x")


def test_a_line_that_is_cut_keeps_what_arrived_and_is_billed(practice: Served) -> None:
    client = practice.client(practice.key_for("cut-line"))
    question: Any = [{"role": "user", "content": "[[tokens=100]]"}]
    arrived = []

    def read() -> None:
        for chunk in client.chat.completions.create(model=MODEL, messages=question, stream=True):
            if chunk.choices[0].delta.content:
                arrived.append(chunk.choices[0].delta.content)

    with pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError), match=r"incomplete|Connection"):
        read()
    assert len(arrived) == 50
    with pytest.raises(openai.APIConnectionError):
        client.chat.completions.create(model=MODEL, messages=question)
    entry = practice.page("/practice/ledger")["entries"][0]
    assert (entry["outcome"], entry["output_tokens"]) == ("stopped", 50)


def test_a_server_that_fails_in_the_middle_says_so(practice: Served) -> None:
    client = practice.client(practice.key_for("broken-answer"))
    arrived = []

    def read() -> None:
        question: Any = [{"role": "user", "content": "[[tokens=100]]"}]
        for chunk in client.chat.completions.create(model=MODEL, messages=question, stream=True):
            arrived.append(chunk)

    with pytest.raises(openai.APIError, match="had an error"):
        read()
    assert len(arrived) == 51
    events = list(client.responses.create(model=MODEL, input="[[tokens=100]]", stream=True))
    assert [event.type for event in events[-2:]] == ["error", "response.failed"]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    last = events[-1]
    assert last.type == "response.failed"
    assert last.response.error is not None
    assert last.response.error.code == "server_error"
    with pytest.raises(openai.InternalServerError):
        client.responses.create(model=MODEL, input="x")
    assert {entry["outcome"] for entry in practice.page("/practice/ledger")["entries"]} == {"stopped"}


async def test_the_asynchronous_client_meets_the_same_refusals(practice: Served) -> None:
    for name, (status, _, code, _) in REFUSALS.items():
        async with openai.AsyncOpenAI(
            api_key=practice.key_for(name),
            base_url=practice.handshake.base_url,
            http_client=openai.DefaultAsyncHttpx2Client(trust_env=False),
            max_retries=0,
        ) as client:
            with pytest.raises(openai.APIStatusError) as caught:
                await client.responses.create(model=MODEL, input="hello")
            assert (caught.value.status_code, caught.value.code) == (status, code)


def test_a_slow_line_is_slow(practice: Served) -> None:
    from time import monotonic

    client = practice.client(practice.key_for("slow-line"))
    start = monotonic()
    stream = client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True)
    next(iter(stream))
    assert monotonic() - start >= 2
    stream.close()


def test_a_captive_portal_answers_with_its_own_page(shared: Served) -> None:
    client = shared.client(shared.key_for("captive-portal"))
    raw = client.models.with_raw_response.list()
    assert raw.headers["content-type"].startswith("text/html")
    assert "<title>Sign in" in raw.text
