"""The verb that rotates a key: it begins a rotation, or goes on with one that was interrupted."""

from __future__ import annotations

from keytui.domain import automatic_rotation
from keytui.domain.admin import AdminPort
from keytui.domain.keys import FileState, KeyRecord, KeyState, Place
from keytui.domain.making import settle
from keytui.domain.rotation import Phase, Rotation, begin, phase, take_over, under_way
from keytui.tui.dialogs.passphrase import open_file
from keytui.tui.dialogs.rotate import HeirDialog, NewKey, OldKeyDialog, RotateDialog
from keytui.tui.panes.admin_key import admin_of
from keytui.tui.panes.keys.changing import choose_place
from keytui.tui.panes.keys.checking import verify
from keytui.tui.panes.keys.rotation_ending import go_back, let_it_end, old_one, record_of
from keytui.tui.panes.pane import Pane


async def rotate(pane: Pane, record: KeyRecord) -> KeyRecord | None:
    """Do the next step of a key's rotation. Raises ``VaultTrouble``, ``StoreUnreadable`` and ``Refused``."""
    agenda, keys = pane.services.agenda, pane.services.keys
    now = pane.services.now()
    rotation = under_way(agenda, keys.records(), record, now)
    if rotation is None:
        return await _begin(pane, record)
    stands = phase(rotation, keys.records(), now)
    if stands in (Phase.CHECK, Phase.SWAP):
        return await _go_on(pane, rotation)
    return await old_one(pane, rotation, stands)


async def _begin(pane: Pane, record: KeyRecord) -> KeyRecord | None:
    new = await pane.app.push_screen_wait(RotateDialog(record, pane.services.now()))
    if new is None:
        return None
    if new.secret is None:
        async with admin_of(pane, record.base_url) as admin:
            return None if admin is None else await _begin_with(pane, admin, record, new)
    place = await _place(pane, record)
    if place is None:
        return None
    services = pane.services
    rotation = await begin(
        services.keys, services.agenda, record, new.secret, now=services.now(), until=new.until, place=place
    )
    return await _check(pane, rotation)


async def _begin_with(pane: Pane, admin: AdminPort, record: KeyRecord, new: NewKey) -> KeyRecord | None:
    """Let an admin key make the new one; when it works, the old one is to end at the chosen moment by itself."""
    services = pane.services
    keys, agenda, now = services.keys, services.agenda, services.now()
    if record.place is Place.FILE and keys.file_state is not FileState.OPEN and not await open_file(pane.app, keys):
        return None
    for sentence in await settle(admin, keys, agenda):
        pane.notify(sentence, severity="warning", markup=False, timeout=15)
    heir = await automatic_rotation.prepare(admin, keys, record, now)
    wished = await pane.app.push_screen_wait(HeirDialog(record, heir, new.until, now))
    place = None if wished is None else await _place(pane, record)
    if wished is None or place is None:
        return None
    rotation = await automatic_rotation.begin(
        admin,
        keys,
        agenda,
        record,
        heir,
        scopes=wished.scopes,
        expires=wished.expires,
        now=now,
        until=new.until,
        place=place,
    )
    key = await _check(pane, rotation)
    if automatic_rotation.lacks_end(rotation, keys.records(), services.now()):
        await automatic_rotation.let_it_end(admin, agenda, rotation, services.now())
    return key


async def _place(pane: Pane, record: KeyRecord) -> Place | None:
    """Where the new key is kept: where the old one is, unless keytui only reads there."""
    return await choose_place(pane, "Keep the new key where?") if record.place.read_only else record.place


async def _check(pane: Pane, rotation: Rotation) -> KeyRecord | None:
    """Check the new key; when it works it takes over at once."""
    checked = await verify(pane, record_of(pane, rotation.successor_id))
    if checked.state not in (KeyState.WORKS, KeyState.LIMITED):
        said = "was refused" if checked.state is KeyState.REFUSED else "could not be checked"
        name = record_of(pane, rotation.key_id).name
        words = f"The new key {said}, so {name} is still the old one. Press r to try again, or to take another."
        pane.notify(words, severity="warning", markup=False, timeout=12)
        return checked
    key = await take_over(pane.services.keys, rotation)
    until = f"{rotation.until.astimezone():%d %b}"
    words = f"{key.name} is the new key now. The old one is kept until {until}: {_WHY}"
    pane.notify(words, markup=False, timeout=10)
    return key


_WHY = "change over what still uses it, then press r to revoke it."


async def _go_on(pane: Pane, rotation: Rotation) -> KeyRecord | None:
    """A rotation that stopped before the new key took over."""
    name = record_of(pane, rotation.key_id).name
    choices = [
        ("check", "Check the new key again", "it takes over when it works"),
        ("undo", "Delete the new key here", f"{name} stays the old one"),
    ]
    answer = await pane.app.push_screen_wait(
        OldKeyDialog(f"Rotating {name}", choices, "The new key is kept beside the old one, and not in use yet.")
    )
    if answer == "check":
        key = await _check(pane, rotation)
        await let_it_end(pane, rotation)
        return key
    return await go_back(pane, rotation) if answer == "undo" else None
