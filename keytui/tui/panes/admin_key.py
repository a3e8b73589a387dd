"""The organisation that a piece of work needs, by an admin key that stays in memory only as long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from keytui.domain.admin import AdminPort
from keytui.domain.keys import FileState, KeyKind, KeyRecord, Place
from keytui.domain.platform_keys import admin_key_for
from keytui.domain.secrets import Secret
from keytui.tui.dialogs.admin_key import AdminKeyDialog
from keytui.tui.panes.pane import Pane


@asynccontextmanager
async def admin_of(pane: Pane, base_url: str) -> AsyncIterator[AdminPort | None]:
    """The organisation at an address for one piece of work; the admin key is let go of afterwards."""
    admin = await admin_for(pane, base_url)
    try:
        yield admin
    finally:
        if admin is not None:
            await admin.close()


async def admin_for(
    pane: Pane, base_url: str, preferred: KeyRecord | None = None, *, ask: bool = True
) -> AdminPort | None:
    """The organisation at an address: by a kept admin key, that of practice, or one that is pasted now.

    None when the user pastes none; without ``ask`` nobody is asked for a key or a passphrase. Raises ``VaultTrouble``
    and ``StoreUnreadable``.
    """
    services = pane.services
    secret: Secret | None = None
    if (kept := kept_admin_key(pane, base_url, preferred)) is not None:
        if not ask and kept.place is Place.FILE and services.keys.file_state is not FileState.OPEN:
            return None
        secret, base_url = await services.keys.secret(kept), kept.base_url
    elif services.practice:
        handed = await services.practice_keys()
        secret, base_url = Secret(handed.admin_key), handed.base_url
    elif ask:
        secret = await pane.app.push_screen_wait(AdminKeyDialog(base_url))
    return None if secret is None else await services.admin(secret, base_url)


def kept_admin_key(pane: Pane, base_url: str, preferred: KeyRecord | None = None) -> KeyRecord | None:
    """The admin key that is kept for an address, the preferred one first. Raises ``StoreUnreadable``."""
    if preferred is not None and preferred.kind is KeyKind.ADMIN:
        return preferred
    return admin_key_for(pane.services.keys.records(), base_url)
