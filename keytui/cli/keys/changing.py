"""``keytui keys list``, ``use``, ``rename``, ``move`` and ``remove``."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import replace

from keytui.adapters.keystore import Keys
from keytui.cli.asking import NotAsked, interactive, yes
from keytui.cli.ending import Stopped
from keytui.cli.keys.places import open_if_needed, prepare
from keytui.cli.keys.words import PLACES, as_data, called, listing
from keytui.cli.saying import give, say
from keytui.domain import key_edit
from keytui.domain.keys import KeyRecord, Place
from keytui.domain.troubles import Exit


def fitting_name(name: str) -> str:
    """A name as it may be used. Raises ``Stopped``; what looks like a key is not echoed."""
    try:
        return key_edit.fitting_name(name)
    except key_edit.NotFitting as why:
        raise Stopped(str(why), Exit.USAGE) from None


async def show(keys: Keys, options: Namespace) -> int:
    """List all keys."""
    records, active = keys.records(), keys.active()
    if options.json:
        give({"active": active and active.name, "keys": [as_data(record, active) for record in records]})
    elif records:
        sys.stdout.write(listing(records, active))
    else:
        say("there are no keys yet: add one with “keytui keys add NAME”, or run “keytui setup”.")
    return Exit.DONE


async def use(keys: Keys, options: Namespace) -> int:
    """Make a key the active one."""
    record = called(keys, options.name)
    keys.activate(record.id)
    return _done(keys, record, options, f"“{record.name}” is the active key now.")


async def rename(keys: Keys, options: Namespace) -> int:
    """Give a key another name."""
    record = called(keys, options.name)
    renamed = replace(record, name=fitting_name(options.new_name))
    await keys.replace(renamed)
    return _done(keys, renamed, options, f"“{record.name}” is called “{renamed.name}” now.")


async def move(keys: Keys, options: Namespace) -> int:
    """Keep a key in another place."""
    record, place = called(keys, options.name), Place(options.vault)
    if place is Place.SESSION:
        raise Stopped(
            "a session ends with its command, and the key with it: move keys to this session inside the app, or use "
            f"“keytui keys remove {record.name}”.",
            Exit.USAGE,
        )
    await open_if_needed(keys, record, options.passphrase_fd)
    await prepare(keys, place, options.passphrase_fd)
    moved = await keys.move(record.id, place)
    return _done(keys, moved, options, f"“{moved.name}” is kept in the {PLACES[place]} now, and nowhere else.")


async def remove(keys: Keys, options: Namespace) -> int:
    """Delete a key here."""
    record = called(keys, options.name)
    if not options.yes:
        if not interactive():
            raise NotAsked(f"“{record.name}” is removed only when that is confirmed: add --yes.")
        if not yes(
            f"Delete “{record.name}” (…{record.last4}) from the {PLACES[record.place]}? It is shown nowhere again."
        ):
            say("nothing was deleted.")
            return Exit.FAILED
    await open_if_needed(keys, record, options.passphrase_fd)
    await keys.forget(record.id)
    where = "was only read there and stays" if record.place.read_only else "is gone"
    return _done(
        keys,
        record,
        options,
        f"“{record.name}” {where}. On the platform the key stays valid until it is revoked there.",
    )


def _done(keys: Keys, record: KeyRecord, options: Namespace, text: str) -> int:
    if options.json:
        give(as_data(record, keys.active()))
    else:
        say(text)
    return Exit.DONE
