"""What is asked before a draft goes out: whether it holds a key, and whether it may cost that much."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from textual.app import App

from keytui.domain.meter import Meter
from keytui.domain.money import at_most, dollars
from keytui.domain.shapes import looks_like_secret
from keytui.tui.dialogs.confirm import ConfirmDialog


async def secret_is_meant(app: App[Any], text: str) -> bool:
    """Whether the draft may go out as far as keys are concerned; asks when something in it looks like one."""
    sightings = looks_like_secret(text)
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


async def price_is_meant(app: App[Any], meter: Meter, ask_above: Decimal | None) -> bool:
    """Whether the draft may go out at its price; asks above the amount that the user set, and when nobody knows."""
    if ask_above is None or (meter.most is not None and meter.most.total <= ask_above):
        return True
    if meter.most is None or meter.least is None:
        question = f"Nobody knows what {meter.model} costs."
        consequence = f"You wish to be asked about messages above {dollars(ask_above)}; this may be one."
    else:
        question = f"This may cost up to {at_most(meter.most.total)}."
        consequence = (
            f"{dollars(meter.least.total)} for {meter.input:,} tokens in, and up to {at_most(meter.most.output)} for "
            f"an answer of {meter.max_output:,} tokens. You wish to be asked above {dollars(ask_above)}. A smaller "
            "“longest answer” (f4) makes it cheaper."
        )
    meant = await app.push_screen_wait(ConfirmDialog(question, consequence, yes="Send it", no="Not yet"))
    return meant
