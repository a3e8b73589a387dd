"""One tiny paid request: what only money can prove, what it costs at most, and how it is booked."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from keytui.domain.advice import COMPARED
from keytui.domain.booking import new_id, priced
from keytui.domain.keeping import Checked
from keytui.domain.keys import KeyRecord, KeyState, KeyStore
from keytui.domain.ledger import Entry, Ledger, Outcome
from keytui.domain.pricing import PriceBook
from keytui.domain.probe import Prober, Stage, StageResult, Verdict
from keytui.domain.turn import Background
from keytui.domain.usage import Usage

APP = "probe"
"""Who asked, in the ledger."""
WOULD_PROVE = "One tiny request would prove what only a paid one can: credit, permissions, verification."
PROVED = "Credit, permissions and verification are proved."

AT_MOST = Usage(input=32, output=16)
"""Tokens that the request takes at most: a word with what surrounds it, and the shortest limit there is for an answer
(openai-facts 3.12)."""


def most(prices: PriceBook, model: str, *, at: datetime, base_url: str) -> Decimal | None:
    """USD that the request costs at most; None when no price is known, or the model answers no questions."""
    if model not in COMPARED and prices.facts(model).max_output is None:
        return None
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


async def prove(
    record: KeyRecord,
    model: str,
    *,
    prober: Prober,
    prices: PriceBook,
    ledger: Ledger,
    keys: KeyStore,
    now: Callable[[], datetime],
    background: Background,
) -> AsyncGenerator[StageResult, None]:
    """The paid stage, or the earlier one that failed; what was billed is booked, and the key's state noted, first.

    Raises ``VaultTrouble`` and ``StoreUnreadable``.
    """
    secret = await keys.secret(record)
    async with aclosing(prober.key(secret, record.base_url, model=model, paid=True)) as stages:
        async for result in stages:
            if result.stage is not Stage.PAID and result.verdict is not Verdict.FAILED:
                continue
            entry = entry_of(result, key=record, model=model, prices=prices, at=now())
            if entry is not None:
                await background(partial(ledger.book, entry))
            trouble = result.trouble if result.verdict is Verdict.FAILED else None
            state = Checked(trouble, accepted=result.stage is Stage.PAID).state
            if state is not KeyState.UNCHECKED:
                await keys.replace(replace(record, state=state, verified=now()))
            yield result
