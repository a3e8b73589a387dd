"""An hour of mixed traffic, as fast as it goes: the ledger against the practice service's own accounts."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from decimal import Decimal
from typing import Any

from openai import AsyncOpenAI, DefaultAsyncHttpx2Client

from keytui.domain.pricing import STANDARD
from keytui.domain.usage import Mark
from tests.servers.metering.conftest import Start
from tests.servers.metering.test_booking import accounts, total
from tests.support.practice import Practice

REQUESTS = 80
MODELS = ("gpt-6-luna", "gpt-6-sol", "gpt-6-astra", "gpt-5.6-luna", "gpt-5.4-mini", "gpt-5-mini")
TIERS = ("default", "flex", "priority", "auto")
LONG = "Rules of the house, sent with every question so that they are read from the cache. " * 90
"""More than the 1,024 tokens from which on a cache keeps a beginning."""


async def one(sdk: AsyncOpenAI, dice: random.Random, number: int) -> None:
    """A request of any kind."""
    model, tier, stream = dice.choice(MODELS), dice.choice(TIERS), dice.random() < 0.5
    rules: list[Any] = [{"role": "system", "content": LONG}] if dice.random() < 0.5 else []
    asked: list[Any] = [*rules, {"role": "user", "content": f"Question {number} [[tokens={dice.randint(1, 200)}]]"}]
    kind = dice.choice(("chat", "chat", "responses", "responses", "embeddings"))
    made: Any
    if kind == "embeddings":
        await sdk.embeddings.create(model="text-embedding-3-large", input=[f"Text {number}"] * dice.randint(1, 5))
        return
    if kind == "chat":
        more: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
        made = await sdk.chat.completions.create(model=model, messages=asked, service_tier=tier, **more)
    else:
        made = await sdk.responses.create(model=model, input=asked, service_tier=tier, stream=stream)
    if stream:
        async for _ in made:
            pass


async def test_the_ledger_is_the_services_own_account_to_the_last_digit(start: Start, practice_fresh: Practice) -> None:
    running = start(practice_fresh.base_url, practice_fresh.api_key)
    http = DefaultAsyncHttpx2Client(trust_env=False)
    async with AsyncOpenAI(api_key=running.api_key, base_url=running.base_url, max_retries=0, http_client=http) as sdk:
        dice = random.Random(6)

        async def some(numbers: range) -> None:
            for number in numbers:
                await one(sdk, dice, number)

        await asyncio.gather(*(some(range(first, REQUESTS, 8)) for first in range(8)))
    entries, served = await asyncio.to_thread(running.ended), accounts(practice_fresh)
    assert len(entries) == len(served) == REQUESTS
    assert all(entry.usage.mark is Mark.BILLED for entry in entries)
    assert Counter(
        (entry.model, entry.usage.input, entry.usage.cached, entry.usage.written, entry.usage.output, total(entry))
        for entry in entries
    ) == Counter(
        (
            *(row[name] for name in ("model", "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens")),
            Decimal(row["cost"]),
        )
        for row in served
    )
    assert any(entry.usage.cached for entry in entries)
    assert any(entry.usage.written for entry in entries)
    assert len({entry.cost.tier for entry in entries if entry.cost} - {STANDARD}) >= 2
    spent = sum((Decimal(row["cost"]) for row in served), Decimal(0))
    for by in ("model", "day", "key", "tier"):
        assert sum(row.cost for row in running.ledger.by(by)) == spent  # type: ignore[arg-type]
