"""Asking the practice service with the unmodified SDK."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpx2Client, OpenAI
from openai.types import CreateEmbeddingResponse, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses.input_token_count_response import InputTokenCountResponse

from keytui.domain.tokens import Tokenizer
from tests.servers.practice.conftest import Served
from tests.servers.practice.shapes import strictly, unknown_fields

MODEL = "gpt-6-luna"
QUESTION = "How does prompt caching work?"


def test_models_are_listed_with_the_fields_the_platform_sends(client: OpenAI) -> None:
    raw = client.models.with_raw_response.list()
    rows = json.loads(raw.text)["data"]
    models = [strictly(Model, row) for row in rows]
    assert MODEL in [model.id for model in models]
    assert {m.id: m.shutdown_date for m in models}["gpt-5"] == "2026-12-11"
    assert client.models.retrieve(MODEL).id == MODEL


def test_a_chat_answer_has_the_platforms_shape_and_says_what_it_is(client: OpenAI, tokenizer: Tokenizer) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=[{"role": "user", "content": QUESTION}]
    )
    answer = strictly(ChatCompletion, json.loads(raw.text))
    assert unknown_fields(answer) == set()
    text = answer.choices[0].message.content or ""
    assert "practice answer" in text
    assert "1,024" in text
    assert answer.usage is not None
    assert answer.usage.completion_tokens_details is not None
    reasoning = answer.usage.completion_tokens_details.reasoning_tokens
    assert answer.usage.completion_tokens == tokenizer.count(text) + (reasoning or 0)
    assert answer.service_tier == "default"
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.headers["openai-organization"].startswith("org-")
    assert int(raw.headers["openai-processing-ms"]) >= 1


def test_prompt_tokens_follow_the_published_rule(client: OpenAI, tokenizer: Tokenizer) -> None:
    messages = [("system", "Be brief."), ("user", "Grüße, 世界"), ("assistant", "Yes."), ("user", QUESTION)]
    answer = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": role, "content": text} for role, text in messages],  # type: ignore[misc]
    )
    expected = sum(3 + tokenizer.count(role) + tokenizer.count(text) for role, text in messages) + 3
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == expected
    assert client.responses.input_tokens.count(model=MODEL, input=QUESTION).input_tokens == (
        3 + tokenizer.count("user") + tokenizer.count(QUESTION) + 3
    )


@pytest.mark.parametrize("obfuscated", [True, False])
def test_chat_chunks_come_in_order_and_end_with_the_usage(client: OpenAI, obfuscated: bool) -> None:
    with client.chat.completions.with_streaming_response.create(
        model=MODEL,
        messages=[{"role": "user", "content": QUESTION}],
        stream=True,
        stream_options={"include_usage": True, "include_obfuscation": obfuscated},
    ) as response:
        lines = [line for line in response.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    raw = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    chunks = [strictly(ChatCompletionChunk, row) for row in raw]
    assert set().union(*map(unknown_fields, chunks)) == set()
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]][-1] == "stop"
    assert all("usage" in row for row in raw)
    assert [row["usage"] for row in raw[:-1]] == [None] * (len(raw) - 1)
    assert raw[-1]["choices"] == []
    assert chunks[-1].usage is not None
    assert any("obfuscation" in row for row in raw) == obfuscated


def test_without_include_usage_no_chunk_has_a_usage(client: OpenAI) -> None:
    stream = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": QUESTION}], stream=True)
    chunks = list(stream)
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


def test_several_answers_are_counted_together(client: OpenAI) -> None:
    one = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": QUESTION}])
    three = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": QUESTION}], n=3)
    assert [choice.index for choice in three.choices] == [0, 1, 2]
    assert one.usage is not None
    assert three.usage is not None
    assert three.usage.completion_tokens == 3 * one.usage.completion_tokens


def test_response_events_come_in_the_platforms_order(client: OpenAI) -> None:
    stream = client.responses.create(
        model=MODEL, input=QUESTION, stream=True, reasoning={"effort": "low", "summary": "auto"}
    )
    events = list(stream)
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds: list[str] = []
    for event in events:
        if not kinds or kinds[-1] != event.type:
            kinds.append(event.type)
    summary = [
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done",
    ]
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        *summary,
        *summary,
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    last = events[-1]
    assert last.type == "response.completed"
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert last.response.output_text == text
    assert last.response.usage is not None
    assert last.response.usage.output_tokens_details.reasoning_tokens == 64


def test_every_response_event_parses_strictly(client: OpenAI) -> None:
    with client.responses.with_streaming_response.create(
        model=MODEL, input=QUESTION, stream=True, reasoning={"effort": "high", "summary": "detailed"}
    ) as response:
        lines = list(response.iter_lines())
    for line in lines:
        if line.startswith("data: "):
            raw = json.loads(line.removeprefix("data: "))
            padding = raw.pop("obfuscation", "")
            assert bool(padding) == (raw["type"] == "response.output_text.delta")
            event = strictly(ResponseStreamEvent, raw)  # type: ignore[arg-type]
            assert unknown_fields(event) <= {"store"}


def test_a_whole_response_parses_strictly_and_can_be_continued(client: OpenAI) -> None:
    raw = client.responses.with_raw_response.create(model=MODEL, input=QUESTION, instructions="Be brief.")
    first = strictly(Response, json.loads(raw.text))
    assert first.status == "completed"
    assert unknown_fields(first) <= {"store"}
    second = client.responses.create(model=MODEL, input="And tokens?", previous_response_id=first.id)
    assert first.usage is not None
    assert second.usage is not None
    assert second.usage.input_tokens > first.usage.input_tokens
    assert client.responses.retrieve(first.id).output_text == first.output_text
    client.responses.delete(first.id)
    unstored = client.responses.create(model=MODEL, input=QUESTION, store=False)
    for gone in (first.id, unstored.id):
        with pytest.raises(Exception, match="not found"):
            client.responses.retrieve(gone)


def test_reasoning_can_use_up_the_whole_answer(client: OpenAI) -> None:
    answer = client.responses.create(model=MODEL, input="ping", max_output_tokens=16)
    assert answer.status == "incomplete"
    assert answer.incomplete_details is not None
    assert answer.incomplete_details.reason == "max_output_tokens"
    assert answer.output_text == ""
    assert answer.usage is not None
    assert answer.usage.output_tokens == answer.usage.output_tokens_details.reasoning_tokens == 16
    chat = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "ping"}], max_completion_tokens=5, reasoning_effort="none"
    )
    assert chat.choices[0].finish_reason == "length"
    assert chat.usage is not None
    assert chat.usage.completion_tokens == 5


def test_no_answer_is_longer_than_the_model_allows(client: OpenAI) -> None:
    answer = client.responses.create(model="gpt-4o", input="[[tokens=20000 rate=max]]")
    assert answer.usage is not None
    assert (answer.status, answer.usage.output_tokens) == ("incomplete", 16_384)


@pytest.mark.parametrize("style", ["words", "markdown", "code", "table"])
@pytest.mark.parametrize("tokens", [3, 40, 997, 5000])
def test_an_answer_made_to_measure_has_exactly_that_many_chunks(client: OpenAI, style: str, tokens: int) -> None:
    stream = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": f"[[tokens={tokens} rate=max style={style}]]"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    pieces = [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content]
    usage = chunks[-1].usage
    assert usage is not None
    assert usage.completion_tokens == len(pieces)
    assert len(pieces) == max(tokens, 3)
    text = "".join(piece or "" for piece in pieces)
    assert text.endswith("ENDOFANSWER")
    assert text.count("```") % 2 == 0


def test_stop_words_end_the_answer(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": QUESTION}], stop=["cache"]
    )
    text = answer.choices[0].message.content or ""
    assert "cache" not in text
    assert answer.choices[0].finish_reason == "stop"


def test_embeddings_are_the_same_for_the_same_text(client: OpenAI, tokenizer: Tokenizer) -> None:
    raw = client.embeddings.with_raw_response.create(
        model="text-embedding-3-small", input=["one", "two"], encoding_format="float"
    )
    answer = strictly(CreateEmbeddingResponse, json.loads(raw.text))
    again = client.embeddings.create(model="text-embedding-3-small", input="two")
    assert len(answer.data[0].embedding) == 1536
    assert again.data[0].embedding == pytest.approx(answer.data[1].embedding, abs=1e-6)
    assert answer.usage.prompt_tokens == tokenizer.count("one") + tokenizer.count("two")
    assert (
        len(client.embeddings.create(model="text-embedding-3-large", input="x", dimensions=256).data[0].embedding)
        == 256
    )


def test_the_counting_page_parses_strictly_and_costs_nothing(practice: Served) -> None:
    raw = practice.client().responses.input_tokens.with_raw_response.count(model=MODEL, input=QUESTION)
    strictly(InputTokenCountResponse, json.loads(raw.text))
    assert practice.page("/practice/ledger") == {"entries": [], "total": "0", "credit": "5"}


def test_a_question_with_half_a_character_is_answered(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "emoji 👩‍👩‍👧‍👦 \\ud83d and a NUL \x00"}]
    )
    assert answer.choices[0].message.content


async def test_the_asynchronous_client_sees_the_same(practice: Served) -> None:
    async with AsyncOpenAI(
        api_key=practice.handshake.api_key.reveal(),
        base_url=practice.handshake.base_url,
        http_client=DefaultAsyncHttpx2Client(trust_env=False),
        max_retries=0,
    ) as client:
        assert MODEL in [model.id async for model in client.models.list()]
        stream = await client.responses.create(model=MODEL, input=QUESTION, stream=True)
        events = [event async for event in stream]
        assert events[-1].type == "response.completed"
        chat = await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": QUESTION}])
        assert chat.choices[0].finish_reason == "stop"


def test_the_ledger_and_the_credit_agree_to_the_last_decimal(practice: Served) -> None:
    client = practice.client()
    client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": QUESTION}])
    client.responses.create(model="gpt-6-astra", input="word " * 2000, service_tier="flex")
    client.responses.create(model="gpt-6-astra", input="word " * 2000, service_tier="fast")
    list(client.responses.create(model="gpt-5.4", input=QUESTION, stream=True))
    client.embeddings.create(model="text-embedding-3-small", input="one")
    book = practice.page("/practice/ledger")
    assert [row["service_tier"] for row in book["entries"]] == ["default", "flex", "fast", "default", "default"]
    costs = [Decimal(row["cost"]) for row in book["entries"]]
    assert sum(costs) == Decimal(book["total"])
    assert Decimal(book["credit"]) == 5 - sum(costs)
    first, flex, fast, *_ = book["entries"]
    assert costs[0] == (Decimal("0.10") * first["input_tokens"] + Decimal("0.50") * first["output_tokens"]) / 1_000_000
    assert flex["cache_write_tokens"] == flex["input_tokens"] - 3
    assert fast["cached_tokens"] == fast["input_tokens"] - 3
    assert (
        costs[1]
        == (5 * Decimal(3) + Decimal("6.25") * flex["cache_write_tokens"] + 25 * Decimal(flex["output_tokens"]))
        / 1_000_000
    )
    assert (
        costs[2]
        == (20 * Decimal(3) + 2 * Decimal(fast["cached_tokens"]) + 100 * Decimal(fast["output_tokens"])) / 1_000_000
    )
