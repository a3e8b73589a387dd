"""What a request of another program is taken for."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.prices import Prices
from keytui.domain.keys import OPENAI_BASE_URL
from keytui.domain.metered import IMAGE, Kind, Metered, cacheable, kind_of, metered, texts_of, worst_of

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PRICES = Prices()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(["model", "messages", "input", "prompt", "n", "stream", "service_tier", "max_tokens", "tools"])


def call(body: dict[str, Any], path: str = "/chat/completions") -> Metered:
    return metered(entry_id="1", program="p", sent=NOW, method="POST", path=path, body=body)


def worst(body: dict[str, Any], path: str = "/chat/completions") -> Decimal | None:
    return worst_of(call(body, path), prices=PRICES, count=len, at=NOW, base_url=OPENAI_BASE_URL)


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/chat/completions", Kind.CHAT),
        ("POST", "/responses", Kind.RESPONSES),
        ("POST", "/responses/", Kind.RESPONSES),
        ("GET", "/responses/resp_1", Kind.FREE),
        ("POST", "/responses/resp_1/cancel", Kind.FREE),
        ("POST", "/responses/input_tokens", Kind.FREE),
        ("GET", "/models", Kind.FREE),
        ("POST", "/embeddings", Kind.EMBEDDINGS),
        ("POST", "/moderations", Kind.FREE),
        ("POST", "/images/generations", Kind.OTHER),
        ("POST", "/filesystem", Kind.OTHER),
        ("PUT", "/chat/completions", Kind.OTHER),
    ],
)
def test_kinds(method: str, path: str, kind: Kind) -> None:
    assert kind_of(method, path) is kind


@given(st.dictionaries(FIELDS, JSON))
def test_no_body_is_too_odd(body: dict[str, Any]) -> None:
    for path in ("/chat/completions", "/responses", "/embeddings", "/images/edits"):
        asked = call(body, path)
        cacheable(asked, body)
        amount = worst_of(asked, prices=PRICES, count=len, at=NOW, base_url=OPENAI_BASE_URL)
        assert amount is None or amount >= 0


@given(st.integers(1, 5), st.integers(1, 4_000), st.text(max_size=200))
def test_the_worst_case_grows_with_all_that_is_asked_for(copies: int, longest: int, text: str) -> None:
    def amount(text: str, **more: Any) -> Decimal:
        found = worst({"model": "gpt-6-luna", "messages": [{"role": "user", "content": text}], **more})
        assert found is not None
        return found

    one = amount(text, max_completion_tokens=longest)
    assert amount(text, max_completion_tokens=longest, n=copies) == one * copies
    assert amount(text + "x" * 20, max_completion_tokens=longest) > one
    assert amount(text, max_completion_tokens=longest + 1) > one
    assert amount(text, max_completion_tokens=longest, tools=[{"function": {"name": "f" * 20}}]) > one
    picture = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]
    assert worst({"model": "gpt-6-luna", "messages": [{"role": "user", "content": picture}]}) is not None


def test_text_that_lies_on_the_server_may_fill_the_context() -> None:
    body = {"model": "gpt-6-luna", "input": "hi", "max_output_tokens": 1}
    plain, chained = worst(body, "/responses"), worst({**body, "previous_response_id": "r"}, "/responses")
    assert plain is not None
    assert chained is not None
    assert chained > plain * 100


def test_unknown_ways_of_billing_have_no_worst_case() -> None:
    assert worst({"model": "gpt-6-luna", "prompt": "a cat"}, "/images/generations") is None
    assert worst({"model": "nobody-knows-it", "input": "x"}, "/responses") is None
    free = metered(entry_id="1", program="p", sent=NOW, method="GET", path="/models/gpt-4o", body=None)
    assert worst_of(free, prices=PRICES, count=len, at=NOW, base_url=OPENAI_BASE_URL) == 0
    assert free.question.model == "gpt-4o"


def test_texts_are_found_however_deep() -> None:
    content = [{"type": "text", "text": "one"}, {"type": "image_url", "image_url": {"url": "https://x"}}]
    deep: Any = "two"
    for _ in range(5_000):
        deep = [deep]
    assert list(texts_of({"role": "user", "content": content, "arguments": deep})) == ["one", IMAGE, "two"]
    assert list(texts_of([1, 2, 3])) == [" a a a"]
