"""The organisation behind the keys, shown by an admin key that stays in memory while it is open."""

from __future__ import annotations

from keytui.domain.keys import OPENAI_BASE_URL, KeyRecord
from keytui.tui.dialogs.organization import OrganizationDialog
from keytui.tui.panes.admin_key import admin_for
from keytui.tui.panes.pane import Pane


async def organization(pane: Pane, record: KeyRecord | None) -> None:
    """Show the organisation: by the admin key under the cursor, one that is kept, or one that is pasted now."""
    base_url = record.base_url if record is not None else OPENAI_BASE_URL
    admin = await admin_for(pane, base_url, record)
    if admin is not None:
        await pane.app.push_screen_wait(OrganizationDialog(pane.services, admin))
