"""The verbs that change what is known of a key, or where it is kept."""

from __future__ import annotations

from keytui.domain.addresses import host_of
from keytui.domain.keys import FileState, KeyRecord, Place
from keytui.tui.dialogs.confirm import ConfirmDialog
from keytui.tui.dialogs.edit_key import EditKeyDialog
from keytui.tui.dialogs.passphrase import open_file
from keytui.tui.dialogs.place import PLACES, PlaceDialog
from keytui.tui.panes.pane import Pane


async def edit(pane: Pane, record: KeyRecord) -> KeyRecord | None:
    """Change name, model, cap and the like; another address is asked about first. Raises ``VaultTrouble``."""
    keys = pane.services.keys
    changed = await pane.app.push_screen_wait(EditKeyDialog(record, keys.records()))
    if changed is None or changed == record:
        return None
    if changed.base_url != record.base_url:
        question = f"Send {record.name} to {host_of(changed.base_url)}?"
        consequence = (
            f"The key is bound to {record.base_url} and was sent nowhere else. From now on it is sent to "
            f"{changed.base_url} only, and whoever runs that address can read it."
        )
        if not await pane.app.push_screen_wait(ConfirmDialog(question, consequence, yes="Bind it there")):
            return None
    await keys.replace(changed)
    return changed


async def move(pane: Pane, record: KeyRecord) -> KeyRecord | None:
    """Keep the characters in another place. Raises ``VaultTrouble``; the key is then where it was."""
    place = await choose_place(pane, f"Keep {record.name} where?", current=record.place)
    if place is None:
        return None
    moved = await pane.services.keys.move(record.id, place)
    stays = "; what is there stays there" if record.place.read_only else ", and nowhere else"
    pane.notify(f"{record.name} is kept in {PLACES[place]} now{stays}.", markup=False, timeout=5)
    return moved


async def choose_place(
    pane: Pane, title: str, *, current: Place | None = None, stay: Place | None = None
) -> Place | None:
    """A place that is ready to take a key; None when the user leaves things as they are."""
    keys = pane.services.keys
    reports = await keys.places()
    dialog = PlaceDialog(title, reports, keys.file_state, current=current, stay=stay)
    place = await pane.app.push_screen_wait(dialog)
    if place is Place.FILE and keys.file_state is not FileState.OPEN and not await open_file(pane.app, keys):
        return None
    return place


async def forget(pane: Pane, record: KeyRecord) -> KeyRecord | None:
    """Delete a key here, after asking; answers what is gone. Raises ``VaultTrouble``."""
    kept = "The characters stay where they are; " if record.place.read_only else "The characters are deleted; "
    consequence = (
        f"{kept}they cannot be shown again. The key stays valid on the platform until it is revoked there. "
        "What it spent stays in the ledger."
    )
    if not await pane.app.push_screen_wait(ConfirmDialog(f"Forget {record.name}?", consequence, yes="Forget it")):
        return None
    await pane.services.keys.forget(record.id)
    return record
