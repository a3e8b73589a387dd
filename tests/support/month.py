"""A month as somebody may have had it: some models, keys and programs, quiet weekends, a dear day now and then."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from keytui.adapters.prices import Prices
from keytui.domain.keys import OPENAI_BASE_URL, KeyRecord
from keytui.domain.ledger import Entry
from keytui.domain.usage import Mark, Usage
from tests.adapters.ledger.making import entry

TITLES = (
    *("Tales of the cache", "Refactoring the parser", "A trip to Kyoto", "Why is my query slow?", "Names for a cat"),
    *("SQL window functions", "A letter to the landlord", "Regular expressions", "The budget of next year"),
)
"""Of the conversations ``c0`` and following."""

_MODELS = {"gpt-6-luna": 5, "gpt-6-sol": 3, "gpt-5.4-mini": 3, "gpt-4o-mini": 2, "gpt-4.1": 1}
_APPS = {"playground": 4, "proxy": 3, "editor": 2, "ask": 1}
_KEYS = {"mine": 4, "batch jobs": 2, "website": 2}


def month(now: datetime, key: KeyRecord) -> Iterator[Entry]:
    """Six weeks that end now, at list prices; always the same ones."""
    dice, prices = random.Random(6), Prices(practice=True)

    def one_of(weights: dict[str, int]) -> str:
        return dice.choices(list(weights), list(weights.values()))[0]

    for back in range(43):
        day = now - timedelta(days=back)
        if day.weekday() >= 5 and dice.random() < 0.7:
            continue
        for number in range(dice.randint(3, 14)):
            at, model, app, whose = day - timedelta(seconds=number), one_of(_MODELS), one_of(_APPS), one_of(_KEYS)
            tokens = dice.randint(2_000, 90_000)
            cached = int(tokens * dice.choice([0, 0, 0.5, 0.8])) // 128 * 128
            usage = Usage(tokens, dice.randint(100, 5_000), cached=cached, mark=Mark.BILLED)
            made = entry(
                f"{back} {number}",
                at,
                app=app,
                model=model,
                conversation=f"c{dice.randrange(len(TITLES))}" if app == "playground" else None,
                key_id=key.id if whose == "mine" else whose,
                key_name=key.name if whose == "mine" else whose,
            )
            cost = prices.cost(model, usage, tier=None, at=at, base_url=OPENAI_BASE_URL)
            yield replace(made, usage=usage, cost=cost)
