"""What a refusal means for a key that keytui knows: what its record tells beyond the server's answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from keytui.domain.keys import KeyRecord, KeyState
from keytui.domain.troubles import Trouble

_WORKED = (
    "It may have been revoked (a leaked key is revoked by itself), its project archived, or its owner may have left: "
    "make a new one (“keytui keys rotate”) and look where the old one lies in clear (“keytui keys review”)."
)


def explain_known(trouble: Trouble, record: KeyRecord, now: datetime) -> Trouble:
    """The same trouble, in words about this very key when the server says no more than that it does not know it."""
    if trouble.id != "invalid-key":
        return trouble
    if record.expires is not None and record.expires <= now:
        return replace(
            trouble,
            title=f"“{record.name}” expired on {record.expires:%Y-%m-%d}.",
            remedy="Make a new key and put it in place of this one (“keytui keys rotate”).",
        )
    if record.state is KeyState.WORKS and record.verified is not None:
        return replace(
            trouble,
            title=f"“{record.name}” (…{record.last4}) worked on {record.verified:%Y-%m-%d} and is refused now.",
            remedy=_WORKED,
        )
    return trouble
