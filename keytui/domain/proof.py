"""One tiny paid request: what only money can prove, what it costs at most, and how it is booked."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from keytui.domain.booking import new_id, priced
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.pricing import PriceBook
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.usage import Usage

APP = "probe"
"""Who asked, in the ledger."""

AT_MOST = Usage(input=32, output=16)
"""Tokens that the request takes at most: a word with what surrounds it, and the shortest limit there is for an answer
(openai-facts 3.12)."""


def most(prices: PriceBook, model: str, *, at: datetime, base_url: str) -> Decimal | None:
    """USD that the request costs at most; None when the price is not known."""
    cost = prices.cost(model, AT_MOST, tier=None, at=at, base_url=base_url)
    return None if cost is None else cost.total


def entry_of(result: StageResult, *, key: KeyRecord, model: str, prices: PriceBook, at: datetime) -> Entry | None:
    """The entry of a paid stage that ended at ``at``; None when nothing was billed."""
    if result.stage is not Stage.PAID or result.usage is None:
        return None
    return Entry(
        id=new_id(at),
        at=at,
        key_id=key.id,
        key_name=key.name,
        project=key.project,
        app=APP,
        conversation=None,
        endpoint="chat",
        base_url=key.base_url,
        model=model,
        served=None,
        tier=None,
        usage=result.usage,
        cost=priced(prices, model=model, usage=result.usage, tier=None, at=at, base_url=key.base_url),
        outcome=Outcome.FAILED if result.verdict is Verdict.FAILED else Outcome.FINISHED,
        seconds=result.seconds,
    )
