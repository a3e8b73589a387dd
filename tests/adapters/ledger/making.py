"""Entries for tests: plain ones by hand, and any by hypothesis."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from keytui.adapters.ledger import SqliteLedger
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.pricing import ZERO, Cost
from keytui.domain.usage import Mark, Usage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PRICE_DAY = date(2026, 10, 26)


def cost(total: str, *, saved: str = "0", tier: str = "standard") -> Cost:
    return Cost(Decimal(total), ZERO, ZERO, ZERO, tier, PRICE_DAY, "a list", saved=Decimal(saved))


def entry(name: str, at: datetime = NOW, usd: str | None = "0.001", **more: Any) -> Entry:
    plain: dict[str, Any] = {
        "id": name,
        "at": at,
        "key_id": "k1",
        "key_name": "work",
        "project": "p1",
        "app": "playground",
        "conversation": "c1",
        "endpoint": "chat",
        "base_url": "https://api.openai.com/v1",
        "model": "gpt-6-luna",
        "served": None,
        "tier": None,
        "usage": Usage(input=10, output=5, mark=Mark.BILLED),
        "cost": None if usd is None else cost(usd),
        "outcome": Outcome.FINISHED,
        "seconds": 1.5,
    }
    return Entry(**plain | more)


opened: list[SqliteLedger] = []
"""Ledgers to be closed after the test."""


def ledger(folder: Path, **more: Any) -> SqliteLedger:
    made = SqliteLedger(folder / "keytui.db", **{"journal": folder / "ledger.journal", "now": lambda: NOW} | more)
    opened.append(made)
    return made


_tokens = st.integers(0, 2_000_000)
_amounts = st.decimals(0, 1000, places=12)
_words = st.sampled_from(["", "a", "b", "ü “c” \U0001f600", "line\nbreak"])

costs = st.builds(
    Cost,
    _amounts,
    _amounts,
    _amounts,
    _amounts,
    tier=st.sampled_from(["standard", "fast"]),
    as_of=st.just(PRICE_DAY),
    source=_words,
    note=_words,
    other=_amounts,
    saved=st.decimals(-1000, 1000, places=12),
)
usages = st.builds(Usage, _tokens, _tokens, _tokens, _tokens, _tokens, _tokens, mark=st.sampled_from(Mark))
moments = st.datetimes(
    datetime(2026, 9, 20),
    datetime(2026, 11, 23),
    timezones=st.just(UTC),
).map(lambda at: at - timedelta(microseconds=at.microsecond % 1000))

entries = st.builds(
    Entry,
    id=st.uuids().map(str),
    at=moments,
    key_id=st.sampled_from(["k1", "k2"]),
    key_name=st.just("a key"),
    project=st.sampled_from([None, "p1", "p2"]),
    app=st.sampled_from(["playground", "ask", "ü"]),
    conversation=st.sampled_from([None, "c1", "c2"]),
    endpoint=st.sampled_from(["chat", "responses"]),
    base_url=st.just("https://api.openai.com/v1"),
    model=st.sampled_from(["gpt-6-luna", "gpt-5.4", "llama"]),
    served=st.none() | _words,
    tier=st.sampled_from([None, "default", "odd"]),
    usage=usages,
    cost=st.none() | costs,
    outcome=st.sampled_from(Outcome),
    seconds=st.floats(0, 1000),
    first_token=st.none() | st.floats(0, 1000),
    error=st.none() | _words,
)
