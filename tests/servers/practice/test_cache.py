"""The prompt cache's rules, and the rule by which a prompt is laid out."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI

from keytui.domain.tokens import Tokenizer
from keytui.servers.practice.cache import LIFE, STEP, THRESHOLD, PrefixCache, common_prefix, readable
from keytui.servers.practice.prompt import Message, lay_out
from keytui.servers.practice.shelf import Shelf, Stored
from tests.servers.practice.conftest import Clock

prompts = st.lists(st.integers(0, 2), max_size=60).map(lambda tokens: array("i", tokens))


def slowly(one: array[int], other: array[int]) -> int:
    same = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        same += 1
    return same


@given(prompts, prompts)
def test_the_common_prefix_is_what_counting_finds(one: array[int], other: array[int]) -> None:
    assert common_prefix(one, other) == common_prefix(other, one) == slowly(one, other)


@given(st.integers(0, 10_000), st.booleans())
def test_what_is_read_never_exceeds_what_is_shared(shared: int, exact: bool) -> None:
    read = readable(shared, exact=exact)
    assert read in (0, *range(THRESHOLD, shared + 1))
    assert exact or (read - THRESHOLD) % STEP == 0 or read == 0
    assert shared - read < (THRESHOLD if read == 0 else 1 if exact else STEP)


starts = st.sampled_from([array("i", [n]) * THRESHOLD for n in (1, 2)])
tails = st.lists(st.integers(0, 1), max_size=300).map(lambda tokens: array("i", tokens))


@given(st.lists(st.tuples(starts, tails, st.sampled_from("ab")), max_size=12), st.booleans())
def test_the_cache_finds_the_longest_prefix_ever_sent_in_its_scope(
    sent: list[tuple[array[int], array[int], str]], exact: bool
) -> None:
    cache = PrefixCache()
    seen: dict[str, list[array[int]]] = {"a": [], "b": []}
    for start, tail, scope in sent:
        prompt = start + tail
        longest = max((slowly(earlier, prompt) for earlier in seen[scope]), default=0)
        hit = cache.use(scope, prompt, len(prompt), exact=exact, now=0.0)
        assert hit.cached == readable(longest, exact=exact)
        assert hit.written == (len(prompt) - hit.cached if exact else 0)
        seen[scope].append(prompt)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(THRESHOLD, 3000)), max_size=30))
def test_the_cache_never_holds_more_than_it_may(sent: list[tuple[int, int]]) -> None:
    cache = PrefixCache(capacity=8000)
    for index, (scope, length) in enumerate(sent):
        cache.use(scope, array("i", [index]) * length, length, exact=True, now=float(index))
        assert cache.held <= 8000
    assert cache.held == sum(len(entry.tokens) for entries in cache._scopes.values() for entry in entries)


def test_an_entry_lives_half_an_hour_after_its_last_use() -> None:
    cache = PrefixCache()
    prompt = array("i", [7]) * 2000
    cache.use("scope", prompt, 2000, exact=True, now=0.0)
    assert cache.use("scope", prompt, 2000, exact=True, now=LIFE - 1.0).cached == 2000
    assert cache.use("scope", prompt, 2000, exact=True, now=2 * LIFE - 2.0).cached == 2000
    assert cache.use("scope", prompt, 2000, exact=True, now=4.0 * LIFE).cached == 0


texts = st.text(max_size=40)


@given(st.lists(st.tuples(st.sampled_from(["user", "assistant"]), texts), min_size=1, max_size=5), texts)
def test_a_longer_conversation_begins_with_the_shorter_one(
    tokenizer: Tokenizer, turns: list[tuple[str, str]], more: str
) -> None:
    messages = [Message(role, text) for role, text in turns]
    short = lay_out(messages, "", tokenizer)
    longer = lay_out([*messages, Message("user", more)], "", tokenizer)
    assert longer.tokens[: short.end] == short.tokens[: short.end]
    assert len(short) == sum(3 + tokenizer.count(role) + tokenizer.count(text) for role, text in turns) + 3


def ask(client: OpenAI, model: str, turns: list[str], **options: object) -> tuple[int, int, int]:
    roles = ["user" if index % 2 == 0 else "assistant" for index in range(len(turns))]
    answer = client.chat.completions.create(
        model=model,
        messages=[{"role": role, "content": text} for role, text in zip(roles, turns, strict=True)],  # type: ignore[misc]
        **options,  # type: ignore[arg-type]
    )
    assert answer.usage is not None
    details = answer.usage.prompt_tokens_details
    assert details is not None
    return answer.usage.prompt_tokens, details.cached_tokens or 0, details.cache_write_tokens or 0


LONG = "A long text about keys. " * 300


@pytest.mark.parametrize("model", ["gpt-6-luna", "gpt-5.4"])
def test_a_conversation_is_read_from_the_cache(client: OpenAI, model: str, clock: Clock) -> None:
    exact = model == "gpt-6-luna"
    first, cached, written = ask(client, model, [LONG])
    assert (cached, written) == (0, first - 3 if exact else 0)
    second, cached, written = ask(client, model, [LONG, "Yes.", "And then?"])
    assert cached == first - 3 if exact else cached == readable(first - 3, exact=False)
    assert written == (second - 3 - cached if exact else 0)
    assert ask(client, model, [LONG, "Yes.", "And then?"], prompt_cache_key="another")[1] == 0
    assert ask(client, model, ["Not " + LONG])[1] == 0
    clock.forward(LIFE + 1)
    assert ask(client, model, [LONG, "Yes.", "And then?"])[1] == 0


def test_other_models_have_other_caches(client: OpenAI) -> None:
    ask(client, "gpt-6-luna", [LONG])
    assert ask(client, "gpt-6-sol", [LONG])[1] == 0


def test_short_prompts_are_not_cached(client: OpenAI) -> None:
    for _ in range(2):
        assert ask(client, "gpt-6-luna", ["short"])[1:] == (0, 0)


def test_explicit_breakpoints_and_twelve_hours(client: OpenAI, clock: Clock) -> None:
    def respond(mode: str, mark: bool) -> tuple[int, int, int]:
        part: dict[str, object] = {"type": "input_text", "text": LONG}
        if mark:
            part["prompt_cache_breakpoint"] = {"mode": "explicit"}
        tail = {"role": "user", "content": "?"}
        answer = client.responses.create(
            model="gpt-6-luna",
            input=[{"role": "user", "content": [part]}, tail],  # type: ignore[list-item]
            prompt_cache_options={"mode": mode, "ttl": "12h"},  # type: ignore[typeddict-item]
        )
        assert answer.usage is not None
        details = answer.usage.input_tokens_details
        assert details.cache_write_tokens_details is not None
        return details.cached_tokens, details.cache_write_tokens, details.cache_write_tokens_details.ttl_12h_tokens

    assert respond("explicit", mark=False) == (0, 0, 0)
    cached, written, long = respond("explicit", mark=True)
    assert cached == 0
    assert written == long > THRESHOLD
    clock.forward(11 * 3600)
    assert respond("explicit", mark=True)[0] == written


def test_stored_answers_are_bounded() -> None:
    shelf = Shelf()
    for number in range(300):
        shelf.put(f"resp_{number}", Stored("proj", {}, (Message("user", "x" * 100_000),)))
    assert shelf.size == 80 * 100_000
    assert shelf.get("resp_299", "proj") is not None
    assert shelf.get("resp_299", "another") is None
    assert shelf.get("resp_0", "proj") is None
    shelf.drop("resp_299")
    assert shelf.size == 79 * 100_000
