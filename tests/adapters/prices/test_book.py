from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.adapters.prices import Prices, open_prices
from keytui.domain.pricing import SMALLEST
from keytui.domain.rates import Rates
from keytui.domain.usage import Usage

OPENAI = "https://api.openai.com/v1"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PRICES = Prices()
SOME = Usage(input=1000, output=100)

CHAT_MODELS = [
    *("gpt-6.2-astra", "gpt-6.2-sol", "gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-astra", "gpt-6-sol", "gpt-6-luna"),
    *("gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna", "gpt-5.5", "gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-5.2"),
    *(
        "gpt-5.1",
        "gpt-5",
        "gpt-5-mini",
        "gpt-5-nano",
        "gpt-5-pro",
        "gpt-4.1",
        "gpt-4.1-mini",
        "gpt-4o",
        "gpt-4o-mini",
        "o3",
    ),
]
TIERS = [None, "flex", "fast", "batch", "ultrafast"]


def cost(model: str, usage: Usage = SOME, **more: Any) -> Any:
    book = more.pop("book", PRICES)
    return book.cost(model, usage, **{"tier": None, "at": NOW, "base_url": OPENAI} | more)


@pytest.mark.parametrize("tier", ["scale", "turbo", "standart", "prio", "0"])
def test_a_tier_without_a_list_price_is_never_taken_for_standard(tier: str) -> None:
    assert cost("gpt-6-luna", tier=tier) is None


@pytest.mark.parametrize(
    ("model", "tier"),
    [
        ("gpt-5.4-nano", "priority"),
        ("gpt-5-nano", "fast"),
        ("gpt-5-pro", "priority"),
        ("gpt-4.1", "flex"),
        ("gpt-6.2-sol", "flex"),
        ("gpt-6-luna", "ultrafast"),
        ("gpt-4o", "ultrafast"),
    ],
)
def test_a_model_that_is_not_sold_at_a_tier_has_no_price_there(model: str, tier: str) -> None:
    assert cost(model) is not None
    assert cost(model, tier=tier) is None


