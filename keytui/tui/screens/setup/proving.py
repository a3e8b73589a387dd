"""What a stored key proves, as the walk needs it: one tiny paid request, or the stages that cost nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from decimal import Decimal

from textual.content import Content
from textual.widget import Widget

from keytui.domain import proof
from keytui.domain.checklist import Item, outcome
from keytui.domain.keys import KeyRecord
from keytui.domain.probe import StageResult, Verdict
from keytui.tui.background import in_background
from keytui.tui.screens.setup.words import signed, told
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


async def stages_of(
    services: Services, record: KeyRecord, model: str, *, paid: bool
) -> AsyncGenerator[StageResult, None]:
    """The stages of a check of a stored key. Raises ``VaultTrouble`` and ``StoreUnreadable``."""
    if paid:
        return await prove(services, record, model)
    secret = await services.keys.secret(record)
    return (await services.prober()).key(secret, record.base_url, model=model)


def outcome_of(widget: Widget, item: Item, results: Sequence[StageResult]) -> Content:
    """What a check said of an item of the checklist."""
    result = outcome(item, results)
    if result is None:
        return signed(widget, "The check did not come that far.", "warned")
    if result.trouble is not None:
        return signed(widget, told(result.trouble), "wrong" if result.verdict is Verdict.FAILED else "warned")
    said = f"{result.stage.value}: {result.note}" if result.note else result.stage.value
    return signed(widget, said, "warned" if result.verdict is Verdict.SKIPPED else "done")
