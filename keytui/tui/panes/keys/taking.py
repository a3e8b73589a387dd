"""Taking up keys that lie on this machine: found when the user asks, offered, never taken silently."""

from __future__ import annotations

from keytui.domain.found import FoundKey
from keytui.domain.keys import KeyRecord, Place, VaultTrouble, new_key_id
from keytui.tui.dialogs.choose import Choice
from keytui.tui.dialogs.edit_key import NameDialog
from keytui.tui.dialogs.found import FoundDialog
from keytui.tui.panes.keys.changing import choose_place
from keytui.tui.panes.pane import Pane


async def take_up(pane: Pane) -> KeyRecord | None:
    """Offer what is found; the chosen one is kept, or read where it is. Raises ``VaultTrouble``."""
    keys = pane.services.keys
    found = (await pane.services.look_around(programs=True)).keys
    dialog = FoundDialog([Choice(key, key.where, f"{key.kind.value}  ····{key.last4}") for key in found])
    chosen = await pane.app.push_screen_wait(dialog)
    if chosen is None:
        return None
    known = await _known(pane, chosen)
    if known is not None:
        pane.notify(f"This is {known.name}, which is in the list already.", markup=False, timeout=5)
        return None
    place = await choose_place(pane, "Keep it where?", stay=chosen.place)
    if place is None:
        return None
    where = f"For {chosen.base_url} only. It stays where it was found, too."
    asked = NameDialog("What shall it be called?", chosen.proposed_name, keys.records(), note=where)
    name = await pane.app.push_screen_wait(asked)
    if name is None:
        return None
    return await keys.add(_record(pane, chosen, place, name), chosen.secret)


def _record(pane: Pane, chosen: FoundKey, place: Place, name: str) -> KeyRecord:
    return KeyRecord(
        id=new_key_id(),
        name=name,
        kind=chosen.kind,
        base_url=chosen.base_url,
        place=place,
        last4=chosen.last4,
        created=pane.services.now(),
        organization=chosen.organization,
        project=chosen.project,
        locator=chosen.locator if place is chosen.place else None,
    )


async def _known(pane: Pane, chosen: FoundKey) -> KeyRecord | None:
    """The record of this very key for this address, when there is one."""
    keys = pane.services.keys
    for record in keys.records():
        if record.last4 != chosen.last4 or record.base_url != chosen.base_url:
            continue
        try:
            if await keys.secret(record) == chosen.secret:
                return record
        except VaultTrouble:
            # What cannot be read now cannot be compared.
            continue
    return None
