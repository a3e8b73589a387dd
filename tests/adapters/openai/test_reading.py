"""Whatever a server sends, an answer has exactly one end, and nothing of it can harm a terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.openai.failures import Asked
from keytui.adapters.openai.reading import read_answer
from keytui.domain.chat import Delta, Endpoint, Failed, Finished, Started, TurnEvent

ASKED = Asked("chat", "https://gateway.example/v1", "told")
NAMES = st.sampled_from(
    ["choices", "delta", "content", "finish_reason", "index", "usage", "error", "type", "response", "output", "message",
     "code", "incomplete_details", "reason", "model", "prompt_tokens", "input_tokens_details", "summary", "refusal"]
)  # fmt: skip
TYPES = st.sampled_from(
    ["response.output_text.delta", "response.completed", "response.incomplete", "response.failed", "error", "stop", "x"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | TYPES | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
PAYLOAD = st.dictionaries(NAMES, ANYTHING, max_size=4)


class Told:
    """A response that has begun, as the SDK hands it over."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.headers: dict[str, str] = {}
        self.pieces = pieces
        self.closed = False

    async def iter_bytes(self) -> AsyncGenerator[bytes, None]:
        for piece in self.pieces:
            yield piece

    async def close(self) -> None:
        self.closed = True


def read(body: bytes, endpoint: Endpoint, cut: int) -> list[TurnEvent]:
    told: Any = Told([body[:cut], body[cut:]])

    async def gather() -> list[TurnEvent]:
        return [event async for event in read_answer(told, endpoint, ASKED, ())]

    events = asyncio.run(gather())
    assert told.closed
    return events


def has_one_end(events: list[TurnEvent]) -> None:
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished | Failed)
    assert not [event for event in events[:-1] if isinstance(event, Finished | Failed)]
    for event in events:
        if isinstance(event, Delta):
            assert event.text
            event.text.encode("utf-8")


@given(st.lists(PAYLOAD, max_size=5), st.sampled_from(["chat", "responses"]), st.integers(0, 200))
def test_streams_of_anything(payloads: list[Any], endpoint: Endpoint, cut: int) -> None:
    body = b"".join(b"data: " + json.dumps(payload).encode() + b"\n\n" for payload in payloads)
    has_one_end(read(body, endpoint, cut))


@given(ANYTHING, st.sampled_from(["chat", "responses"]), st.integers(0, 50))
def test_documents_of_anything(document: Any, endpoint: Endpoint, cut: int) -> None:
    has_one_end(read(json.dumps(document).encode(), endpoint, cut))


@given(st.binary(max_size=120), st.sampled_from(["chat", "responses"]), st.integers(0, 120))
def test_bytes_of_any_kind(body: bytes, endpoint: Endpoint, cut: int) -> None:
    has_one_end(read(body, endpoint, cut))
