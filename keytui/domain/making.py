"""Making a key on the platform and keeping it here, so that none is left over that nobody knows of.

The platform tells a key's characters once. What is about to be made is written into the agenda first: when the process
is ended before the key is kept, whoever next has the admin key finds it there and revokes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from keytui.domain.admin import AdminPort, Gone
from keytui.domain.admin_troubles import unkept
from keytui.domain.chat import Refused
from keytui.domain.keys import KeyRecord, KeyState, KeyStore, VaultTrouble
from keytui.domain.organization.parts import ProjectKey
from keytui.domain.shapes import kind_of
from keytui.domain.troubles import Exit

if TYPE_CHECKING:
    from keytui.domain.agenda import Agenda

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Making:
    """A key that is being made. Holds no secret."""

    base_url: str
    project_id: str
    account_id: str
    name: str
    """Its name on the platform."""
    before: tuple[str, ...]
    """The ids of the keys that were there before."""
    record_id: str
    """Of the record that it is to be kept under."""
    begun: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """The key that is to be made."""

    project_id: str
    account_id: str
    name: str
    scopes: tuple[str, ...] = ()
    """Empty: all that its account may."""
    expires: datetime | None = None


async def make_and_keep(
    admin: AdminPort, keys: KeyStore, agenda: Agenda, wish: Wish, record: KeyRecord, *, now: datetime
) -> KeyRecord:
    """Make the key, and keep it under ``record``, in its place. Gives the record as kept.

    Raises ``Refused``, ``VaultTrouble`` and ``StoreUnreadable``; a key that could not be kept is revoked again.
    """
    before = tuple(key.id for key in await admin.keys(wish.project_id))
    making = Making(admin.base_url, wish.project_id, wish.account_id, wish.name, before, record.id, now)
    agenda.begin_making(making)
    try:
        made = await admin.make_key(
            wish.project_id,
            wish.account_id,
            wish.name,
            scopes=wish.scopes,
            expires_seconds=None if wish.expires is None else max(1, int((wish.expires - now).total_seconds())),
        )
    except Refused as refused:
        if refused.trouble.exit is not Exit.NETWORK:
            agenda.end_making(making)
        # Otherwise nobody knows whether it was made: it stays written down, and is looked for later.
        raise
    kept = replace(
        record,
        kind=kind_of(made.secret.reveal()),
        last4=made.secret.last4,
        created=now,
        expires=made.expires or wish.expires,
        scopes=wish.scopes,
        platform_id=made.id,
        project=wish.project_id,
        state=KeyState.UNCHECKED,
        verified=None,
        last_used=None,
    )
    try:
        kept = await keys.add(kept, made.secret)
    except VaultTrouble as trouble:
        raise VaultTrouble(await _taken_back(admin, agenda, making, made.id, str(trouble))) from None
    agenda.end_making(making)
    return kept


async def _taken_back(admin: AdminPort, agenda: Agenda, making: Making, key_id: str, why: str) -> str:
    """Revoke a key that could not be kept; what came of it, in words."""
    try:
        await admin.revoke_key(making.project_id, key_id)
    except Refused:
        revoked = False
    else:
        revoked = True
        agenda.end_making(making)
    trouble = unkept(why, revoked=revoked)
    return f"{trouble.title} {trouble.remedy}"


async def settle(admin: AdminPort, keys: KeyStore, agenda: Agenda) -> tuple[str, ...]:
    """Finish what an ended keytui had begun to make in this organisation; one sentence for each.

    A key that was made but never kept is revoked: its characters are lost. Raises ``Refused`` and ``StoreUnreadable``.
    """
    said = []
    for making in agenda.makings():
        if making.base_url != admin.base_url:
            continue
        await keys.heal()
        kept = any(record.kept_as == making.record_id for record in keys.records())
        for key in () if kept else await _left_over(admin, making):
            await admin.revoke_key(making.project_id, key.id)
            said.append(
                f"The key “{making.name}” ({key.redacted}) was made but could not be kept when keytui was ended; it is "
                "revoked."
            )
        agenda.end_making(making)
    return tuple(said)


async def _left_over(admin: AdminPort, making: Making) -> list[ProjectKey]:
    """What was made and never kept: of that name and account, not there before, and never used, since nobody has it."""
    try:
        keys = await admin.keys(making.project_id)
    except Gone:
        return []
    return [
        key
        for key in keys
        if key.name == making.name
        and key.account_id == making.account_id
        and key.id not in making.before
        and key.last_used is None
        and (key.created is None or key.created >= making.begun - _DAY)
    ]
