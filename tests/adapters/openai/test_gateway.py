"""The gateway against servers that do everything servers were seen doing, through the unmodified SDK."""

from __future__ import annotations

import os

import pytest

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import (
    Capabilities,
    Failed,
    Finished,
    Reported,
    Started,
)
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.secrets import Secret
from keytui.domain.usage import Mark
from tests.adapters.openai.gateways import DONE, KEY, RESPONSES, asked, question, said, text
from tests.support.faulty import (
    HEAD,
    Faulty,
    error,
    events,
    faulty_server,
    piece,
    reply,
    usage,
)
from tests.support.practice import Practice


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
