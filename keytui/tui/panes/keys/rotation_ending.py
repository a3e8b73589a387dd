"""The end of a rotation: the old key is revoked, kept for longer, or comes back."""

from __future__ import annotations

from dataclasses import replace

from keytui.domain import automatic_rotation
from keytui.domain.addresses import is_openai
from keytui.domain.keys import KeyRecord, KeyState
from keytui.domain.rotation import Phase, Rotation, end, undo
from keytui.domain.troubles.pages import address
from keytui.tui.dialogs.confirm import ConfirmDialog
from keytui.tui.dialogs.rotate import OldKeyDialog, UntilDialog
from keytui.tui.panes.admin_key import admin_of
from keytui.tui.panes.keys.checking import verify
from keytui.tui.panes.pane import Pane


async def old_one(pane: Pane, rotation: Rotation, stands: Phase) -> KeyRecord | None:
    """The new key is in use: what becomes of the old one. Raises ``VaultTrouble``, ``StoreUnreadable``, ``Refused``."""
    key, old = record_of(pane, rotation.key_id), record_of(pane, rotation.successor_id)
    day = f"{rotation.until.astimezone():%d %b %Y}"
    when = f"It was to be kept until {day}." if stands is Phase.REVOKE else f"It is kept until {day}."
    where = f" Revoke it on {address('keys')}" if is_openai(key.base_url) else " Revoke it where it was made"
    automatic = rotation.old_key_id is not None
    endless = automatic_rotation.lacks_end(rotation, pane.services.keys.records(), pane.services.now())
    choices = [
        *([("revoke", "Revoke it now", "with an admin key, then deleted here")] if automatic else []),
        *([("end", "Let it end by itself then", "the platform was not told yet")] if endless else []),
        ("revoked", "I have revoked it", "checked, then deleted here"),
        ("later", "Keep it until another day", ""),
        ("undo", "Go back to the old key", "the new one is deleted here"),
    ]
    note = f"{when}{'' if automatic else where}: …{old.last4}" if not automatic else f"{when} It is …{old.last4}."
    answer = await pane.app.push_screen_wait(OldKeyDialog(f"The old key of {key.name}", choices, note))
    if answer == "end":
        await let_it_end(pane, rotation)
        return key
    if answer == "revoke":
        return await _revoke(pane, rotation, key)
    if answer == "revoked":
        return await _believed(pane, rotation, key, old)
    if answer == "later":
        return await _later(pane, rotation, key, old)
    if answer == "undo":
        question, consequence = f"Go back to the old key of {key.name}?", "The new key is deleted here; revoke it too."
        if automatic:
            consequence = "The new key is revoked with an admin key, and deleted here."
        if await pane.app.push_screen_wait(ConfirmDialog(question, consequence, yes="Go back", no="Stay")):
            return await go_back(pane, rotation)
    return None


async def let_it_end(pane: Pane, rotation: Rotation) -> None:
    """What an interrupted rotation left undone: let the platform end the old key by itself at its moment."""
    services = pane.services
    if not automatic_rotation.lacks_end(rotation, services.keys.records(), services.now()):
        return
    async with admin_of(pane, record_of(pane, rotation.key_id).base_url) as admin:
        if admin is not None:
            await automatic_rotation.let_it_end(admin, services.agenda, rotation, services.now())
            pane.notify(f"The old key ends by itself on {rotation.until.astimezone():%d %b %Y}.", timeout=5)


async def go_back(pane: Pane, rotation: Rotation) -> KeyRecord | None:
    """The name means the old key (again); a new key that an admin key made is revoked before it is deleted here."""
    if rotation.project_id is not None:
        key, other = record_of(pane, rotation.key_id), record_of(pane, rotation.successor_id)
        async with admin_of(pane, key.base_url) as admin:
            if admin is None:
                return None
            # Before the new key takes over it is the other one.
            new = key if key.kept_as == rotation.successor_id else other
            await automatic_rotation.revoke_new(admin, rotation, new)
    await undo(pane.services.keys, pane.services.agenda, rotation)
    return record_of(pane, rotation.key_id)


async def _revoke(pane: Pane, rotation: Rotation, key: KeyRecord) -> KeyRecord | None:
    """Revoke the old key with an admin key, after saying when it was last used."""
    async with admin_of(pane, key.base_url) as admin:
        if admin is None:
            return None
        old = await automatic_rotation.old_key(admin, rotation)
        if old is not None:
            used = f"It was last used on {old.last_used.astimezone():%d %b %Y}." if old.last_used else "Nobody used it."
            consequence = f"Whatever still uses it stops at once, for good. {used}"
            dialog = ConfirmDialog(f"Revoke the old key of {key.name} ({old.redacted})?", consequence, yes="Revoke it")
            if not await pane.app.push_screen_wait(dialog):
                return None
            await automatic_rotation.revoke_old(admin, rotation)
    return await _done(pane, rotation, key)


async def _later(pane: Pane, rotation: Rotation, key: KeyRecord, old: KeyRecord) -> KeyRecord | None:
    """Keep the old key until another day; where the platform ends it by itself, that day moves as well."""
    until = await pane.app.push_screen_wait(UntilDialog(key.name, rotation.until, pane.services.now()))
    if until is None:
        return None
    later = replace(rotation, until=until)
    if rotation.old_key_id is not None:
        async with admin_of(pane, key.base_url) as admin:
            if admin is None:
                return None
            await automatic_rotation.move_end(admin, pane.services.agenda, later, pane.services.now())
    else:
        pane.services.agenda.keep(later)
    note = f"Until {until.astimezone():%Y-%m-%d}, then to be revoked."
    await pane.services.keys.replace(replace(old, note=note))
    return old


async def _believed(pane: Pane, rotation: Rotation, key: KeyRecord, old: KeyRecord) -> KeyRecord | None:
    """Believe that a key is revoked only when its server says so, or when the user insists."""
    checked = await verify(pane, old)
    if checked.state is not KeyState.REFUSED:
        said = "still works" if checked.state is KeyState.WORKS else "could not be checked, or is only limited"
        question = f"The old key {said}. Delete it here all the same?"
        consequence = "Whoever has a copy can go on using it until it is revoked."
        dialog = ConfirmDialog(question, consequence, yes="Delete it here")
        if not await pane.app.push_screen_wait(dialog):
            return None
    return await _done(pane, rotation, key)


async def _done(pane: Pane, rotation: Rotation, key: KeyRecord) -> KeyRecord:
    await end(pane.services.keys, pane.services.agenda, rotation)
    pane.notify(f"The rotation of {key.name} is done.", markup=False, timeout=5)
    return key


def record_of(pane: Pane, key_id: str) -> KeyRecord:
    """The key of that id, as it is kept now."""
    return next(record for record in pane.services.keys.records() if record.id == key_id)
