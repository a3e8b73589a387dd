"""The gateway against servers that do everything servers were seen doing, through the unmodified SDK."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import (
    Capabilities,
    Delta,
    Failed,
    Finished,
    ModelInfo,
    Refused,
    Reported,
    Started,
    Thinking,
    TurnEvent,
)
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.secrets import Secret
from keytui.domain.usage import Mark, Usage
from tests.support.faulty import (
    CHUNKED,
    HANG,
    HEAD,
    RESET,
    Faulty,
    chunk,
    error,
    events,
    faulty_server,
    piece,
    reply,
    usage,
)
from tests.support.practice import Practice

KEY = "sk-proj-" + "aB3dE6gH9jK2mN5p" * 4
RESPONSES = Capabilities(responses=True)
DONE = "[DONE]"


@pytest.fixture
async def faulty() -> AsyncIterator[Faulty]:
    async with faulty_server() as server:
        yield server


def question(text: str = "hello", model: str = "told", **parameters: Any) -> Question:
    return Question(model, (ChatMessage("user", text),), "be brief", Parameters(**parameters), cache_key="c1")


async def asked(
    base_url: str,
    wanted: Question | None = None,
    *,
    remembered: Capabilities | None = None,
    gateway: OpenAIGateway | None = None,
) -> list[TurnEvent]:
    own = gateway or OpenAIGateway(Secret(KEY), base_url, HttpClients(Routes({})), remembered=remembered)
    try:
        return [event async for event in own.ask(wanted or question())]
    finally:
        if gateway is None:
            await own.close()


def text(found: list[TurnEvent]) -> str:
    return "".join(event.text for event in found if isinstance(event, Delta))


def said(*deltas: str, **more: Any) -> list[Any]:
    """Events of the Responses API around these deltas."""
    inner = {"model": "told", "service_tier": "default", **more}
    return [
        {"type": "response.created", "response": {}},
        *({"type": "response.output_text.delta", "delta": delta} for delta in deltas),
        {"type": "response.some_future_event", "delta": "not text"},
        {"type": "response.completed", "response": {**inner, "output": []}},
    ]


# The good paths, on the practice service.


@pytest.mark.parametrize("remembered", [Capabilities(responses=False), RESPONSES], ids=["chat", "responses"])
async def test_an_answer_of_the_practice_service(practice: Practice, remembered: Capabilities) -> None:
    gateway = OpenAIGateway(Secret(practice.api_key), practice.base_url, HttpClients(Routes({})), remembered=remembered)
    models = await gateway.models()
    found = await asked("", question("What is a token?", models[0].id), gateway=gateway)
    started, reported, finished = found[0], found[-2], found[-1]
    assert isinstance(started, Started)
    assert started.endpoint == ("responses" if remembered is RESPONSES else "chat")
    assert any(name.startswith("x-ratelimit-") for name in started.headers)
    assert len(text(found)) > 20
    assert isinstance(reported, Reported)
    assert reported.usage is not None
    assert reported.usage.mark is Mark.BILLED
    assert finished == Finished("stop")
    assert await gateway.count(question("What is a token?", models[0].id)) == reported.usage.input
    assert gateway.capabilities.count
    assert gateway.capabilities.rate_headers
    await gateway.close()


# What is sent.


async def test_what_chat_sends_to_a_server_that_is_not_openais(faulty: Faulty) -> None:
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), usage(), DONE))
    await asked(faulty.base_url, question(effort="low", max_output=50, tier="flex", verbosity="low"))
    (request,) = faulty.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body == {
        "model": "told",
        "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "reasoning_effort": "low",
        "max_completion_tokens": 50,
        "service_tier": "flex",
        "verbosity": "low",
        "prompt_cache_key": "c1",
    }


async def test_what_responses_sends(faulty: Faulty) -> None:
    faulty.on("/responses", HEAD, events(*said("Hi")))
    wanted = Question(
        "told",
        (ChatMessage("user", "a"), ChatMessage("assistant", "b"), ChatMessage("user", "c")),
        "",
        Parameters(effort="low"),
    )
    await asked(faulty.base_url, wanted, remembered=RESPONSES)
    assert faulty.requests[0].body == {
        "model": "told",
        "input": [
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b"},
            {"role": "user", "content": "c"},
        ],
        "stream": True,
        "store": False,
        "reasoning": {"effort": "low"},
    }


async def test_nothing_of_the_environment_leaks_in(faulty: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    leaks = {
        "OPENAI_API_KEY": "sk-other",
        "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
        "OPENAI_ORG_ID": "org-leak",
        "OPENAI_PROJECT_ID": "proj_leak",
        "OPENAI_CUSTOM_HEADERS": "X-Leak: yes",
        "OPENAI_ADMIN_KEY": "sk-admin-leak",
        "OPENAI_LOG": "debug",
    }
    for name, value in leaks.items():
        monkeypatch.setenv(name, value)
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), DONE))
    await asked(faulty.base_url)
    headers = faulty.requests[0].headers
    assert not {"x-leak", "openai-organization", "openai-project"} & headers.keys()
    assert headers["authorization"] == f"Bearer {KEY}"
    assert {name: os.environ[name] for name in leaks} == leaks


async def test_a_key_is_not_sent_after_a_redirect(faulty: Faulty) -> None:
    async with faulty_server() as elsewhere:
        faulty.on("/chat/completions", reply(308, "", location=f"{elsewhere.base_url}/chat/completions"))
        (failed,) = await asked(faulty.base_url)
        assert isinstance(failed, Failed)
        assert failed.trouble.id == "redirected"
        assert elsewhere.base_url in failed.trouble.title
        assert elsewhere.requests == []


async def test_organisation_and_project_go_along_when_they_are_set(faulty: Faulty) -> None:
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), DONE))
    gateway = OpenAIGateway(
        Secret(KEY), faulty.base_url, HttpClients(Routes({})), organization="org-1", project="proj_1"
    )
    await asked("", gateway=gateway)
    await gateway.close()
    headers = faulty.requests[0].headers
    assert (headers["openai-organization"], headers["openai-project"]) == ("org-1", "proj_1")


async def test_nothing_is_retried_by_the_sdk(faulty: Faulty) -> None:
    faulty.on("/chat/completions", error(429, "Rate limit", "rate_limit_exceeded", "requests", retry_after="1"))
    (failed,) = await asked(faulty.base_url)
    assert isinstance(failed, Failed)
    assert (failed.trouble.retry, failed.trouble.wait) == (True, 1.0)
    assert len(faulty.requests) == 1


# What the server takes.


async def test_a_server_without_responses_is_asked_by_chat_and_remembered(faulty: Faulty) -> None:
    faulty.on("/responses", reply(404, {"detail": "Not Found"}))
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), usage(), DONE))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})), remembered=RESPONSES)
    assert text(await asked("", gateway=gateway)) == "Hi"
    assert text(await asked("", gateway=gateway)) == "Hi"
    assert len(faulty.asked("/responses")) == 1
    assert gateway.capabilities.responses is False
    await gateway.close()


async def test_a_server_that_answers_like_openai_is_asked_like_openai(faulty: Faulty) -> None:
    faulty.on("/models", reply(200, {"data": [{"id": "told"}]}, openai_version="2020-10-01"))
    faulty.on("/responses", HEAD, events(*said("Hi")))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    await gateway.models()
    assert text(await asked("", gateway=gateway)) == "Hi"
    await gateway.close()


async def test_a_missing_model_is_no_missing_endpoint(faulty: Faulty) -> None:
    faulty.on("/responses", error(404, "The model `told` does not exist.", "model_not_found"))
    (failed,) = await asked(faulty.base_url, remembered=RESPONSES)
    assert isinstance(failed, Failed)
    assert failed.trouble.id == "model-not-found"
    assert faulty.asked("/chat/completions") == []


async def test_a_model_for_responses_only_is_asked_there(faulty: Faulty) -> None:
    refusal = "This model is only supported in v1/responses and not in v1/chat/completions."
    faulty.on("/chat/completions", error(404, refusal, None, "invalid_request_error"))
    faulty.on("/responses", HEAD, events(*said("Hi")))
    assert text(await asked(faulty.base_url)) == "Hi"


@pytest.mark.parametrize(
    "refusal",
    [
        error(400, "Unsupported parameter: 'temperature'", "unsupported_parameter", param="temperature"),
        error(400, "'temperature' does not support 0.2 with this model.", "unsupported_value", param="temperature"),
        reply(
            422, {"detail": [{"loc": ["body", "temperature"], "msg": "Extra inputs are not permitted", "type": "x"}]}
        ),
        error(400, "litellm.UnsupportedParamsError: told does not support parameters: ['temperature']"),
        error(400, "Unrecognized request argument supplied: temperature"),
    ],
    ids=["parameter", "value", "fastapi", "litellm", "words"],
)
async def test_a_refused_parameter_is_left_out_and_named(faulty: Faulty, refusal: bytes) -> None:
    faulty.on("/chat/completions", refusal)
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), DONE))
    found = await asked(faulty.base_url, question(temperature=0.2, effort="low"))
    assert found[-1] == Finished("stop", ("temperature",))
    first, second = (request.body for request in faulty.requests)
    assert first.pop("temperature") == 0.2
    assert first == second


async def test_what_is_never_taken_is_not_sent_again_but_still_named(faulty: Faulty) -> None:
    faulty.on("/chat/completions", error(400, "no", "unsupported_parameter", param="prompt_cache_key"))
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), DONE))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    for _ in range(2):
        assert (await asked("", gateway=gateway))[-1] == Finished("stop", ("cache_key",))
    assert len(faulty.requests) == 3
    assert gateway.capabilities.unaccepted == {("told", "prompt_cache_key")}
    await gateway.close()


async def test_an_older_server_gets_the_older_name_of_the_longest_answer(faulty: Faulty) -> None:
    faulty.on("/chat/completions", error(400, "no", "unsupported_parameter", param="max_completion_tokens"))
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), DONE))
    assert (await asked(faulty.base_url, question(max_output=9)))[-1] == Finished("stop", ())
    assert faulty.requests[1].body["max_tokens"] == 9


async def test_without_verification_the_answer_comes_unstreamed(faulty: Faulty) -> None:
    words = "Your organization must be verified to stream this model."
    faulty.on("/chat/completions", error(400, words, "unsupported_value", param="stream"))
    whole = {"choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}], **usage()}
    whole["choices"] = [{"index": 0, "message": {"content": "Hi"}, "finish_reason": "stop"}]
    faulty.on("/chat/completions", reply(200, whole))
    found = await asked(faulty.base_url)
    assert text(found) == "Hi"
    assert found[-1] == Finished("stop", ("stream",))


async def test_a_server_that_refuses_everything_is_not_asked_for_ever(faulty: Faulty) -> None:
    faulty.on("/chat/completions", error(400, "no", "unsupported_parameter", param="stream_options"))
    (failed,) = await asked(faulty.base_url)
    assert isinstance(failed, Failed)
    assert failed.trouble.id == "parameter-not-taken"
    assert len(faulty.requests) <= 3


# What comes back.


async def test_usage_in_all_its_parts(faulty: Faulty) -> None:
    full = usage(
        2000, 300, prompt_tokens_details={"cached_tokens": 1024, "cache_write_tokens": 500},
        completion_tokens_details={"reasoning_tokens": 128}, cost=0.00021,
    )  # fmt: skip
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), {**full, "service_tier": "flex"}, DONE))
    reported = (await asked(faulty.base_url))[-2]
    assert isinstance(reported, Reported)
    assert reported.usage == Usage(2000, 300, 1024, 500, 0, 128, Mark.BILLED)
    assert (reported.tier, reported.model, reported.cost_usd) == ("flex", "told", "0.00021")


async def test_usage_of_responses(faulty: Faulty) -> None:
    full = {
        "input_tokens": 3000,
        "output_tokens": 20,
        "input_tokens_details": {
            "cached_tokens": 1024,
            "cache_write_tokens": 900,
            "cache_write_tokens_details": {"ttl_30m_tokens": 800, "ttl_12h_tokens": 100},
        },
        "output_tokens_details": {"reasoning_tokens": 4},
    }
    faulty.on("/responses", HEAD, events(*said("Hi", usage=full)))
    reported = (await asked(faulty.base_url, remembered=RESPONSES))[-2]
    assert isinstance(reported, Reported)
    assert reported.usage == Usage(3000, 20, 1024, 900, 100, 4, Mark.BILLED)


@pytest.mark.parametrize(
    "odd",
    [
        None, {}, {"prompt_tokens": None, "completion_tokens": None}, "many", [1],
        {"prompt_tokens": -3, "completion_tokens": -1, "prompt_tokens_details": None},
        {"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 99}},
    ],
)  # fmt: skip
async def test_odd_usage_breaks_nothing(faulty: Faulty, odd: Any) -> None:
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), {"choices": [], "usage": odd}, DONE))
    found = await asked(faulty.base_url)
    assert found[-1] == Finished("stop")
    reported = found[-2]
    assert isinstance(reported, Reported)
    if reported.usage is not None:
        assert 0 <= reported.usage.cached <= reported.usage.input


async def test_a_gateways_own_cost(faulty: Faulty) -> None:
    head = HEAD.replace(b"x-request-id", b"x-litellm-response-cost: 0.0000125\r\nx-request-id")
    faulty.on("/chat/completions", head, events(piece("Hi", "stop"), DONE))
    reported = (await asked(faulty.base_url))[-2]
    assert isinstance(reported, Reported)
    assert (reported.usage, reported.cost_usd) == (None, "0.0000125")


async def test_halved_characters_are_joined_and_controls_removed(faulty: Faulty) -> None:
    faulty.on(
        "/chat/completions",
        HEAD,
        b'data: {"choices":[{"delta":{"content":"a\\ud83d"}}]}\n\n',
        b'data: {"choices":[{"delta":{"content":"\\ude00\\u001b[2Jb\\u0007"},"finish_reason":"stop"}]}\n\n',
    )
    assert text(await asked(faulty.base_url)) == "a😀[2Jb"


async def test_reasoning_and_refusals_have_their_place(faulty: Faulty) -> None:
    faulty.on(
        "/chat/completions",
        HEAD,
        events(piece(reasoning_content="I think"), piece(refusal="I cannot"), piece(None, "stop"), DONE),
    )
    found = await asked(faulty.base_url)
    assert found[1:3] == [Thinking("I think"), Delta("I cannot")]
    summary = {"type": "response.reasoning_summary_text.delta", "delta": "I see"}
    refusal = {"type": "response.refusal.delta", "delta": "No"}
    faulty.on("/responses", HEAD, events(summary, refusal, *said("")))
    found = await asked(faulty.base_url, remembered=RESPONSES)
    assert found[1:3] == [Thinking("I see"), Delta("No")]


@pytest.mark.parametrize(
    ("end", "reason"),
    [("length", "length"), ("content_filter", "content_filter"), ("tool_calls", "tool_calls"), ("eos", "stop")],
)
async def test_why_an_answer_of_chat_ended(faulty: Faulty, end: str, reason: str) -> None:
    faulty.on("/chat/completions", HEAD, events(piece("Hi", end), DONE))
    assert (await asked(faulty.base_url))[-1] == Finished(reason)


CUT_SHORT = {"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}}


async def test_an_incomplete_response(faulty: Faulty) -> None:
    faulty.on("/responses", HEAD, events({"type": "response.output_text.delta", "delta": "Hi"}, CUT_SHORT))
    assert (await asked(faulty.base_url, remembered=RESPONSES))[-1] == Finished("length")


async def test_an_incomplete_response_without_a_word(faulty: Faulty) -> None:
    faulty.on("/responses", HEAD, events(CUT_SHORT))
    last = (await asked(faulty.base_url, remembered=RESPONSES))[-1]
    assert isinstance(last, Failed)
    assert last.trouble.id == "reasoning-used-it-up"


@pytest.mark.parametrize(
    ("told", "trouble_id"),
    [
        ({"type": "error", "code": "server_is_overloaded", "message": "busy"}, "overloaded"),
        ({"type": "error", "error": {"code": "rate_limit_exceeded", "message": "slow"}}, "rate-limited"),
        ({"error": {"code": "insufficient_quota", "message": "no"}}, "no-credit"),
        (
            {"type": "response.failed", "response": {"error": {"code": "context_length_exceeded", "message": "long"}}},
            "context-too-long",
        ),
        ({"type": "response.failed", "response": None}, "unknown"),
    ],
)
async def test_a_failure_in_the_middle_keeps_what_came(faulty: Faulty, told: Any, trouble_id: str) -> None:
    faulty.on("/responses", HEAD, events({"type": "response.output_text.delta", "delta": "Hi"}, told))
    found = await asked(faulty.base_url, remembered=RESPONSES)
    assert text(found) == "Hi"
    last = found[-1]
    assert isinstance(last, Failed)
    assert last.trouble.id == trouble_id


@pytest.mark.parametrize(
    "steps",
    [
        (HEAD, events(piece("Hi"))),
        (CHUNKED, chunk(events(piece("Hi"))), RESET),
        (CHUNKED, chunk(events(piece("Hi")))),
        (HEAD, events(piece("Hi")), b'data: {"choices": [{"del'),
        (HEAD, events(piece("Hi")), b"data: \xff\xfe\n\n"),
        (HEAD, events(piece("Hi")), b"data: [1, 2]\n\n"),
    ],
    ids=["no end", "reset", "no last chunk", "half an event", "no utf-8", "no object"],
)
async def test_a_cut_answer_is_never_called_whole(faulty: Faulty, steps: tuple[bytes | str, ...]) -> None:
    faulty.on("/chat/completions", *steps)
    found = await asked(faulty.base_url)
    assert text(found) == "Hi"
    last = found[-1]
    assert isinstance(last, Failed)
    assert last.trouble.id in ("cut-answer", "garbled-answer")


async def test_a_cut_after_the_servers_last_word_is_no_cut(faulty: Faulty) -> None:
    faulty.on("/chat/completions", CHUNKED, chunk(events(piece("Hi", "stop"))), RESET)
    assert (await asked(faulty.base_url))[-1] == Finished("stop")


async def test_a_server_that_keeps_the_line_after_the_end_is_not_waited_for(faulty: Faulty) -> None:
    faulty.on("/chat/completions", CHUNKED, chunk(events(piece("Hi", "stop"), DONE)), HANG)
    async with asyncio.timeout(5):
        assert (await asked(faulty.base_url))[-1] == Finished("stop")


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ({"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}, "Hi"),
        ({"choices": [{"message": {"content": [{"type": "text", "text": "Hi"}]}}]}, "Hi"),
        ({"choices": None}, "empty-answer"),
        ({"choices": 7}, "garbled-answer"),
        ([], "garbled-answer"),
        ("hello", "garbled-answer"),
        ({"message": "who are you?"}, "unknown"),
        ([{"error": {"message": "quota", "code": "insufficient_quota"}}], "no-credit"),
    ],
)
async def test_an_answer_that_is_no_stream(faulty: Faulty, whole: Any, expected: str) -> None:
    faulty.on("/chat/completions", reply(200, whole))
    found = await asked(faulty.base_url)
    last = found[-1]
    assert text(found) == expected if isinstance(last, Finished) else last.trouble.id == expected  # type: ignore[union-attr]


async def test_a_web_page_instead_of_an_answer(faulty: Faulty) -> None:
    faulty.on("/chat/completions", reply(200, "<html><body>Please sign in</body></html>", content="text/html"))
    last = (await asked(faulty.base_url))[-1]
    assert isinstance(last, Failed)
    assert last.trouble.id == "web-page"


@pytest.mark.parametrize(
    "stream",
    [
        b'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\r\n\r\ndata: [DONE]\r\n\r\n',
        b': ping\n\nid: 1\nretry: 5\ndata:{"choices":[{"delta":{"content":"Hi"},\ndata: "finish_reason":"stop"}]}\n\n',
        b'\xef\xbb\xbfdata: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n',
        b'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}',
        b'data: {"choices":[]}\n\ndata: {"choices":[{"index":0,"delta":null},{"index":1,"delta":{"content":"second"}}]}'
        b'\n\ndata: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n',
    ],
    ids=["crlf", "comments and lines", "byte order mark", "no last line end", "empty and second choices"],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_streams_as_servers_write_them(faulty: Faulty, stream: bytes, size: int) -> None:
    pieces = [chunk(stream[at : at + size]) for at in range(0, len(stream), size)]
    faulty.on("/chat/completions", CHUNKED, *pieces, b"0\r\n\r\n")
    found = await asked(faulty.base_url)
    assert (text(found), found[-1]) == ("Hi", Finished("stop"))


async def test_closing_the_events_ends_the_stream_at_once(faulty: Faulty) -> None:
    faulty.on("/chat/completions", CHUNKED, chunk(events(piece("Hi"))), HANG)
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    async with aclosing(gateway.ask(question())) as found:
        async for event in found:
            if isinstance(event, Delta):
                break
    async with asyncio.timeout(5):
        await faulty.gone.wait()
    await gateway.close()


async def test_cancelling_the_reader_ends_the_stream(faulty: Faulty) -> None:
    faulty.on("/chat/completions", CHUNKED, chunk(events(piece("Hi"))), HANG)
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    begun = asyncio.Event()

    async def read() -> None:
        async with aclosing(gateway.ask(question())) as found:
            async for event in found:
                if isinstance(event, Delta):
                    begun.set()

    reading = asyncio.create_task(read())
    await begun.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    async with asyncio.timeout(5):
        await faulty.gone.wait()
    await gateway.close()


# Lists and counts.


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"data": [{"id": "a", "created": None, "owned_by": None}, {"id": "a"}, {"id": "b"}]}, ["a", "b"]),
        ({"data": [{"id": "a", "shutdown_date": "2027-01-14"}], "has_more": True}, ["a"]),
        ({"models": ["a", "b"]}, ["a", "b"]),
        ([{"name": "a"}, {"id": None}, 7], ["a"]),
        ({"data": []}, []),
    ],
)
async def test_lists_of_models(faulty: Faulty, body: Any, names: list[str]) -> None:
    faulty.on("/models", reply(200, body))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    assert [model.id for model in await gateway.models()] == names
    await gateway.close()


@pytest.mark.parametrize(
    ("answer", "trouble_id"),
    [
        (reply(200, "<html>hotel</html>", content="text/html"), "web-page"),
        (reply(200, "hello"), "garbled-answer"),
        (reply(200, '{"data": [', content="application/json"), "garbled-answer"),
        (reply(200, {"data": None}), "garbled-answer"),
        (reply(404, "no", content="text/plain"), "wrong-base-url"),
        (error(401, "Incorrect API key provided", "invalid_api_key"), "invalid-key"),
    ],
)
async def test_a_list_that_is_none(faulty: Faulty, answer: bytes, trouble_id: str) -> None:
    faulty.on("/models", answer)
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    with pytest.raises(Refused) as refused:
        await gateway.models()
    assert refused.value.trouble.id == trouble_id
    await gateway.close()


async def test_counts(faulty: Faulty) -> None:
    faulty.on("/responses/input_tokens", reply(200, {"input_tokens": 12}))
    faulty.on("/responses/input_tokens", reply(200, {"input_tokens": None}))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    assert await gateway.count(question()) == 12
    with pytest.raises(Refused) as refused:
        await gateway.count(question())
    assert refused.value.trouble.id == "garbled-answer"
    await gateway.close()


def test_a_model_that_retires_says_so() -> None:
    from keytui.adapters.openai.gateway import _listed

    assert _listed({"data": [{"id": "a", "shutdown_date": "2027-01-14"}]}) == [ModelInfo("a", "2027-01-14")]
