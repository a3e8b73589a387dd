"""Every request has its entry, with what the server said where it said it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import urllib.request
from decimal import Decimal
from typing import Any

import pytest
from openai import APIError, AsyncOpenAI, DefaultAsyncHttpx2Client

from keytui.domain.ledger import Entry, Outcome
from keytui.domain.usage import Mark
from tests.servers.metering.conftest import Start
from tests.servers.metering.test_passing import CHAT, ask, post
from tests.servers.metering.test_refusals import client
from tests.servers.metering.upstream import END, STREAM, Upstream, chunk, reply
from tests.support.crowd import crowd, speaker
from tests.support.practice import Practice

MODEL = "gpt-6-luna"
HI: list[Any] = [{"role": "user", "content": "What is a token? [[tokens=30]]"}]


def test_the_sdk_works_and_both_accounts_agree(start: Start, practice_fresh: Practice) -> None:
    running = start(practice_fresh.base_url, practice_fresh.api_key)
    with client(running.base_url, running.api_key) as sdk:
        assert sdk.models.list().data
        assert sdk.chat.completions.create(model=MODEL, messages=HI).choices[0].message.content
        usage = {"include_usage": True}
        assert list(sdk.chat.completions.create(model=MODEL, messages=HI, stream=True, stream_options=usage))
        assert sdk.responses.create(model=MODEL, input="What is a cache?").output_text
        assert list(sdk.responses.create(model=MODEL, input="What is a cache?", stream=True, service_tier="flex"))
        assert sdk.embeddings.create(model="text-embedding-3-small", input=["a", "b"]).data
    entries = running.ended()
    assert [entry.endpoint for entry in entries] == [
        *("/v1/models", "chat", "chat", "responses", "responses", "/v1/embeddings")
    ]
    assert {entry.app for entry in entries} == {"proxy"}
    assert all(entry.outcome is Outcome.FINISHED for entry in entries)
    served = accounts(practice_fresh)
    assert [(row["input_tokens"], row["output_tokens"]) for row in served] == [
        (entry.usage.input, entry.usage.output) for entry in entries[1:]
    ]
    assert [Decimal(row["cost"]) for row in served] == [total(entry) for entry in entries[1:]]
    assert all(entry.usage.mark is Mark.BILLED for entry in entries[1:])


async def test_fifty_streams_at_once_are_each_booked_once(start: Start, practice_fresh: Practice) -> None:
    running = start(practice_fresh.base_url, practice_fresh.api_key, max_parallel=16)

    async def one(number: int) -> str:
        text = ""
        async for event in await sdk.responses.create(model=MODEL, input=f"Number {number} [[tokens=60]]", stream=True):
            if event.type == "response.output_text.delta":
                text += event.delta
        return text

    http = DefaultAsyncHttpx2Client(trust_env=False)
    async with AsyncOpenAI(api_key=running.api_key, base_url=running.base_url, max_retries=0, http_client=http) as sdk:
        texts = await asyncio.gather(*(one(number) for number in range(50)))
    assert all(texts)
    entries = await asyncio.to_thread(running.ended)
    assert len(entries) == 50
    assert sum(map(total, entries)) == sum(Decimal(row["cost"]) for row in accounts(practice_fresh))
    shown = running.proxy.snapshot()
    assert (shown.requests, shown.now, shown.waiting, shown.problem) == (50, 0, 0, "")
    assert shown.spend == sum(map(total, entries))


async def test_two_hundred_streams_come_through_to_the_byte(start: Start) -> None:
    async with speaker(0.0) as base_url:
        running = start(base_url)
        assert await crowd(running.base_url, running.api_key, programs=200) == 200
        entries = await asyncio.to_thread(running.ended)
    assert len(entries) == len({entry.id for entry in entries}) == 200
    assert sorted(entry.usage.output for entry in entries) == sorted(number % 50 + 1 for number in range(200))
    assert all((entry.outcome, entry.usage.mark) == (Outcome.FINISHED, Mark.BILLED) for entry in entries)


def test_a_stream_without_usage_is_an_estimate(start: Start, practice_fresh: Practice) -> None:
    running = start(practice_fresh.base_url, practice_fresh.api_key)
    with client(running.base_url, running.api_key) as sdk:
        assert list(sdk.chat.completions.create(model=MODEL, messages=HI, stream=True))
    (entry,) = running.ended()
    (served,) = accounts(practice_fresh)
    assert entry.usage.mark is Mark.ESTIMATED
    assert entry.usage.output == served["output_tokens"] == 30
    assert abs(entry.usage.input - served["input_tokens"]) <= 4
    assert total(entry) > 0


def test_a_stream_that_the_program_stops_is_an_estimate(start: Start, told: Upstream) -> None:
    stopped = threading.Event()
    delta = b'data: {"model": "gpt-6-luna", "choices": [{"delta": {"content": " token"}}]}\n\n'
    told.answer(STREAM + chunk(delta) * 10, stopped, *[chunk(delta * 1000)] * 400, END)
    running = start(told.base_url)
    connection = post(running, CHAT)
    answer = connection.getresponse()
    assert answer.read(len(delta) * 10)
    answer.close()
    connection.close()
    stopped.set()
    assert told.left.wait(20), "the server still answers nobody"
    (entry,) = running.ended()
    assert (entry.outcome, entry.usage.mark) == (Outcome.STOPPED, Mark.ESTIMATED)
    assert entry.usage.output >= 10
    assert total(entry) > 0


def test_a_program_that_leaves_before_the_first_byte_is_booked(start: Start, told: Upstream) -> None:
    asked, go_on = threading.Event(), threading.Event()
    told.answer(asked.set, go_on, STREAM, *[chunk(b"data: x\n\n" * 10_000)] * 100)
    running = start(told.base_url)
    connection = post(running, CHAT)
    assert asked.wait(20)
    connection.close()
    while running.proxy.snapshot().now:
        pass
    go_on.set()
    (entry,) = running.ended()
    assert (entry.outcome, entry.usage.output) == (Outcome.STOPPED, 0)
    assert entry.usage.input > 0


def test_the_end_of_the_proxy_leaves_time_then_an_estimate(start: Start, practice_fresh: Practice) -> None:
    running = start(practice_fresh.base_url, practice_fresh.api_key, drain=1)
    question: list[Any] = [{"role": "user", "content": "[[tokens=4000 rate=100]]"}]
    short: list[Any] = [{"role": "user", "content": "[[tokens=20 rate=100]]"}]
    usage: Any = {"include_usage": True}
    with client(running.base_url, running.api_key) as sdk:
        long = sdk.chat.completions.create(model=MODEL, messages=question, stream=True)
        other = sdk.chat.completions.create(model=MODEL, messages=short, stream=True, stream_options=usage)
        assert next(long)
        assert next(other)
        running.proxy.stop()
        assert list(other)[-1].usage, "it could have ended in time"
        with pytest.raises(APIError):
            list(long)
    entries = {entry.outcome: entry for entry in running.ended()}
    assert set(entries) == {Outcome.STOPPED, Outcome.FINISHED}
    assert entries[Outcome.STOPPED].usage.output > 10
    assert running.proxy.snapshot().base_url == ""


def test_a_server_that_is_killed_in_the_middle_leaves_an_estimate(start: Start, practice_fresh: Practice) -> None:
    running = start(practice_fresh.base_url, practice_fresh.api_key)
    question: list[Any] = [{"role": "user", "content": "[[tokens=4000 rate=200]]"}]
    with client(running.base_url, running.api_key) as sdk, pytest.raises(APIError) as broken:  # noqa: PT012
        for number, _ in enumerate(sdk.chat.completions.create(model=MODEL, messages=question, stream=True)):
            if number == 20:
                os.kill(practice_fresh.pid, signal.SIGKILL)
    assert "RemoteProtocolError" in repr(broken.value.__cause__ or broken.value)
    (entry,) = running.ended()
    assert (entry.outcome, entry.usage.mark) == (Outcome.CUT, Mark.ESTIMATED)
    assert 20 <= entry.usage.output < 4000
    assert total(entry) > 0


def test_what_a_gateway_states_is_what_is_booked(start: Start, told: Upstream) -> None:
    body = b'{"model": "vendor/x", "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 7}}'
    told.answer(reply(body, x_litellm_response_cost="3.15e-06"))
    usage = b'{"prompt_tokens": 5, "completion_tokens": 7, "cost": 0.25}'
    last = b'data: {"choices": [], "usage": ' + usage + b"}\n\ndata: [DONE]\n\n"
    told.answer(STREAM.replace(b"\r\n\r\n", b"\r\nx-litellm-response-cost: 0.0\r\n\r\n") + chunk(last) + END)
    running = start(told.base_url)
    ask(running.port, running.api_key, "POST")
    connection = post(running, json.dumps({**json.loads(CHAT), "stream": True}).encode())
    connection.getresponse().read()
    connection.close()
    plain, stream = running.ended()
    assert total(plain) == Decimal("0.00000315")
    assert total(stream) == Decimal("0.25")
    assert all(entry.cost and entry.cost.source == "gateway" for entry in (plain, stream))


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v1/images/generations", reply(b'{"data": []}')),
        ("/v1/audio/speech", reply(b"RIFF", content_type="audio/wav")),
        ("/v1/chat/completions", reply(b"?", content_encoding="br")),
        ("/v1/responses", reply(b'{"id": "r", "status": "queued", "model": "gpt-6-luna"}')),
    ],
)
def test_what_is_not_known_is_not_zero(start: Start, told: Upstream, path: str, answer: bytes) -> None:
    told.answer(answer)
    running = start(told.base_url)
    with client(running.base_url, running.api_key) as sdk:
        sdk.post(path.removeprefix("/v1"), body={"model": MODEL, "prompt": "a cat"}, cast_to=bytes)  # type: ignore[type-var]
    (entry,) = running.ended()
    assert entry.cost is None
    assert entry.usage.total > 0
    spend = running.ledger.total()
    assert (spend.requests, spend.unpriced, spend.at_least) == (1, 1, True)


def test_a_refusal_costs_nothing_and_its_code_is_kept(start: Start, practice_fresh: Practice) -> None:
    running = start(practice_fresh.base_url, practice_fresh.api_key)
    with client(running.base_url, running.api_key) as sdk, pytest.raises(APIError):
        sdk.chat.completions.create(model="no-such-model", messages=HI)
    (entry,) = running.ended()
    assert (entry.outcome, entry.error, total(entry)) == (Outcome.FAILED, "model_not_found", 0)


def test_a_fault_in_the_books_is_shown_and_disturbs_nobody(
    start: Start, told: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.answer(reply(b"{}"))
    running = start(told.base_url)

    def broken(entry: Entry) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(running.ledger, "book", broken)
    assert ask(running.port, running.api_key, "POST")[0] == 200
    assert running.ended() == []
    assert "could not be booked" in running.proxy.snapshot().problem


def accounts(service: Practice) -> list[dict[str, Any]]:
    """What the practice service charged, request by request."""
    with urllib.request.urlopen(service.base_url.removesuffix("/v1") + "/practice/ledger", timeout=20) as answer:
        return list(json.loads(answer.read())["entries"])


def total(entry: Entry) -> Decimal:
    assert entry.cost is not None
    return entry.cost.total
