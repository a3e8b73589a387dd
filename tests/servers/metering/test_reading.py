"""Reading on the side: whatever the pieces a stream comes in, the same is learnt of it."""

from __future__ import annotations

import gzip
import json
import zlib
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keytui.adapters.openai.answers import read_usage
from keytui.domain.chat import Reported
from keytui.servers.metering.reading import Reading

USAGE = {"prompt_tokens": 5, "completion_tokens": 7}


def events(*payloads: Any) -> bytes:
    lines = [payload if isinstance(payload, str) else json.dumps(payload) for payload in payloads]
    return b"".join(b"data: " + line.encode() + b"\n\n" for line in lines)


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "m", "service_tier": "flex", "choices": [{"delta": {"content": text, **more}}]}


CHAT = events(
    said("Hel"),
    said('l"o\\ \n ü😀'),
    said("", tool_calls=[{"function": {"arguments": '{"a": "b"}'}}]),
    {"model": "m", "choices": [{"delta": {}, "finish_reason": "stop"}]},
    {"model": "m", "choices": [], "usage": USAGE},
    "[DONE]",
)
RESPONSES = events(
    {"type": "response.created", "response": {"model": "m", "status": "in_progress", "error": None, "usage": None}},
    {"type": "response.output_text.delta", "delta": "Hel"},
    {"type": "response.output_text.delta", "delta": "lo"},
    {"type": "response.output_text.done", "text": "Hello"},
    {"type": "response.content_part.done", "part": {"text": "Hello"}},
    {
        "type": "response.completed",
        "response": {"model": "m", "service_tier": "flex", "output": [{"text": "Hello"}], "usage": USAGE},
    },
)


def read(data: bytes, cuts: list[int], content: str = "text/event-stream", encoding: str = "") -> Reading:
    reading = Reading(content, encoding, read_usage)
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for begin, end in pairwise(places):
        reading.take(data[begin:end])
    reading.reported = reading.finish()  # type: ignore[attr-defined]
    return reading


def reported(reading: Reading) -> Reported:
    return reading.reported  # type: ignore[attr-defined, no-any-return]


@settings(deadline=None)
@given(st.lists(st.integers(0, 2_000)), st.sampled_from([CHAT, RESPONSES]), st.sampled_from(["", "gzip", "deflate"]))
def test_the_pieces_make_no_difference(cuts: list[int], stream: bytes, encoding: str) -> None:
    packed = {"": stream, "gzip": gzip.compress(stream), "deflate": zlib.compress(stream)}[encoding]
    reading = read(packed, cuts, encoding=encoding)
    usage = reported(reading).usage
    assert usage is not None
    assert (usage.input, usage.output) == (5, 7)
    assert (reported(reading).model, reported(reading).tier) == ("m", "flex")
    assert reading.ended
    assert reading.whole
    text = "".join(reading.pieces)
    assert text == ("Hello" if stream is RESPONSES else 'Hell"o\\ \n ü😀{"a": "b"}')


@settings(deadline=None)
@given(st.binary(max_size=3_000), st.sampled_from(["", "gzip", "deflate", "br"]), st.booleans())
def test_no_bytes_disturb_it(data: bytes, encoding: str, stream: bool) -> None:
    content = "text/event-stream" if stream else "application/json"
    assert reported(read(data, [7, 99], content, encoding)) is None or not encoding


@pytest.mark.parametrize(
    "payload", ["[" * 5_000, '{"choices": 3, "usage": [], "error": 7, "model": {}}', "null", "{}", '"x"']
)
def test_odd_json_is_not_known(payload: str) -> None:
    for content, data in (("application/json", payload.encode()), ("text/event-stream", events(payload))):
        found = reported(read(data, [], content))
        assert found is None or found.usage is None


def test_of_a_giant_body_only_the_end_is_kept() -> None:
    body = b'{"data": ["' + b"x" * 20_000_000 + b'"], "model": "e", "usage": {"prompt_tokens": 9, "total_tokens": 9}}'
    reading = Reading("application/json", "", read_usage)
    for begin in range(0, len(body), 1_000_000):
        reading.take(body[begin : begin + 1_000_000])
        assert len(reading._buffer) < 10_000_000
    found = reading.finish()
    assert found is not None
    assert found.usage is not None
    assert found.usage.input == 9


def test_an_error_in_the_middle_is_noted() -> None:
    reading = read(events(said("Hel"), {"error": {"message": "sk-proj-abcdefgh1234", "code": "server_error"}}), [])
    assert (reading.error, reading.ended) == ("server_error", False)


def test_sound_has_prices_of_its_own() -> None:
    body = json.dumps({"choices": [], "usage": {**USAGE, "completion_tokens_details": {"audio_tokens": 3}}}).encode()
    assert not read(body, [], "application/json").whole
