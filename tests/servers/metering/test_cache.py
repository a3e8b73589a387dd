"""Identical requests are answered from memory when that was asked for, and cost nothing then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from keytui.adapters.answer_cache import MemoryAnswers
from keytui.domain.metering import KeptAnswer
from tests.servers.metering.conftest import Start
from tests.servers.metering.test_booking import HI, MODEL, accounts, total
from tests.servers.metering.test_refusals import client
from tests.support.practice import Practice

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize("stream", [False, True])
def test_the_second_answer_is_the_first_one(start: Start, practice_fresh: Practice, stream: bool) -> None:
    running = start(practice_fresh.base_url, practice_fresh.api_key, cache=MemoryAnswers())
    more: dict[str, Any] = {"stream_options": {"include_usage": True}} if stream else {}
    bodies, hits = [], []
    with client(running.base_url, running.api_key) as sdk:
        for _ in range(2):
            answer = sdk.chat.completions.with_raw_response.create(model=MODEL, messages=HI, stream=stream, **more)
            bodies.append(answer.http_response.read())
            hits.append(answer.headers.get("x-keytui-cache"))
            while running.ledger.total().requests < len(bodies):
                pass
    assert bodies[0] == bodies[1]
    assert hits == [None, "hit"]
    sent, hit = running.ended()
    assert total(hit) == 0
    assert hit.cost is not None
    assert hit.cost.saved == total(sent) > 0
    assert len(accounts(practice_fresh)) == 1
    assert running.proxy.snapshot().hits == 1


@pytest.mark.parametrize(
    "other",
    [{"temperature": 0.7}, {"n": 2}, {"store": True}, {"tools": [{"type": "function", "function": {"name": "f"}}]}],
)
def test_what_asks_for_variety_or_does_more_is_sent_each_time(
    start: Start, practice_fresh: Practice, other: dict[str, Any]
) -> None:
    running = start(practice_fresh.base_url, practice_fresh.api_key, cache=MemoryAnswers())
    with client(running.base_url, running.api_key) as sdk:
        for _ in range(2):
            answer = sdk.chat.completions.with_raw_response.create(model="gpt-4o", messages=HI, **other)
            assert "x-keytui-cache" not in answer.headers
    assert running.proxy.snapshot().hits == 0


def test_the_cache_is_bounded_in_size_and_age() -> None:
    answers = MemoryAnswers(size=3_000, age=timedelta(minutes=1))
    for number in range(5):
        answers.put(bytes([number]), KeptAnswer(200, (), b"x" * 800, NOW, Decimal(1)))
    kept = [number for number in range(5) if answers.get(bytes([number]), NOW)]
    assert kept == [2, 3, 4]
    answers.put(b"large", KeptAnswer(200, (), b"x" * 4_000, NOW, None))
    assert answers.get(b"large", NOW) is None
    assert answers.get(bytes([4]), NOW + timedelta(minutes=2)) is None
