"""The verb that rotates a key: it begins a rotation, goes on with one that was interrupted, and ends it."""

from __future__ import annotations

from dataclasses import replace

from keytui.domain.keys import KeyRecord, KeyState, Place
from keytui.domain.rotation import Phase, Rotation, begin, end, phase, take_over, under_way, undo
from keytui.domain.routes import is_openai
from keytui.domain.troubles.pages import address
from keytui.tui.dialogs.confirm import ConfirmDialog
from keytui.tui.dialogs.rotate import OldKeyDialog, RotateDialog, UntilDialog
from keytui.tui.panes.keys.changing import choose_place
from keytui.tui.panes.keys.checking import verify
from keytui.tui.panes.pane import Pane


async def rotate(pane: Pane, record: KeyRecord) -> KeyRecord | None:
    """Do the next step of a key's rotation. Raises ``VaultTrouble`` and ``StoreUnreadable``."""
    agenda, keys = pane.services.agenda, pane.services.keys
    now = pane.services.now()
    rotation = under_way(agenda, keys.records(), record, now)
    if rotation is None:
        rotation = await _begin(pane, record)
        return None if rotation is None else await _check(pane, rotation)
    stands = phase(rotation, keys.records(), now)
    if stands in (Phase.CHECK, Phase.SWAP):
        return await _go_on(pane, rotation)
    return await _old_one(pane, rotation, stands)


async def _begin(pane: Pane, record: KeyRecord) -> Rotation | None:
    services = pane.services
    new = await pane.app.push_screen_wait(RotateDialog(record, services.now()))
    if new is None:
        return None
    place: Place | None = record.place
    if record.place.read_only:
        place = await choose_place(pane, "Keep the new key where?")
    if place is None:
        return None
    return await begin(
        services.keys, services.agenda, record, new.secret, now=services.now(), until=new.until, place=place
    )


async def _check(pane: Pane, rotation: Rotation) -> KeyRecord | None:
    """Check the new key; when it works it takes over at once."""
    checked = await verify(pane, _record(pane, rotation.successor_id))
    if checked.state not in (KeyState.WORKS, KeyState.LIMITED):
        said = "was refused" if checked.state is KeyState.REFUSED else "could not be checked"
        name = _record(pane, rotation.key_id).name
        words = f"The new key {said}, so {name} is still the old one. Press r to try again, or to take another."
        pane.notify(words, severity="warning", markup=False, timeout=12)
        return checked
    return await _take_over(pane, rotation)


async def _take_over(pane: Pane, rotation: Rotation) -> KeyRecord:
    key = await take_over(pane.services.keys, rotation)
    words = f"{key.name} is the new key now. The old one is kept until {rotation.until.astimezone():%d %b}: {_WHY}"
    pane.notify(words, markup=False, timeout=10)
    return key


_WHY = "change over what still uses it, then press r to revoke it."


async def _go_on(pane: Pane, rotation: Rotation) -> KeyRecord | None:
    """A rotation that stopped before the new key took over."""
    name = _record(pane, rotation.key_id).name
    choices = [
        ("check", "Check the new key again", "it takes over when it works"),
        ("undo", "Delete the new key here", f"{name} stays the old one"),
    ]
    answer = await pane.app.push_screen_wait(
        OldKeyDialog(f"Rotating {name}", choices, "The new key is kept beside the old one, and not in use yet.")
    )
    if answer == "check":
        return await _check(pane, rotation)
    if answer == "undo":
        await undo(pane.services.keys, pane.services.agenda, rotation)
        return _record(pane, rotation.key_id)
    return None


async def _old_one(pane: Pane, rotation: Rotation, stands: Phase) -> KeyRecord | None:
    """The new key is in use: what becomes of the old one."""
    keys, agenda = pane.services.keys, pane.services.agenda
    key, old = _record(pane, rotation.key_id), _record(pane, rotation.successor_id)
    day = f"{rotation.until.astimezone():%d %b %Y}"
    when = f"It was to be kept until {day}." if stands is Phase.REVOKE else f"It is kept until {day}."
    where = f" Revoke it on {address('keys')}" if is_openai(key.base_url) else " Revoke it where it was made"
    choices = [
        ("revoked", "I have revoked it", "checked, then deleted here"),
        ("later", "Keep it until another day", ""),
        ("undo", "Go back to the old key", "the new one is deleted here"),
    ]
    note = f"{when}{where}: …{old.last4}"
    answer = await pane.app.push_screen_wait(OldKeyDialog(f"The old key of {key.name}", choices, note))
    if answer == "revoked":
        return await _ended(pane, rotation, key, old)
    if answer == "later":
        until = await pane.app.push_screen_wait(UntilDialog(key.name, rotation.until, pane.services.now()))
        if until is not None:
            agenda.keep(replace(rotation, until=until))
            await keys.replace(replace(old, note=f"Until {until.astimezone():%Y-%m-%d}, then to be revoked."))
        return old if until is not None else None
    if answer == "undo":
        question, consequence = f"Go back to the old key of {key.name}?", "The new key is deleted here; revoke it too."
        if await pane.app.push_screen_wait(ConfirmDialog(question, consequence, yes="Go back", no="Stay")):
            await undo(keys, agenda, rotation)
            return _record(pane, rotation.key_id)
    return None


async def _ended(pane: Pane, rotation: Rotation, key: KeyRecord, old: KeyRecord) -> KeyRecord | None:
    """Believe that a key is revoked only when its server says so, or when the user insists."""
    checked = await verify(pane, old)
    if checked.state is not KeyState.REFUSED:
        said = "still works" if checked.state is KeyState.WORKS else "could not be checked, or is only limited"
        question = f"The old key {said}. Delete it here all the same?"
        consequence = "Whoever has a copy can go on using it until it is revoked."
        dialog = ConfirmDialog(question, consequence, yes="Delete it here")
        if not await pane.app.push_screen_wait(dialog):
            return None
    await end(pane.services.keys, pane.services.agenda, rotation)
    pane.notify(f"The rotation of {key.name} is done.", markup=False, timeout=5)
    return key


def _record(pane: Pane, key_id: str) -> KeyRecord:
    return next(record for record in pane.services.keys.records() if record.id == key_id)
