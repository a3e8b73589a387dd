"""One tiny paid request with a stored key: its price beforehand, its stages, its entry in the ledger."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal

from keytui.domain import proof
from keytui.domain.advice import COMPARED
from keytui.domain.keys import KeyRecord, KeyState
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.tui.background import in_background
from keytui.tui.screens.setup.keeping import Checked
from keytui.tui.services import Services

WOULD_PROVE = "One tiny request would prove what only a paid one can: credit, permissions, verification."
PROVED = "Credit, permissions and verification are proved."


async def most(services: Services, record: KeyRecord, model: str) -> Decimal | None:
    """USD that it costs at most; None when no price is known, or the model answers no questions."""
    prices = await services.prices()
    if model not in COMPARED and prices.facts(model).max_output is None:
        return None
    return proof.most(prices, model, at=services.now(), base_url=record.base_url)


async def prove(services: Services, record: KeyRecord, model: str) -> AsyncGenerator[StageResult, None]:
    """The paid stage, or the earlier one that failed; what was billed is booked, and the key's state noted, first.

    Raises ``VaultTrouble`` and ``StoreUnreadable``.
    """
    prober, prices, ledger = await services.prober(), await services.prices(), await services.ledger()
    secret = await services.keys.secret(record)
    async with aclosing(prober.key(secret, record.base_url, model=model, paid=True)) as stages:
        async for result in stages:
            if result.stage is not Stage.PAID and result.verdict is not Verdict.FAILED:
                continue
            entry = proof.entry_of(result, key=record, model=model, prices=prices, at=services.now())
            if entry is not None:
                await in_background(ledger.book, entry)
            trouble = result.trouble if result.verdict is Verdict.FAILED else None
            state = Checked(trouble, accepted=result.stage is Stage.PAID).state
            if state is not KeyState.UNCHECKED:
                await services.keys.replace(replace(record, state=state, verified=services.now()))
            yield result
