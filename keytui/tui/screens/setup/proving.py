"""One tiny paid request with a stored key, as the walk needs it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from decimal import Decimal

from keytui.domain import proof
from keytui.domain.keys import KeyRecord
from keytui.domain.probe import StageResult
from keytui.tui.background import in_background
from keytui.tui.services import Services


async def most(services: Services, record: KeyRecord, model: str) -> Decimal | None:
    """See ``proof.most``."""
    return proof.most(await services.prices(), model, at=services.now(), base_url=record.base_url)


async def prove(services: Services, record: KeyRecord, model: str) -> AsyncGenerator[StageResult, None]:
    """See ``proof.prove``."""
    return proof.prove(
        record,
        model,
        prober=await services.prober(),
        prices=await services.prices(),
        ledger=await services.ledger(),
        keys=services.keys,
        now=services.now,
        background=in_background,
    )
