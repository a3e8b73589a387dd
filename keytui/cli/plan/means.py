"""What applying a plan works with, put together: for the command, and for the app."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from keytui.adapters.network.http import HttpClients
from keytui.domain.apply.journal import JournalStore
from keytui.domain.apply.run import Means
from keytui.domain.keys import KeyStore, Place
from keytui.domain.secrets import Secret


def means_for(
    secret: Secret, base_url: str, *, keys: KeyStore, place: Place, journal: JournalStore, http: HttpClients
) -> Means:
    """The means for one organisation. ``means.admin.close()`` lets go of the admin key."""
    from keytui.adapters.network.probe import Probe
    from keytui.adapters.openai.admin import OpenAIAdmin

    return Means(
        admin=OpenAIAdmin(secret, base_url, http),
        keep=keys,
        place=place,
        probe=Probe(http),
        journal=journal,
        now=lambda: datetime.now(UTC),
        sleep=asyncio.sleep,
    )