def test_a_tier_before_its_prices_were_recorded_has_no_price() -> None:
    assert cost("gpt-6-luna", tier="fast", at=datetime(2026, 10, 11, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    "model",
    [
        *(
            "gpt-7",
            "gpt-6.2-astra-law",
            "gpt-6.2-luna",
            "gpt-6-luna-mini",
            "gpt-5-nano-turbo",
            "my-gpt-4o",
            "gpt-4o-mine",
        ),
        *("openai/gpt-4o", "llama-3", "", "moderation-of-mine"),
    ],
)
def test_a_model_that_is_not_listed_by_that_very_name_has_no_price(model: str) -> None:
    assert cost(model) is None


@pytest.mark.parametrize(
    "base_url",
    [
        *("https://gateway.example/v1", "http://192.168.1.7:8080/v1", "https://api.openai.com.evil.example/v1"),
        *("https://my.openai.azure.com/openai/v1", "https://evil.example/api.openai.com", "not an address", ""),
    ],
)
def test_the_list_does_not_hold_at_other_peoples_servers(base_url: str) -> None:
    assert cost("gpt-4o", base_url=base_url) is None


@pytest.mark.parametrize("base_url", ["https://API.openai.com/v1/", "https://api.openai.com:443/v1"])
def test_the_list_holds_at_openai_however_its_address_is_written(base_url: str) -> None:
    assert cost("gpt-4o", base_url=base_url).total == Decimal("0.0035")


def test_a_regional_host_is_known_by_its_name() -> None:
    assert cost("gpt-6-luna", base_url="https://eu.api.openai.com/v1").total == Decimal("0.000165")


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:4321/v1", "http://localhost:1/v1", "http://[::1]:4321/v1"])
def test_in_practice_the_list_holds_on_this_machine(base_url: str) -> None:
    practice = Prices(practice=True)
    assert cost("gpt-4o", book=practice, base_url=base_url).total == Decimal("0.0035")
    assert cost("gpt-4o", book=practice, base_url="https://gateway.example/v1") is None


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:4321/v1", "http://localhost:1/v1", "http://[::1]:4321/v1"])
def test_at_another_server_on_this_machine_the_list_is_assumed_and_that_is_noted(base_url: str) -> None:
    assumed = cost("gpt-4o", base_url=base_url)
    assert (assumed.total, "Assumed" in assumed.note) == (Decimal("0.0035"), True)
    assert cost("llama-3", base_url=base_url) is None
    assert cost("gpt-4o", base_url=base_url, tier="scale") is None
    assert cost("gpt-4o", book=Prices(OWN), base_url=base_url).total == Decimal("0.0012")
    assert cost("gpt-4o", book=Prices(OWN), base_url=base_url, tier="priority") is None
    assert "Assumed" not in cost("gpt-4o", book=Prices(practice=True), base_url=base_url).note


def test_the_users_prices_are_read_from_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    gateway = "https://gateway.example/v1"
    assert cost("llama-3", book=open_prices(file), base_url=gateway) is None
    file.write_text('theme = "x"\n[prices."llama-3"]\ninput = "0.20"\noutput = 0.80\n[prices.broken]\ninput = "x"\n')
    book = open_prices(file)
    mine = cost("llama-3", book=book, base_url=gateway)
    assert (mine.total, mine.as_of) == (Decimal("0.00028"), date.today())
    assert len(book.problems) == 1
    for text in ("[prices", "prices = 3", '[prices]\nllama-3 = "cheap"'):
        file.write_text(text)
        assert cost("llama-3", book=open_prices(file), base_url=gateway) is None


def test_an_address_may_be_declared_to_charge_like_openai() -> None:
    book = Prices(like_openai=["https://relay.example/v1/"])
    assert cost("gpt-4o", book=book, base_url="https://relay.example/v1").total == Decimal("0.0035")


OWN = {"llama-3": {"input": "0.20", "output": "0.80"}, "gpt-4o": {"input": "1", "cached": "0.1", "output": "2"}}


def test_the_users_own_price_counts_where_no_list_holds() -> None:
    book = Prices(OWN, own_as_of=date(2026, 11, 20))
    mine = cost("llama-3", book=book, base_url="http://127.0.0.1:8080/v1")
    assert (mine.total, mine.source, mine.as_of) == (Decimal("0.00028"), "your own price", date(2026, 11, 20))
    at_gateway = cost("gpt-4o", Usage(input=1000, cached=400), book=book, base_url="https://gateway.example/v1")
    assert at_gateway.total == Decimal("0.00064")
    assert cost("gpt-4o", book=book).total == Decimal("0.0035")


def test_the_users_own_price_knows_no_tiers() -> None:
    book = Prices(OWN)
    gateway = "https://gateway.example/v1"
    assert cost("llama-3", book=book, base_url=gateway, tier="priority") is None
    named = cost("llama-3", book=book, base_url=gateway, tier="on_demand")
    assert named.total == Decimal("0.00028")
    assert "on_demand" in named.note


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ({"input": "1"}, "output"),
        ({"input": "1", "output": "free"}, "free"),
        ({"input": "-1", "output": "1"}, "-1"),
        ({"input": "nan", "output": "1"}, "nan"),
        ({"input": "0.0000001", "output": "1"}, "finer"),
        ({"input": "1", "output": "1", "cache": "1"}, "cache"),
    ],
)
def test_an_own_price_that_cannot_be_used_is_explained_and_left_out(table: dict[str, str], word: str) -> None:
    book = Prices({"mine": table, "llama-3": OWN["llama-3"]})
    (problem,) = book.problems
    assert '"mine"' in problem
    assert word in problem
    assert cost("mine", book=book, base_url="http://localhost/v1") is None
    assert cost("llama-3", book=book, base_url="http://localhost/v1") is not None


counts = st.integers(0, 1_100_000)


@given(
    model=st.sampled_from(CHAT_MODELS[2:]),
    tier=st.sampled_from(TIERS[:-1]),
    counts=st.lists(counts, min_size=4, max_size=4),
)
def test_parts_add_up_to_what_genai_prices_makes_of_the_whole(model: str, tier: str | None, counts: list[int]) -> None:
    usage = Usage(input=sum(counts[:3]), cached=counts[0], written=counts[1], output=counts[3])
    mine = cost(model, usage, tier=tier)
    if mine is None or "general rule" in mine.note:
        return
    theirs = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=usage.input,
            output_tokens=usage.output,
            cache_read_tokens=usage.cached,
            cache_write_tokens=usage.written,
        ),
        model,
        provider_id="openai",
        genai_request_timestamp=NOW,
        price_context={"processing": "batch"} if tier == "batch" else {"service_tier": tier or "default"},
    )
    assert mine.input + mine.cached + mine.written + mine.output == mine.total == theirs.total_price


