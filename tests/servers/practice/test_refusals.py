"""What the service refuses, and how: status, code, param, and words that a client can read."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

from keytui.servers.practice.fields import fields
from tests.servers.practice.conftest import Served

MODEL = "gpt-6-luna"
HELLO: Any = [{"role": "user", "content": "hello"}]


def refused(call: Any) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        call()
    body = caught.value.response.json()
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert caught.value.response.headers["x-request-id"].startswith("req_")
    return caught.value


def test_a_wrong_key_is_named_by_its_ends_only(practice: Served) -> None:
    wrong = "sk-proj-" + "a" * 60 + "WXYZ"
    error = refused(practice.client(wrong).models.list)
    assert (error.status_code, error.code) == (401, "invalid_api_key")
    assert "WXYZ" in error.message
    assert "aaaa" not in error.message


def test_no_key_at_all(practice: Served) -> None:
    with httpx2.Client(trust_env=False) as client:
        answer = client.get(practice.handshake.base_url + "/models")
    assert answer.status_code == 401
    assert "You didn't provide an API key" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("header", "code"),
    [("OpenAI-Organization", "mismatched_organization"), ("OpenAI-Project", "mismatched_project")],
)
def test_a_header_of_another_organisation(client: OpenAI, header: str, code: str) -> None:
    error = refused(lambda: client.models.list(extra_headers={header: "org-other"}))
    assert (error.status_code, error.code) == (401, code)


@pytest.mark.parametrize(
    ("arguments", "param", "code"),
    [
        ({"max_tokens": 10}, "max_tokens", "unsupported_parameter"),
        ({"temperature": 0.2}, "temperature", "unsupported_value"),
        ({"top_p": 0.5}, "top_p", "unsupported_parameter"),
        ({"stop": ["x"]}, "stop", "unsupported_parameter"),
        ({"reasoning_effort": "minimal"}, "reasoning_effort", "unsupported_value"),
        ({"service_tier": "ultrafast"}, "service_tier", "invalid_value"),
        ({"max_completion_tokens": 10**7}, "max_completion_tokens", "invalid_value"),
        ({"max_completion_tokens": 0}, "max_completion_tokens", "integer_below_min_value"),
        ({"n": 99}, "n", "integer_above_max_value"),
        ({"extra_body": {"nonsense": 1}}, "nonsense", "unknown_parameter"),
        ({"extra_body": {"stream": "yes"}}, "stream", "invalid_type"),
        ({"messages": [{"role": "boss", "content": "x"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content", "invalid_type"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "invalid_type"),
        ({"messages": []}, "messages", "empty_array"),
        ({"messages": "hello"}, "messages", "invalid_type"),
    ],
)
def test_chat_parameters_that_bite(client: OpenAI, arguments: Any, param: str, code: str) -> None:
    error = refused(lambda: client.chat.completions.create(**{"model": MODEL, "messages": HELLO, **arguments}))
    assert (error.status_code, error.param, error.code) == (400, param, code)


@pytest.mark.parametrize(
    ("arguments", "param", "code"),
    [
        ({"max_output_tokens": 5}, "max_output_tokens", "integer_below_min_value"),
        ({"temperature": 0.2}, "temperature", "unsupported_value"),
        ({"model": "gpt-6-astra", "reasoning": {"effort": "none"}}, "reasoning.effort", "unsupported_value"),
        ({"model": "gpt-4o", "reasoning": {"effort": "low"}}, "reasoning.effort", "unsupported_parameter"),
        ({"model": "gpt-6.2-sol", "service_tier": "flex"}, "service_tier", None),
        ({"input": 5}, "input", "invalid_type"),
        ({"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}, "input[0].content[0].type", None),
        ({"previous_response_id": "resp_gone"}, "previous_response_id", "previous_response_not_found"),
        ({"model": "gpt-5.4", "prompt_cache_options": {"ttl": "12h"}}, "prompt_cache_options", None),
    ],
)
def test_response_parameters_that_bite(client: OpenAI, arguments: Any, param: str, code: str | None) -> None:
    error = refused(lambda: client.responses.create(**{"model": MODEL, "input": "hello", **arguments}))
    assert (error.status_code, error.param) == (400, param)
    assert code is None or error.code == code


def test_sampling_is_free_where_nothing_is_reasoned(client: OpenAI) -> None:
    client.chat.completions.create(model=MODEL, messages=HELLO, temperature=0.2, top_p=0.5, reasoning_effort="none")
    client.chat.completions.create(model="gpt-4o", messages=HELLO, temperature=0.2, max_tokens=20)
    client.responses.create(model="gpt-4o", input="hello", temperature=0.2)


def test_an_unknown_model(client: OpenAI) -> None:
    for call in (
        lambda: client.chat.completions.create(model="gpt-9", messages=HELLO),
        lambda: client.responses.create(model="gpt-9", input="x"),
        lambda: client.models.retrieve("gpt-9"),
    ):
        error = refused(call)
        assert (error.status_code, error.code) == (404, "model_not_found")
    wrong_kind = refused(lambda: client.chat.completions.create(model="text-embedding-3-small", messages=HELLO))
    assert wrong_kind.status_code == 404


def test_a_prompt_that_is_too_long(client: OpenAI) -> None:
    error = refused(lambda: client.responses.create(model="gpt-4o", input="word " * 130_000))
    assert (error.status_code, error.code) == (400, "context_length_exceeded")


def test_pages_that_do_not_exist(client: OpenAI) -> None:
    error = refused(lambda: client.get("/nothing", cast_to=object))
    assert (error.status_code, error.message) == (404, error.message)
    assert "Invalid URL (GET /v1/nothing)" in error.message
    without = client.with_options(base_url=str(client.base_url).removesuffix("v1/"))
    assert "Invalid URL (GET /models)" in refused(without.models.list).message
    method = refused(lambda: client.get("/chat/completions", cast_to=object))
    assert (method.status_code, method.code) == (405, "method_not_supported")
    assert refused(lambda: client.get("/models/", cast_to=object)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"5", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"model": 1' + b"0" * 5000 + b"}"],
)
@pytest.mark.parametrize("path", ["/chat/completions", "/responses", "/responses/input_tokens", "/embeddings"])
def test_whatever_is_sent_is_answered_with_a_400(shared: Served, path: str, body: bytes) -> None:
    headers = {"authorization": f"Bearer {shared.handshake.api_key.reveal()}", "content-type": "application/json"}
    with httpx2.Client(trust_env=False) as client:
        answer = client.post(shared.handshake.base_url + path, content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


ODD = [None, True, 5, -1, 1.5, "text", "", [], [1], ["x"], {}, {"a": {}}, [[]], [{}], [{"type": 5}], 10**30]


@pytest.mark.parametrize("page", ["chat", "responses"])
def test_a_parameter_of_any_wrong_kind_never_breaks_the_server(shared: Served, page: str) -> None:
    path = {"chat": "/chat/completions", "responses": "/responses"}[page]
    good: dict[str, Any] = {"model": "gpt-6-luna", "reasoning_effort": "none", "messages": HELLO}
    if page == "responses":
        good = {"model": "gpt-6-luna", "reasoning": {"effort": "none"}, "input": "hello"}
    headers = {"authorization": f"Bearer {shared.handshake.api_key.reveal()}"}
    with httpx2.Client(trust_env=False, headers=headers) as client:
        for name in sorted(fields(page)):
            for value in ODD:
                content = json.dumps({**good, name: value})
                answer = client.post(shared.handshake.base_url + path, content=content)
                assert answer.status_code in (200, 400, 404), (name, value, answer.text)


def test_a_body_that_is_too_large_is_not_read(shared: Served) -> None:
    address = shared.handshake.base_url.removeprefix("http://").removesuffix("/v1")
    connection = HTTPConnection(address, timeout=20)
    connection.putrequest("POST", "/v1/responses")
    connection.putheader("Authorization", f"Bearer {shared.handshake.api_key.reveal()}")
    connection.putheader("Content-Length", str(10**9))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_hosted_tools_that_do_exist_are_counted(client: OpenAI) -> None:
    plain = client.responses.create(model=MODEL, input="hello")
    tools: Any = [{"type": "function", "name": "now", "parameters": {"type": "object"}, "strict": False}]
    with_tools = client.responses.create(model=MODEL, input="hello", tools=tools)
    assert plain.usage is not None
    assert with_tools.usage is not None
    assert with_tools.usage.input_tokens > plain.usage.input_tokens
