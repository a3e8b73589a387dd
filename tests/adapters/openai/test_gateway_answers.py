"""What comes back: usage, words, reasons to end, failures and cuts."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import (
    Delta,
    Failed,
    Finished,
    Reported,
    Thinking,
)
from keytui.domain.secrets import Secret
from keytui.domain.usage import Mark, Usage
from tests.adapters.openai.gateways import DONE, KEY, RESPONSES, asked, question, said, text
from tests.support.faulty import (
    CHUNKED,
    HANG,
    HEAD,
    RESET,
    Faulty,
    chunk,
    events,
    piece,
    reply,
    usage,
)


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
