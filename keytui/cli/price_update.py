"""Fetching newer prices, for the command and the app: only when asked, and never in practice or offline."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from keytui.domain.pricing import PricesUnchanged

if TYPE_CHECKING:
    from keytui.cli.network import Network


async def update_prices(network: Network, *, today: date, practice: bool = False, offline: bool = False) -> date:
    """Fetch the newest price list by the user's own route; gives the date of its newest price.

    Raises ``PricesUnchanged``.
    """
    if practice or offline:
        mode = "In practice" if practice else "With --offline"
        raise PricesUnchanged(
            f"{mode} nothing is fetched: the prices stay as they were. Start keytui without it, then update."
        )
    from keytui.adapters.prices import Prices
    from keytui.adapters.prices.fetched import fetch, usual_place

    await fetch(await network.clients(), usual_place(), today=today)
    return Prices(fetched=usual_place()).as_of
