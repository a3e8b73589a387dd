"""Caps hold before anything is sent, whatever many programs do at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from openai import RateLimitError

from keytui.domain.caps import Cap, Scope
from tests.servers.metering.conftest import Start
from tests.servers.metering.test_booking import MODEL, accounts, total
from tests.servers.metering.test_refusals import client
from tests.servers.metering.upstream import Upstream, reply
from tests.support.practice import Practice

HI: list[Any] = [{"role": "user", "content": "What is a token? [[tokens=400]]"}]


def test_a_hard_cap_is_never_passed(start: Start, practice_fresh: Practice) -> None:
    cap = Cap(Scope.MONTH, Decimal("0.0030"))
    running = start(practice_fresh.base_url, practice_fresh.api_key, caps=[cap])

    codes: list[str | None] = []

    def send(_: int) -> int:
        sent = 0
        with client(running.base_url, running.api_key) as sdk:
            for _ in range(50):
                try:
                    sdk.chat.completions.create(model=MODEL, messages=HI, max_completion_tokens=400)
                    sent += 1
                except RateLimitError as refused:
                    codes.append(refused.code)
                    return sent
        raise AssertionError("nothing was refused")

    with ThreadPoolExecutor(8) as pool:
        sent = sum(pool.map(send, range(8)))
    assert codes == ["keytui_cap_reached"] * 8
    entries = running.ended()
    assert len(entries) == sent > 4
    spent = sum(map(total, entries))
    assert cap.amount - Decimal("0.0003") * 8 < spent <= cap.amount
    assert spent == sum(Decimal(row["cost"]) for row in accounts(practice_fresh))
    assert running.ledger.standing(cap).reserved == 0
    assert running.proxy.snapshot().programs[0].refused == 8


def test_a_refusal_says_how_to_change_it_and_is_not_repeated(start: Start, told: Upstream) -> None:
    told.answer(reply(b"{}"))
    running = start(told.base_url, caps=[Cap(Scope.MONTH, Decimal("0.000001"))])
    with client(running.base_url, running.api_key).with_options(max_retries=3) as sdk:
        with pytest.raises(RateLimitError) as refused:
            sdk.chat.completions.create(model=MODEL, messages=HI)
        assert sdk.models.list() is not None  # what costs nothing passes
    assert "raise or remove the monthly cap" in refused.value.message
    shown = running.proxy.snapshot()
    assert (shown.requests, shown.programs[0].refused) == (2, 1)
    assert len(told.heads) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"model": "nobody-knows-its-price", "input": "hi"},
        {"model": MODEL, "input": "hi", "previous_response_id": "resp_1", "max_output_tokens": 1},
        {"model": MODEL, "input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]},
    ],
)
def test_what_cannot_be_bounded_cheaply_is_refused(start: Start, told: Upstream, body: dict[str, Any]) -> None:
    running = start(told.base_url, caps=[Cap(Scope.MONTH, Decimal("0.01"))])
    with client(running.base_url, running.api_key) as sdk, pytest.raises(RateLimitError):
        sdk.responses.create(**body)
    assert told.heads == []
