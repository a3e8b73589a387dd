"""``keytui keys rotate --automatic`` and ``--revoke``: what an admin key does in a rotation."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from keytui.adapters.agenda import AgendaFile
from keytui.adapters.keystore import Keys
from keytui.cli.asking import NotAsked
from keytui.cli.ending import Stopped
from keytui.cli.keys.places import choose
from keytui.cli.keys.words import called
from keytui.cli.organization import organization
from keytui.cli.saying import say
from keytui.domain import automatic_rotation
from keytui.domain.automatic_rotation import Heir
from keytui.domain.key_edit import NotFitting
from keytui.domain.keys import KeyRecord
from keytui.domain.making import settle
from keytui.domain.organization import writing
from keytui.domain.plan_lines import listed
from keytui.domain.rotation import Rotation
from keytui.domain.troubles import Exit


@asynccontextmanager
async def begin_automatically(
    keys: Keys, agenda: AgendaFile, record: KeyRecord, options: Namespace, *, until: datetime, now: datetime
) -> AsyncIterator[Rotation]:
    """Let an admin key make the new key; once it has taken over, let the platform end the old one by itself.

    Raises ``Stopped``, ``NotAsked``, ``VaultTrouble`` and ``StoreUnreadable``.
    """
    if not automatic_rotation.possible(record):
        raise Stopped(f"the platform makes no {record.kind.value} by itself: leave out --automatic, and paste it.")
    place = record.place
    if place.read_only:
        place = await choose(keys, options.vault, options.passphrase_fd)
    async with organization(keys, options, record.base_url) as admin:
        for sentence in await settle(admin, keys, agenda):
            say(sentence)
        heir = await automatic_rotation.prepare(admin, keys, record, now)
        scopes, expires = _scopes(options.scopes, heir), _expires(options.expires, heir, now)
        may = listed(scopes, empty="all that its account may")
        life = f"ends after {expires.astimezone():%Y-%m-%d}" if expires else "never ends"
        say(f"a new key for {heir.account_name} in {heir.project.name}, which {life}, and may do: {may}.")
        rotation = await automatic_rotation.begin(
            admin, keys, agenda, record, heir, scopes=scopes, expires=expires, now=now, until=until, place=place
        )
        yield rotation
        if automatic_rotation.lacks_end(rotation, keys.records(), now):
            await automatic_rotation.let_it_end(admin, agenda, rotation, now)
            _say_end(rotation)


async def let_it_end(
    keys: Keys, agenda: AgendaFile, rotation: Rotation, record: KeyRecord, options: Namespace, now: datetime
) -> None:
    """What an interrupted rotation left undone: let the platform end the old key by itself. Raises ``Stopped``.

    Without an admin key at hand it is only said.
    """
    if not automatic_rotation.lacks_end(rotation, keys.records(), now):
        return
    try:
        async with organization(keys, options, record.base_url) as admin:
            await automatic_rotation.let_it_end(admin, agenda, rotation, now)
    except NotAsked as why:
        say(f"the old key does not end by itself yet. {why}")
    else:
        _say_end(rotation)


def _say_end(rotation: Rotation) -> None:
    day = f"{rotation.until.astimezone():%Y-%m-%d}"
    say(f"on the platform the old key ends by itself on {day}, or when it was to end.")


async def revoke(keys: Keys, rotation: Rotation, record: KeyRecord, options: Namespace) -> None:
    """Revoke the old key on the platform. Raises ``Stopped``."""
    if rotation.old_key_id is None:
        raise Stopped(
            "the new key was pasted, so keytui does not know which of the platform's keys the old one is: revoke it "
            "there, then say --revoked.",
            Exit.USAGE,
        )
    async with organization(keys, options, record.base_url) as admin:
        await automatic_rotation.revoke_old(admin, rotation)


async def move_end(
    keys: Keys, agenda: AgendaFile, rotation: Rotation, record: KeyRecord, options: Namespace, now: datetime
) -> None:
    """Let the platform end the old key at the rotation's new moment. Raises ``Stopped``."""
    async with organization(keys, options, record.base_url) as admin:
        await automatic_rotation.move_end(admin, agenda, rotation, now)


async def revoke_new(keys: Keys, rotation: Rotation, record: KeyRecord, options: Namespace) -> None:
    """Revoke the new key of a rotation that is undone. Raises ``Stopped``."""
    new = record if record.kept_as == rotation.successor_id else called(keys, rotation.successor_id)
    async with organization(keys, options, record.base_url) as admin:
        await automatic_rotation.revoke_new(admin, rotation, new)


def _scopes(written: str | None, heir: Heir) -> tuple[str, ...]:
    if written is None:
        if heir.scopes is None:
            raise Stopped(
                "the platform does not tell what the old key may do: say it with --scopes, such as "
                "api.model.read,api.model.request,api.responses.write, or --scopes all.",
                Exit.USAGE,
            )
        return heir.scopes
    try:
        return () if written == "all" else writing.scopes(written)
    except NotFitting as why:
        raise Stopped(f"--scopes: {why}", Exit.USAGE) from None


def _expires(written: str | None, heir: Heir, now: datetime) -> datetime | None:
    if written is None:
        return heir.expires
    try:
        return None if written == "never" else writing.end(written, now)
    except NotFitting as why:
        raise Stopped(f"--expires: {why}", Exit.USAGE) from None
