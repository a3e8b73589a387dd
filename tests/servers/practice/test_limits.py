"""Rate limits, credit and spend limits: what is counted, what is told, and when it ends."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openai
import pytest
from genai_prices import Usage as Priced
from genai_prices import calc_price
from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.prices import open_prices
from keytui.domain.tokens import Tokenizer
from keytui.domain.usage import Usage
from keytui.servers.practice.catalog import catalog
from keytui.servers.practice.ledger import Book, Served
from keytui.servers.practice.limits import Bucket, go_duration
from tests.servers.practice.conftest import Clock, serving
from tests.servers.practice.conftest import Served as Practice

MODEL = "gpt-6-luna"
HELLO: Any = [{"role": "user", "content": "hello"}]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (0.12, "120ms"), (0.0001, "1ms"), (1, "1s"), (1.5, "1.5s"), (360, "6m0s"), (3600, "1h0m0s")],
)
def test_times_are_shown_as_go_shows_them(seconds: float, shown: str) -> None:
    assert go_duration(seconds) == shown


@given(st.floats(0, 100_000))
def test_a_shown_time_is_never_too_short(seconds: float) -> None:
    shown = go_duration(seconds)
    if match := re.fullmatch(r"(\d+)ms", shown):
        total = int(match[1]) / 1000
    else:
        parts = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?([\d.]+)s", shown)
        assert parts is not None
        total = int(parts[1] or 0) * 3600 + int(parts[2] or 0) * 60 + float(parts[3])
    assert seconds - 1e-6 <= total < seconds + 0.0011


@given(st.integers(1, 1000), st.lists(st.tuples(st.floats(0, 100), st.integers(1, 1500)), max_size=40))
def test_a_bucket_gives_no_more_than_its_limit_and_keeps_its_promise(
    limit: int, asked: list[tuple[float, int]]
) -> None:
    bucket = Bucket(limit)
    now, taken = 0.0, 0.0
    for pause, amount in asked:
        now += pause
        wait = bucket.wait(amount, now)
        if amount > limit:
            assert wait == math.inf
            continue
        if wait:
            now += wait
            assert bucket.wait(amount, now) == 0
        bucket.take(amount)
        taken += amount
        assert taken <= limit * (1 + now / 60) + 1e-3


def test_the_headers_count_down_and_recover(practice: Practice, clock: Clock) -> None:
    client = practice.client()

    def headers() -> Any:
        return client.responses.with_raw_response.create(model=MODEL, input="hello", max_output_tokens=500).headers

    first, second = headers(), headers()
    assert first["x-ratelimit-limit-requests"] == "5000"
    assert first["x-ratelimit-remaining-requests"] == "4999"
    assert second["x-ratelimit-remaining-requests"] == "4998"
    assert first["x-ratelimit-reset-requests"] == "12ms"
    # The limiter charges what the answer may take, not what it takes.
    assert first["x-ratelimit-remaining-tokens"] == str(4_000_000 - 500)
    clock.forward(60)
    assert headers()["x-ratelimit-remaining-requests"] == "4999"


def test_a_projects_own_rate_limit_bites_and_names_the_wait(practice: Practice, clock: Clock) -> None:
    client = practice.client()
    project = client.admin.organization.projects.list().data[0].id
    limits = client.admin.organization.projects.rate_limits
    limits.update_rate_limit(f"rl-{MODEL}", project_id=project, max_requests_per_1_minute=2)
    for _ in range(2):
        client.responses.create(model=MODEL, input="x")
    with pytest.raises(openai.RateLimitError) as caught:
        client.responses.create(model=MODEL, input="x")
    assert caught.value.type == "requests"
    assert "Limit 2, Used 2, Requested 1. Please try again in 30s" in caught.value.message
    assert caught.value.response.headers["x-ratelimit-reset-requests"] == "1m0s"
    client.responses.create(model="gpt-6-sol", input="x")
    clock.forward(30)
    client.responses.create(model=MODEL, input="x")
    limits.update_rate_limit(f"rl-{MODEL}", project_id=project, max_tokens_per_1_minute=100)
    with pytest.raises(openai.RateLimitError, match="Request too large"):
        client.responses.create(model=MODEL, input="x", max_output_tokens=200)


def test_credit_runs_out_and_can_be_bought(tokenizer: Tokenizer) -> None:
    with serving(tokenizer, credit=Decimal("0.0001")) as practice:
        client = practice.client()
        client.responses.create(model="gpt-6-astra", input="hello")
        assert Decimal(practice.page("/practice/ledger")["credit"]) < 0
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model=MODEL, messages=HELLO)
        assert (caught.value.code, caught.value.type) == ("credit_balance_exhausted", "insufficient_quota")
        assert client.models.list().data
        assert client.responses.input_tokens.count(model=MODEL, input="hello").input_tokens
        practice.page("/practice/credit", "POST", {"usd": "1"})
        client.chat.completions.create(model=MODEL, messages=HELLO)
        for wrong in ("0", "-1", "NaN", "many"):
            with pytest.raises(openai.BadRequestError):
                practice.page("/practice/credit", "POST", {"usd": wrong})


usages = st.builds(
    lambda plain, cached, written, output: Usage(plain + cached + written, output, cached, written),
    st.integers(0, 400_000),
    st.integers(0, 100_000),
    st.integers(0, 100_000),
    st.integers(0, 100_000),
)


@given(
    st.lists(st.tuples(st.sampled_from(sorted(catalog().models)), st.integers(0, 9), usages), max_size=20),
)
def test_costs_are_exact_and_add_up(requests: list[tuple[str, int, Usage]]) -> None:
    book = Book()
    credit = Decimal(5)
    for name, choice, usage in requests:
        model = catalog().models[name]
        tier = sorted(model.prices)[choice % len(model.prices)]
        cost = model.cost(usage, tier)
        assert cost.total == cost.input + cost.cached + cost.written + cost.output >= 0
        # Whole tokens at prices with four decimals per million end after ten decimals; nothing was rounded.
        assert cost.total == cost.total.quantize(Decimal(1).scaleb(-11))
        book.add(Served("r", 0.0, "p", "k", None, "chat", name, tier, usage, cost, "finished", False))
        credit -= cost.total
    assert book.spent(0.0) == book.spent(0.0, "p") == 5 - credit == sum((s.cost.total for s in book.rows), Decimal(0))
    assert book.spent(40 * 86_400.0) == 0


def test_a_long_request_is_dearer_as_a_whole() -> None:
    model = catalog().models["gpt-6-luna"]
    assert model.cost(Usage(input=272_000), "default").total == Decimal("0.0272")
    assert model.cost(Usage(input=272_001, output=1_000_000), "default").total == (
        272_001 * Decimal("0.2") / 1_000_000 + Decimal("0.75")
    )


def test_prices_are_those_of_the_price_list() -> None:
    """The same numbers as genai-prices, to the last decimal, for every model and tier that it has whole."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    known = 0
    for model in catalog().models.values():
        for tier in model.prices:
            for usage in (Usage(9_000, 700, 2_000, 3_000 if model.bills_writes else 0), Usage(300_000, 1_000)):
                try:
                    price = calc_price(
                        Priced(
                            input_tokens=usage.input,
                            output_tokens=usage.output,
                            cache_read_tokens=usage.cached,
                            cache_write_tokens=usage.written,
                        ),
                        model_ref=model.id,
                        provider_id="openai",
                        genai_request_timestamp=now,
                        price_context=None if tier == "default" else {"service_tier": tier},
                    )
                except LookupError:
                    assert model.id.startswith("gpt-6.2-")
                    continue
                if tier == "fast" and model.id in ("gpt-5.4", "gpt-5.5") and usage.input > 272_000:
                    continue
                known += 1
                assert model.cost(usage, tier).total == price.total_price
    assert known > 80


def test_the_service_charges_what_keytui_books(tmp_path: Path) -> None:
    book = open_prices(tmp_path / "config.toml", practice=True)
    at = datetime(2026, 11, 23, tzinfo=UTC)
    for model in catalog().models.values():
        for tier in model.prices:
            for usage in (
                Usage(9_000, 700, 2_000, *((3_000, 1_000) if model.bills_writes else ())),
                Usage(272_000, 5),
                Usage(272_001, 5),
            ):
                read = usage if model.kind == "chat" else Usage(usage.input)
                booked = book.cost(model.id, read, tier=tier, at=at, base_url="http://127.0.0.1:1/v1")
                assert booked is not None, model.id
                assert booked.total == model.cost(read, tier).total, (model.id, tier, read)
