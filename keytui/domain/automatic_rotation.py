"""Rotating with an admin key: the platform makes the new key and ends the old one, and nothing has to be pasted.

    heir = await prepare(admin, keys, record, now)             # what will be made; show it
    rotation = await begin(admin, keys, agenda, record, heir, …)
    …                                                          # checked and taken over as any rotation is
    await let_it_end(admin, agenda, rotation, now)             # the old key ends by itself at the chosen moment
    await revoke_old(admin, rotation)                          # or at once

Interrupted anywhere, ``domain.making.settle`` revokes a key that was made and not kept; whatever was kept is gone on
with by ``domain.rotation``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from keytui.domain.admin import AdminPort
from keytui.domain.agenda import Agenda
from keytui.domain.keys import FileState, KeyKind, KeyRecord, KeyStore, Place, VaultTrouble, new_key_id
from keytui.domain.making import Wish, make_and_keep
from keytui.domain.organization.parts import Project, ProjectKey, ServiceAccount
from keytui.domain.plan_rules import DEFAULT_PROJECT, LONGEST_LIFE
from keytui.domain.platform_keys import find
from keytui.domain.rotation import Phase, Rotation, phase, successor_of

LIFE = timedelta(days=90)
"""How long the new key lives where the old one had no end."""
LONGEST = timedelta(days=LONGEST_LIFE)


@dataclass(frozen=True, slots=True)
class Heir:
    """What the new key will be."""

    project: Project
    old: ProjectKey
    account: ServiceAccount | None
    """The service account that will own it; None: one has to be made, since the old key belongs to a person."""
    account_name: str
    scopes: tuple[str, ...] | None
    """What the old key may do, where that is known; the platform does not tell."""
    expires: datetime


def possible(record: KeyRecord) -> bool:
    """Whether the platform can make a successor: it makes no legacy keys, and admin keys are made by hand."""
    return record.kind not in (KeyKind.ADMIN, KeyKind.LEGACY)


async def prepare(admin: AdminPort, keys: KeyStore, record: KeyRecord, now: datetime) -> Heir:
    """What the successor of a key will be; changes nothing. Raises ``Refused`` and ``VaultTrouble``."""
    locked = record.place is Place.FILE and keys.file_state is not FileState.OPEN
    secret = None if locked or record.place is Place.COMMAND else await keys.secret(record)
    project, old = await find(admin, record, secret)
    accounts = await admin.service_accounts(project.id)
    if old.account_id is not None:
        account = next((each for each in accounts if each.id == old.account_id), None)
        if account is None:
            raise VaultTrouble(f"The service account of “{record.name}” is gone, and the key with it: make a new key.")
    else:
        account = next((each for each in accounts if each.name == record.name), None)
        if account is None and project.name.casefold() == DEFAULT_PROJECT:
            raise VaultTrouble(
                f"“{record.name}” is a person's key in the Default project, where no admin key can make another: make "
                "it on the platform's page and paste it, or let set-up make a project with a key of its own."
            )
    life = LIFE if old.expires is None or old.created is None else max(LIFE, old.expires - old.created)
    return Heir(
        project, old, account, record.name if account is None else account.name, record.scopes, now + min(life, LONGEST)
    )


async def begin(
    admin: AdminPort,
    keys: KeyStore,
    agenda: Agenda,
    record: KeyRecord,
    heir: Heir,
    *,
    scopes: tuple[str, ...],
    expires: datetime | None,
    now: datetime,
    until: datetime,
    place: Place,
) -> Rotation:
    """Make the new key, and keep it beside the old one, in ``place``.

    Raises ``Refused``, ``VaultTrouble`` and ``StoreUnreadable``; nothing is left over then.
    """
    account = heir.account or await admin.make_service_account(heir.project.id, heir.account_name)
    if account.role not in ("member", "owner"):
        await admin.set_account_role(heir.project.id, account.id, "member")
    rotation = Rotation(record.id, new_key_id(), now, until, heir.project.id, heir.old.id)
    # Written down first: a new key that nobody knows of would be one too many.
    agenda.keep(rotation)
    wish = Wish(heir.project.id, account.id, heir.old.name or record.name, scopes, expires)
    try:
        await make_and_keep(admin, keys, agenda, wish, successor_of(record, rotation, place), now=now)
    except Exception:
        # Whatever it was, there is no new key here: what may be left on the platform is noted elsewhere.
        agenda.drop(rotation)
        raise
    return rotation


async def old_key(admin: AdminPort, rotation: Rotation) -> ProjectKey | None:
    """The platform's entry of the old key; None when it is gone. Raises ``Refused``."""
    assert rotation.project_id is not None
    return next((key for key in await admin.keys(rotation.project_id) if key.id == rotation.old_key_id), None)


def lacks_end(rotation: Rotation, records: Sequence[KeyRecord], now: datetime) -> bool:
    """Whether the new key is in use, and the platform was not told yet when to end the old one.

    So it is when keytui was ended in between. Once the moment has passed, the user is asked before anything ends.
    """
    automatic = rotation.old_key_id is not None
    return automatic and not rotation.end_set and phase(rotation, records, now) is Phase.OVERLAP


async def let_it_end(admin: AdminPort, agenda: Agenda, rotation: Rotation, now: datetime) -> None:
    """Let the platform end the old key at the rotation's moment, whatever becomes of keytui.

    A key that ends earlier anyway is left as it is. Raises ``Refused`` and ``StoreUnreadable``.
    """
    old = await old_key(admin, rotation)
    if old is not None and (old.expires is None or old.expires > rotation.until):
        await _set_end(admin, rotation, old, now)
    agenda.keep(replace(rotation, end_set=True))


async def move_end(admin: AdminPort, agenda: Agenda, rotation: Rotation, now: datetime) -> None:
    """Let the old key end at the rotation's new moment, earlier or later. Raises as ``let_it_end``."""
    old = await old_key(admin, rotation)
    if old is not None:
        await _set_end(admin, rotation, old, now)
    agenda.keep(replace(rotation, end_set=True))


async def _set_end(admin: AdminPort, rotation: Rotation, old: ProjectKey, now: datetime) -> None:
    """The longest life that the platform gives is as near as it gets to a later moment."""
    seconds = min(max(1.0, (rotation.until - now).total_seconds()), LONGEST.total_seconds())
    assert rotation.project_id is not None
    await admin.set_key_life(rotation.project_id, old.id, int(seconds))


async def revoke_old(admin: AdminPort, rotation: Rotation) -> None:
    """Revoke the old key; it is no trouble when that was done before. Raises ``Refused``."""
    assert rotation.project_id is not None
    assert rotation.old_key_id is not None
    await admin.revoke_key(rotation.project_id, rotation.old_key_id)


async def revoke_new(admin: AdminPort, rotation: Rotation, new: KeyRecord) -> None:
    """Revoke the new key of a rotation that is undone. Raises ``Refused``."""
    if rotation.project_id is not None and new.platform_id is not None:
        await admin.revoke_key(rotation.project_id, new.platform_id)
