"""What a request of another program is taken for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.prices import Prices
from keytui.domain.booking import Heard
from keytui.domain.chat import Reported
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, Place
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.metered import IMAGE, Kind, Metered, cacheable, kind_of, metered, texts_of
from keytui.domain.metered_booking import FROM_CACHE, NOT_BILLED, WHOLE_CONTEXT, booked, booked_hit, worst_of
from keytui.domain.pricing import ZERO, Cost, ModelFacts
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.usage import Mark, Usage

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


ASKED = Question("m", (ChatMessage("user", "hi"),), parameters=Parameters(tier="flex"))


@pytest.mark.parametrize(
    ("body", "question"),
    [
        ({}, Question("", ())),
        ({"model": "m" * 300}, Question("m" * 200, ())),
        ({"input": "one", "prompt": "two"}, Question("", (ChatMessage("user", "one"),))),
        ({"prompt": "two"}, Question("", (ChatMessage("user", "two"),))),
        ({"prompt": [1, 2]}, Question("", (ChatMessage("user", " a a"),))),
        ({"input": ["one", None, "two"]}, Question("", (ChatMessage("user", "one"), ChatMessage("user", "two")))),
        (
            {"input": {"type": "input_text", "text": "one", "more": ["two", "data:image/png;base64,AA"]}},
            Question("", (ChatMessage("user", f"one\ntwo\n{IMAGE}"),)),
        ),
        (
            {"instructions": "be brief", "tools": [{"name": "é"}], "text": {"a": date(2026, 1, 1)}},
            Question("", (), 'be brief[{"name": "é"}]{"a": "2026-01-01"}'),
        ),
        ({"instructions": ["x"], "service_tier": 3}, Question("", ())),
        (
            {"service_tier": "flex", "max_output_tokens": 9, "max_tokens": 5},
            Question("", (), parameters=Parameters(tier="flex", max_output=9)),
        ),
        (
            {"max_completion_tokens": 0, "max_output_tokens": True, "max_tokens": 1},
            Question("", (), parameters=Parameters(max_output=1)),
        ),
    ],
)
def test_a_body_as_a_question(body: dict[str, Any], question: Question) -> None:
    assert call(body).question == question


def test_a_request_and_what_is_known_of_it() -> None:
    body = {"model": "m", "messages": ["hi"], "service_tier": "flex", "stream": True, "n": 2, "best_of": 3}
    assert call(body) == Metered("1", "p", NOW, Kind.CHAT, "/chat/completions", ASKED, stream=True, copies=3)
    assert not call(body | {"stream": "yes"}).stream
    given: dict[str, Any] = {"entry_id": "1", "program": "p", "sent": NOW}
    for path, kind, unread in (("/files", Kind.FREE, False), ("/images/edits", Kind.OTHER, True)):
        found = metered(**given, method="POST", path=path, body=None)
        assert found == Metered("1", "p", NOW, kind, path, Question("", ()), unread=unread)
    free = metered(**given, method="DELETE", path=f"/models/{'m' * 300}", body={"model": "other"})
    assert free == Metered("1", "p", NOW, Kind.FREE, free.path, Question("m" * 200, ()))


@pytest.mark.parametrize(
    ("body", "hidden"),
    [
        ({"input": "hi"}, False),
        ({"input": "hi", "conversation": "c"}, True),
        ({"input": [{"content": [{"type": "input_text", "text": "hi"}]}]}, False),
        ({"input": [{"content": [{"type": "input_file", "file_id": "f"}]}]}, True),
        ({"messages": [{"content": [{"type": "input_audio"}]}]}, True),
        ({"input": {"type": "item_reference"}}, True),
    ],
)
def test_what_lies_elsewhere_is_noticed(body: dict[str, Any], hidden: bool) -> None:
    assert call(body, "/responses").hidden is hidden


@pytest.mark.parametrize(
    ("path", "body", "fits"),
    [
        ("/chat/completions", {}, True),
        ("/responses", {}, True),
        ("/embeddings", {}, True),
        ("/completions", {}, True),
        ("/responses/compact", {}, False),
        ("/images/generations", {}, False),
        ("/chat/completions", None, False),
        ("/chat/completions", {"temperature": 0}, True),
        ("/chat/completions", {"temperature": None}, True),
        ("/chat/completions", {"temperature": 0.1}, False),
        ("/chat/completions", {"temperature": 1}, False),
        ("/chat/completions", {"n": 2}, False),
        ("/chat/completions", {"tools": [{}]}, False),
        ("/chat/completions", {"tools": [], "store": False}, True),
        ("/responses", {"store": True}, False),
        ("/responses", {"background": True}, False),
        ("/responses", {"previous_response_id": "r"}, False),
    ],
)
def test_only_what_would_be_answered_alike_may_come_from_the_cache(
    path: str, body: dict[str, Any] | None, fits: bool
) -> None:
    found = metered(entry_id="1", program="p", sent=NOW, method="POST", path=path, body=body)
    assert cacheable(found, body) is fits


class Flat:
    """A dollar for a token of input, two for one that is written, ten for one of output, at the flex tier."""

    def __init__(self, known: ModelFacts | None = None) -> None:
        self._known = known or ModelFacts("m")

    def facts(self, model: str) -> ModelFacts:
        return self._known

    def cost(self, model: str, usage: Usage, *, tier: str | None, at: datetime, base_url: str) -> Cost | None:
        if model != "m":
            return None
        assert (tier, at, base_url) == ("flex", NOW, OPENAI_BASE_URL)
        plain, written = Decimal(usage.input - usage.written), Decimal(usage.written * 2)
        return Cost(plain, ZERO, written, Decimal(usage.output * 10), "flex", NOW.date(), "test")


MADE = Metered("1", "p", NOW, Kind.CHAT, "/chat/completions", ASKED)


@pytest.mark.parametrize(
    ("facts", "longest", "usd"),
    [
        (ModelFacts("m", context=900, max_input=700, max_output=30), None, 1_400 + 300),
        (ModelFacts("m", context=900, max_output=30), 4, 1_800 + 40),
        (ModelFacts("m"), None, 2 * WHOLE_CONTEXT + 1_280_000),
        # A context of next to nothing is less than what the body itself takes: 9 tokens and a tenth, and 64 more.
        (ModelFacts("m", context=5), 4, 146 + 40),
    ],
)
def test_what_is_not_in_the_body_may_fill_the_context(facts: ModelFacts, longest: int | None, usd: int) -> None:
    question = replace(ASKED, parameters=Parameters(tier="flex", max_output=longest))
    prices: Any = Flat(facts)
    for copies in (1, 3):
        hidden = replace(MADE, question=question, hidden=True, copies=copies)
        found = worst_of(hidden, prices=prices, count=len, at=NOW, base_url=OPENAI_BASE_URL)
        assert found == usd * copies


KEY = KeyRecord("k1", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.SESSION, "7Qf4", NOW, project="p1")
BILLED = Usage(input=7, output=2, mark=Mark.BILLED)
ENTRY = Entry(
    *("1", NOW, "k1", "work", "p1", "p", None, "chat", OPENAI_BASE_URL, "m", None, "flex"),
    usage=BILLED,
    cost=Cost(Decimal(7), ZERO, ZERO, Decimal(20), "flex", NOW.date(), "test"),
    outcome=Outcome.FINISHED,
    seconds=3.0,
)
COUNTED = Usage(input=9)
"""Two characters and seven tokens of format, of the question above."""


def entry(made: Metered, heard: Heard, outcome: Outcome = Outcome.FINISHED, *, whole: bool = True) -> Entry:
    prices: Any = Flat()
    return booked(
        made,
        heard,
        key=KEY,
        base_url=OPENAI_BASE_URL,
        prices=prices,
        count=len,
        outcome=outcome,
        error="some" if outcome is Outcome.FAILED else None,
        at=NOW + timedelta(seconds=3),
        **({} if whole else {"whole": False}),
    )


@pytest.mark.parametrize(
    ("made", "reported", "whole", "usage", "priced"),
    [
        (MADE, BILLED, True, BILLED, True),
        (MADE, BILLED, False, BILLED, True),
        (MADE, None, True, COUNTED, True),
        (MADE, None, False, COUNTED, False),
        (replace(MADE, hidden=True), None, True, COUNTED, False),
        (replace(MADE, hidden=True), BILLED, True, BILLED, True),
        (replace(MADE, unread=True), None, True, COUNTED, False),
        (replace(MADE, kind=Kind.OTHER), BILLED, True, BILLED, False),
        (replace(MADE, kind=Kind.EMBEDDINGS), None, True, COUNTED, True),
        (replace(MADE, question=replace(ASKED, messages=())), None, False, Usage(input=1), False),
    ],
)
def test_a_request_has_a_price_only_where_its_tokens_are_known(
    made: Metered, reported: Usage | None, whole: bool, usage: Usage, priced: bool
) -> None:
    found = entry(made, Heard(NOW, reported=Reported(reported)), whole=whole)
    assert (found.usage, found.cost is not None) == (usage, priced)


def test_a_request_as_it_is_booked() -> None:
    assert entry(MADE, Heard(NOW, reported=Reported(BILLED))) == ENTRY
    responses = replace(MADE, kind=Kind.RESPONSES)
    assert entry(responses, Heard(NOW, reported=Reported(BILLED))) == replace(ENTRY, endpoint="responses")
    embedded = replace(MADE, kind=Kind.EMBEDDINGS, path=f"/{'e' * 300}")
    assert entry(embedded, Heard(NOW, reported=Reported(BILLED))).endpoint == f"/v1/{'e' * 196}"
    refused = entry(replace(MADE, unread=True), Heard(NOW), Outcome.FAILED)
    assert (refused.usage, refused.cost and refused.cost.total, refused.error) == (Usage(), 0, "some")


def nothing(note: str) -> Cost:
    return Cost(ZERO, ZERO, ZERO, ZERO, "standard", NOW.date(), "no tokens", note=note)


def test_what_is_free_is_booked_as_nothing() -> None:
    free = replace(MADE, kind=Kind.FREE, path="/models")
    assert entry(free, Heard(NOW)) == replace(ENTRY, endpoint="/v1/models", usage=Usage(), cost=nothing(NOT_BILLED))


@pytest.mark.parametrize(
    ("usd", "stream", "source"),
    [("0.5", False, "gateway"), ("0.5", True, "gateway"), ("0", False, "gateway"), ("0", True, "test")],
)
def test_a_zero_at_the_head_of_a_stream_states_nothing(usd: str, stream: bool, source: str) -> None:
    heard = Heard(NOW, headers={"x-litellm-response-cost": usd, "x-other": "1"}, reported=Reported(BILLED))
    found = entry(replace(MADE, stream=stream), heard)
    assert found.cost is not None
    assert (found.cost.source, heard.headers.get("x-other")) == (source, None)


@pytest.mark.parametrize("made", [MADE, replace(MADE, kind=Kind.OTHER), replace(MADE, hidden=True)])
def test_what_the_server_states_is_the_cost_however_little_is_known_of_the_tokens(made: Metered) -> None:
    found = entry(made, Heard(NOW, headers={"x-litellm-response-cost": "0.5"}), whole=False)
    assert (found.cost and found.cost.total, found.usage) == (Decimal("0.5"), COUNTED)


@pytest.mark.parametrize(("saved", "noted"), [(Decimal("0.5"), Decimal("0.5")), (None, ZERO)])
def test_an_answer_from_the_cache_cost_nothing_and_says_what_it_saved(saved: Decimal | None, noted: Decimal) -> None:
    found = booked_hit(MADE, key=KEY, base_url=OPENAI_BASE_URL, saved=saved, at=NOW + timedelta(seconds=3))
    assert found == replace(ENTRY, usage=Usage(), cost=replace(nothing(FROM_CACHE), saved=noted))
    other = replace(MADE, kind=Kind.COMPLETIONS, path=f"/{'c' * 300}")
    early = booked_hit(other, key=KEY, base_url=OPENAI_BASE_URL, saved=saved, at=NOW - timedelta(seconds=3))
    assert (early.endpoint, early.seconds) == (f"/v1/{'c' * 196}", 0.0)
