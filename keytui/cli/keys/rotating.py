"""``keytui keys rotate``: each call does the next step, and says what the one after it is."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from datetime import UTC, datetime

from keytui.adapters.agenda import AgendaFile
from keytui.adapters.keystore import Keys
from keytui.adapters.paths import find
from keytui.cli.asking import from_stdin, hidden
from keytui.cli.ending import Stopped
from keytui.cli.keys.checking import Check
from keytui.cli.keys.places import choose, open_if_needed
from keytui.cli.keys.words import as_data, called, stage_data
from keytui.cli.saying import give, say
from keytui.domain.addresses import is_openai
from keytui.domain.keys import KeyRecord
from keytui.domain.paste import clean
from keytui.domain.rotation import OVERLAP, Phase, Rotation, begin, end, phase, take_over, under_way, undo
from keytui.domain.troubles import Exit
from keytui.domain.troubles.pages import address

_WORKING = (Exit.DONE, Exit.CREDIT, Exit.RATE)
"""Ends of a check after which the new key takes over: it was accepted, even if it cannot be used right now."""


async def rotate(keys: Keys, options: Namespace) -> int:
    """Begin a rotation, go on with one that was interrupted, or end it (``--revoke``, ``--revoked``, ``--undo``)."""
    from keytui.cli.keys.rotating_automatically import let_it_end, move_end, revoke

    now = datetime.now(UTC)
    agenda = AgendaFile(find(practice=options.practice).agenda_file)
    record = called(keys, options.name)
    rotation = under_way(agenda, keys.records(), record, now)
    until = _day(options.until, now)
    if (options.undo or options.revoked or options.revoke) and rotation is None:
        raise Stopped(f"no rotation of “{record.name}” is under way.", Exit.USAGE)
    if rotation is not None:
        record = called(keys, rotation.key_id)
    await open_if_needed(keys, record, options.passphrase_fd)
    if rotation is None:
        return await _begun(keys, agenda, record, options, until or now + OVERLAP, now)
    if options.undo:
        return await _undone(keys, agenda, rotation, record, options)
    if phase(rotation, keys.records(), now) in (Phase.CHECK, Phase.SWAP):
        if options.revoked or options.revoke:
            raise Stopped(f"the new key of “{record.name}” has not taken over yet: run this without --revoked first.")
        status = await _check(keys, rotation, options)
        await let_it_end(keys, agenda, rotation, record, options, now)
        return status
    if options.revoke:
        await revoke(keys, rotation, record, options)
        return await _done(keys, agenda, rotation, record, options)
    if options.revoked:
        return await _believed(keys, agenda, rotation, record, options)
    if until is not None:
        rotation = replace(rotation, until=until)
        if rotation.old_key_id is not None:
            await move_end(keys, agenda, rotation, record, options, now)
        else:
            agenda.keep(rotation)
    else:
        await let_it_end(keys, agenda, rotation, record, options, now)
    return _told(keys, rotation, record, options, [])


async def _begun(
    keys: Keys, agenda: AgendaFile, record: KeyRecord, options: Namespace, until: datetime, now: datetime
) -> int:
    """Begin: the new key is made by an admin key, or taken from the user; then it is checked."""
    if not options.automatic:
        rotation = await _begin(keys, agenda, record, options, until, now)
        return await _check(keys, rotation, options)
    from keytui.cli.keys.rotating_automatically import begin_automatically

    async with begin_automatically(keys, agenda, record, options, until=until, now=now) as rotation:
        return await _check(keys, rotation, options)


async def _begin(
    keys: Keys, agenda: AgendaFile, record: KeyRecord, options: Namespace, until: datetime, now: datetime
) -> Rotation:
    """Take the new key, and keep it beside the old one. Raises ``Stopped``."""
    place = record.place
    if place.read_only:
        place = await choose(keys, options.vault, options.passphrase_fd)
    if not options.stdin:
        where = address("keys") if is_openai(record.base_url) else "the same place as the old one"
        say(f"make a new key on {where}, with the same project and permissions; or let an admin key: --automatic.")
    written = (
        from_stdin()
        if options.stdin
        else hidden(
            "Paste the new key (it stays hidden): ",
            missing="There is no terminal to ask on: add --stdin, or --automatic.",
        ).reveal()
    )
    pasted = clean(written, base_url=record.base_url)
    if pasted.problem:
        raise Stopped(pasted.problem, Exit.AUTHENTICATION)
    if pasted.removed:
        say(pasted.removed)
    return await begin(keys, agenda, record, pasted.secret, now=now, until=until, place=place)


async def _check(keys: Keys, rotation: Rotation, options: Namespace) -> int:
    """Check the new key; when it works it takes over at once."""
    successor = called(keys, rotation.successor_id)
    check = Check(keys)
    status = await check.run(await keys.secret(successor), successor)
    noted = check.noted(successor)
    if noted is not successor:
        await keys.replace(noted)
    if status not in _WORKING:
        name = called(keys, rotation.key_id).name
        again = f"“keytui keys rotate {name}” tries again, with --undo it deletes the new key"
        say(f"the new key did not pass, so “{name}” is still the old one. {again}.")
        return status
    key = await take_over(keys, rotation)
    return _told(keys, rotation, key, options, [stage_data(stage) for stage in check.stages])


def _told(keys: Keys, rotation: Rotation, key: KeyRecord, options: Namespace, stages: list[dict[str, object]]) -> int:
    old = called(keys, rotation.successor_id)
    if options.json:
        rotated = {"until": rotation.until.isoformat(), "old": old.name, "old_last4": old.last4, "stages": stages}
        give({**as_data(key, keys.active()), "rotation": rotated})
        return Exit.DONE
    where = f" on {address('keys')}" if is_openai(key.base_url) else ""
    then = f"revoke it{where}, then run: keytui keys rotate {key.name} --revoked"
    if rotation.old_key_id is not None:
        then = f"then run: keytui keys rotate {key.name} --revoke"
    say(
        f"“{key.name}” is the new key (…{key.last4}). The old one (…{old.last4}) is kept as “{old.name}” until "
        f"{rotation.until.astimezone():%Y-%m-%d}: change over what still uses it, {then}"
    )
    return Exit.DONE


async def _undone(keys: Keys, agenda: AgendaFile, rotation: Rotation, record: KeyRecord, options: Namespace) -> int:
    """Go back to the old key; a new one that an admin key made is revoked first."""
    if rotation.project_id is not None:
        from keytui.cli.keys.rotating_automatically import revoke_new

        await revoke_new(keys, rotation, record, options)
    await undo(keys, agenda, rotation)
    left = "" if rotation.project_id is not None else " On the platform it is valid until revoked."
    say(f"“{record.name}” is the old key; the new one is deleted here.{left}")
    return Exit.DONE


async def _believed(keys: Keys, agenda: AgendaFile, rotation: Rotation, record: KeyRecord, options: Namespace) -> int:
    """Believe that the old key is revoked only when its server says so, or with ``--yes``."""
    old = called(keys, rotation.successor_id)
    if not options.yes:
        status = await Check(keys).run(await keys.secret(old), old)
        if status is not Exit.AUTHENTICATION:
            said = "still works" if status is Exit.DONE else "could not be checked, or is only limited"
            say(f"nothing was deleted: the old key {said}. Revoke it first, or add --yes to delete it here anyway.")
            return Exit.FAILED if status is Exit.DONE else status
    return await _done(keys, agenda, rotation, record, options)


async def _done(keys: Keys, agenda: AgendaFile, rotation: Rotation, record: KeyRecord, options: Namespace) -> int:
    await end(keys, agenda, rotation)
    if options.json:
        give(as_data(record, keys.active()))
    else:
        say(f"the rotation of “{record.name}” is done: its old key is deleted here.")
    return Exit.DONE


def _day(written: str | None, now: datetime) -> datetime | None:
    if written is None:
        return None
    try:
        until = datetime.strptime(written, "%Y-%m-%d").astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Stopped("--until takes a day such as 2027-03-31.", Exit.USAGE) from None
    if until <= now:
        raise Stopped("--until takes a day to come.", Exit.USAGE)
    return until
