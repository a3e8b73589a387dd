"""A plan that an earlier keytui left half made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keytui.tui.background import in_background
from keytui.tui.services import Services

if TYPE_CHECKING:
    from keytui.domain.apply.unfinished import Unfinished


async def half_made_plan(services: Services) -> Unfinished | None:
    """What is to be finished or taken back; None when there is nothing. Raises ``StoreUnreadable``."""
    journal = await services.journal()
    if await in_background(journal.load) is None:
        # The usual case: what applies plans need not be loaded.
        return None
    from keytui.domain.apply.unfinished import unfinished

    return await in_background(unfinished, journal)
