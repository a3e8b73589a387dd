"""What is asked before a draft goes out: whether it holds a key, and whether it may cost that much."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from textual.app import App

from keytui.domain.meter import Meter
from keytui.domain.money import at_most, dollars
from keytui.domain.sightings import secrets_in
from keytui.tui.dialogs.confirm import ConfirmDialog


async def secret_is_meant(app: App[Any], text: str) -> bool:
    """Whether the draft may go out as far as keys are concerned; asks when something in it looks like one."""
    sightings = secrets_in(text)
    if not sightings:
        return True
    dialog = ConfirmDialog(
        f"Your draft holds what looks like {sightings[0].name}.",
        "Sent, it stands in the request, in the kept conversation, and perhaps in the server's logs: it is "
        "then no secret any more. Take it out; a key belongs in the Keys pane.",
        yes="Send it all the same",
        no="Back to the draft",
    )
    meant = await app.push_screen_wait(dialog)
    return meant


async def price_is_meant(app: App[Any], meters: Sequence[Meter], ask_above: Decimal | None) -> bool:
    """Whether the draft may go out, to all these models, at the price of that.

    Asks above the amount that the user set, and when nobody knows.
    """
    unpriced = [meter.model for meter in meters if meter.most is None]
    most = sum((meter.most.total for meter in meters if meter.most), Decimal(0))
    if ask_above is None or (not unpriced and most <= ask_above):
        return True
    if unpriced:
        question = f"Nobody knows what {unpriced[0]} costs."
        consequence = f"You wish to be asked about messages above {dollars(ask_above)}; this may be one."
    else:
        question = f"This may cost up to {at_most(most)}."
        consequence = (
            f"{' '.join(map(_at_most, meters))} You wish to be asked above {dollars(ask_above)}. A smaller "
            "“longest answer” (f4) makes it cheaper."
        )
    meant = await app.push_screen_wait(ConfirmDialog(question, consequence, yes="Send it", no="Not yet"))
    return meant


def _at_most(meter: Meter) -> str:
    """What one model may cost, as a sentence."""
    least = meter.least.total if meter.least else None
    return (
        f"{meter.model}: {dollars(least)} for {meter.input:,} tokens in, and up to {at_most(meter.output_cost)} for an "
        f"answer of {meter.max_output:,} tokens."
    )
