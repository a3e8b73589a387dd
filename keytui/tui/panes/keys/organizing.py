"""The organisation of an admin key: which key that is, and the verb that opens it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from keytui.domain.admin import AdminPort
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord
from keytui.domain.secrets import Secret
from keytui.tui.dialogs.admin_key import AdminKeyDialog
from keytui.tui.dialogs.organization import OrganizationDialog
from keytui.tui.panes.pane import Pane


async def organization(pane: Pane, record: KeyRecord | None) -> None:
    """Show the organisation: by the admin key under the cursor, one that is kept, or one that is pasted now."""
    base_url = record.base_url if record is not None else OPENAI_BASE_URL
    admin = await admin_for(pane, base_url, record)
    if admin is not None:
        await pane.app.push_screen_wait(OrganizationDialog(pane.services, admin))


@asynccontextmanager
async def admin_of(pane: Pane, base_url: str) -> AsyncIterator[AdminPort | None]:
    """The organisation at an address for one piece of work; the admin key is let go of afterwards."""
    admin = await admin_for(pane, base_url)
    try:
        yield admin
    finally:
        if admin is not None:
            await admin.close()


async def admin_for(pane: Pane, base_url: str, preferred: KeyRecord | None = None) -> AdminPort | None:
    """The organisation at an address: by a kept admin key, that of practice, or one that is pasted now.

    None when the user pastes none. Raises ``VaultTrouble`` and ``StoreUnreadable``.
    """
    services = pane.services
    secret: Secret | None
    kept = kept_admin_key(pane, base_url, preferred)
    if kept is not None:
        secret, base_url = await services.keys.secret(kept), kept.base_url
    elif services.practice:
        handed = await services.practice_keys()
        secret, base_url = Secret(handed.admin_key), handed.base_url
    else:
        secret = await pane.app.push_screen_wait(AdminKeyDialog(base_url))
    return None if secret is None else await services.admin(secret, base_url)


def kept_admin_key(pane: Pane, base_url: str, preferred: KeyRecord | None = None) -> KeyRecord | None:
    """The admin key that is kept for an address, the preferred one first. Raises ``StoreUnreadable``."""
    if preferred is not None and preferred.kind is KeyKind.ADMIN:
        return preferred
    records = pane.services.keys.records()
    return next((one for one in records if one.kind is KeyKind.ADMIN and one.base_url == base_url), None)
