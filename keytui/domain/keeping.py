"""A key on its way in: what is known of it before it is stored, and storing it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from keytui.domain.found import FoundKey
from keytui.domain.keys import KeyKind, KeyRecord, KeyState, KeyStore, Place, VaultTrouble, new_key_id
from keytui.domain.secrets import Secret
from keytui.domain.setup import Progress
from keytui.domain.troubles import Exit, Trouble
from keytui.domain.turn import Background


@dataclass(frozen=True, slots=True)
class Candidate:
    """A key that was pasted or found, and where it is to be sent."""

    secret: Secret
    kind: KeyKind
    words: str
    """The kind with its article: "an OpenAI project key"."""
    base_url: str
    found: FoundKey | None = None
    """Where it was found, when it was not pasted."""

    @property
    def readable_there(self) -> FoundKey | None:
        """The place it was found in, when it can go on being read from there."""
        return self.found if self.found is not None and self.found.place is not None else None


def free_name(wanted: str, records: Iterable[KeyRecord]) -> str:
    """``wanted``, with a number behind it when there is a key of that name."""
    taken = {record.name for record in records}
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


async def known_as(keys: KeyStore, candidate: Candidate) -> KeyRecord | None:
    """The record of this very key for this address, when it is stored already."""
    for record in keys.records():
        if record.base_url != candidate.base_url or record.last4 != candidate.secret.last4:
            continue
        try:
            if await keys.secret(record) == candidate.secret:
                return record
        except VaultTrouble:
            # A place that cannot be read now cannot tell; then the key is stored once more, under another name.
            continue
    return None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to."""

    trouble: Trouble | None = None
    """Where it stopped; None when it passed."""
    accepted: bool = False
    """Whether the server took the key, whatever came after."""

    @property
    def refused(self) -> bool:
        """Whether it is the key itself that was refused."""
        return self.trouble is not None and self.trouble.exit is Exit.AUTHENTICATION and not self.accepted

    @property
    def state(self) -> KeyState:
        """What is now known of the key; a check that did not reach the server says nothing."""
        if self.trouble is None:
            return KeyState.WORKS
        if self.refused:
            return KeyState.REFUSED
        limited = self.accepted or self.trouble.exit in (Exit.CREDIT, Exit.RATE)
        return KeyState.LIMITED if limited else KeyState.UNCHECKED


async def keep_admin_key(keys: KeyStore, secret: Secret, base_url: str, *, place: Place, now: datetime) -> KeyRecord:
    """Store an admin key because the user asked for it. Raises ``VaultTrouble`` and ``StoreUnreadable``."""
    record = KeyRecord(
        id=new_key_id(),
        name=free_name("admin", keys.records()),
        kind=KeyKind.ADMIN,
        base_url=base_url,
        place=place,
        last4=secret.last4,
        created=now,
        note="Manages the organisation; it can ask no model anything.",
    )
    return await keys.add(record, secret)


async def keep(
    keys: KeyStore,
    candidate: Candidate,
    progress: Progress,
    *,
    place: Place,
    name: str,
    checked: Checked,
    now: datetime,
    background: Background,
) -> KeyRecord:
    """Store a key, or bring the record of one that is stored already up to date, and make it the one in use.

    Raises ``VaultTrouble`` and ``StoreUnreadable``.
    """
    plan = progress.plan
    chosen = {
        "default_model": plan.default_model,
        "monthly_cap": plan.cap,
        "state": checked.state,
        "verified": now if checked.state is KeyState.WORKS else None,
    }
    known = await known_as(keys, candidate)
    if known is not None:
        record = replace(known, **chosen)  # type: ignore[arg-type]
        await keys.replace(record)
    else:
        there = candidate.readable_there if place.read_only else None
        record = await keys.add(
            KeyRecord(
                id=new_key_id(),
                name=free_name(name, keys.records()),
                kind=candidate.kind,
                base_url=candidate.base_url,
                place=place,
                last4=candidate.secret.last4,
                created=now,
                organization=there.organization if there else None,
                project_name=plan.project.name if progress.guided else None,
                locator=there.locator if there else None,
                note=plan.project.description,
                **chosen,  # type: ignore[arg-type]
            ),
            candidate.secret,
        )
    await background(partial(keys.activate, record.id))
    return record
