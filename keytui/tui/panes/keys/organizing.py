"""The verb that opens the organisation, with an admin key that stays in memory."""

from __future__ import annotations

from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord
from keytui.domain.secrets import Secret
from keytui.tui.dialogs.admin_key import AdminKeyDialog
from keytui.tui.dialogs.organization import OrganizationDialog
from keytui.tui.panes.pane import Pane


async def organization(pane: Pane, record: KeyRecord | None) -> None:
    """Show the organisation: by the admin key under the cursor, that of practice, or one that is pasted now."""
    services = pane.services
    if record is not None and record.kind is KeyKind.ADMIN:
        secret: Secret | None = await services.keys.secret(record)
        base_url = record.base_url
    elif services.practice:
        handed = await services.practice_keys()
        secret, base_url = Secret(handed.admin_key), handed.base_url
    else:
        base_url = record.base_url if record is not None else OPENAI_BASE_URL
        secret = await pane.app.push_screen_wait(AdminKeyDialog(base_url))
    if secret is not None:
        admin = await services.admin(secret, base_url)
        await pane.app.push_screen_wait(OrganizationDialog(services, admin))