@given(counts=st.lists(st.integers(-5, 3_000_000), min_size=6, max_size=6))
def test_counts_that_make_no_sense_never_make_a_bill_negative(counts: list[int]) -> None:
    bill = cost("gpt-6-luna", Usage(*counts))
    assert min(bill.input, bill.cached, bill.written, bill.output) >= 0


def test_more_cached_than_sent_is_noted() -> None:
    assert "more cached tokens" in cost("gpt-6-luna", Usage(input=10, cached=20)).note


def test_what_the_cache_saved_is_told_also_when_it_cost_more() -> None:
    # 8,960 read at 0.01 instead of 0.10; then 1,024 written at 0.125 instead of 0.10.
    assert cost("gpt-6-luna", Usage(input=9204, cached=8960)).saved == Decimal("0.0008064")
    assert cost("gpt-6-luna", Usage(input=1500, written=1024)).saved == Decimal("-0.0000256")


def test_every_price_in_the_book_is_a_whole_number_of_the_ledgers_unit() -> None:
    seen = 0
    usage = Usage(input=6, cached=1, written=2, written_12h=1, output=1)
    for model in CHAT_MODELS:
        for tier in TIERS:
            for long in (0, 300_000):
                for regional in (False, True):
                    bill = cost(model, Usage(usage.input + long, 1, 1, 2, 1), tier=tier, regional=regional)
                    if bill is not None:
                        seen += 1
                        for part in (bill.input, bill.cached, bill.written, bill.output, bill.saved):
                            assert part == part.quantize(SMALLEST), (model, tier, long, regional)
    assert seen > 200


def test_every_row_of_the_overlay_has_a_date_and_a_source() -> None:
    data = json.loads(resources.files("keytui.adapters.prices").joinpath("overlay.json").read_text("utf-8"))
    parts = [data, *(data[name] for name in ("long_context", "twelve_hour_write", "residency", "ultrafast", "facts"))]
    for row in [*parts, *data["models"].values()]:
        assert date.fromisoformat(row["as_of"]) <= date(2026, 11, 23)
        assert row["source"].startswith("https://")


@pytest.mark.parametrize(
    ("model", "context", "max_input", "max_output", "retires"),
    [
        ("gpt-6.2-astra", 1_050_000, 922_000, 128_000, None),
        ("gpt-6-luna", 1_050_000, 922_000, 128_000, None),
        ("gpt-6-luna-2026-09-01", 1_050_000, 922_000, 128_000, None),
        ("gpt-5.4-mini", 400_000, 272_000, 128_000, None),
        ("gpt-4.1", 1_047_576, None, 32_768, date(2027, 1, 14)),
        ("gpt-5-nano", 400_000, None, None, date(2026, 12, 11)),
        ("nobody-knows-me", None, None, None, None),
    ],
)
def test_facts_of_a_model(
    model: str, context: int | None, max_input: int | None, max_output: int | None, retires: date | None
) -> None:
    facts = PRICES.facts(model)
    assert (facts.context, facts.max_input, facts.max_output, facts.retires) == (
        context,
        max_input,
        max_output,
        retires,
    )


def test_each_price_has_its_date_and_source() -> None:
    assert (cost("gpt-6.2-sol").source, cost("gpt-6.2-sol").as_of) == ("keytui overlay", date(2026, 11, 17))
    assert cost("gpt-6-luna").source == f"genai-prices {genai_prices.__version__}"
    assert date(2026, 10, 1) < cost("gpt-6-luna").as_of <= PRICES.as_of
    assert "derived" in cost("gpt-6.2-astra").note


def test_rates_for_long_input_leave_the_output_its_own_factor() -> None:
    rates = Rates(Decimal(1), Decimal(1), Decimal(1), Decimal(1), Decimal(1))
    long = rates.for_long_input(Decimal(2), Decimal("1.5"))
    assert (long.input, long.cached, long.written, long.written_12h, long.output) == (2, 2, 2, 2, Decimal("1.5"))
