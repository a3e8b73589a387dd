"""``keytui keys add`` and ``import``."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from keytui.adapters.keystore import Keys
from keytui.cli.address import put_right
from keytui.cli.asking import from_stdin, hidden, interactive, yes
from keytui.cli.ending import Stopped
from keytui.cli.keys.changing import fitting_name
from keytui.cli.keys.checking import Check
from keytui.cli.keys.places import choose
from keytui.cli.keys.words import PLACES, as_data, stage_data, table
from keytui.cli.saying import give, say
from keytui.domain.found import FoundKey
from keytui.domain.keys import KeyRecord, Place, new_key_id
from keytui.domain.paste import clean
from keytui.domain.secrets import Secret
from keytui.domain.shapes import kind_of
from keytui.domain.troubles import Exit
from keytui.domain.vaults import NameTaken

_KEEPING = (Exit.DONE, Exit.CREDIT, Exit.RATE)
"""Ends of a check after which a key is kept: it was accepted, even if it cannot be used right now."""


async def add(keys: Keys, options: Namespace) -> int:
    """Keep a new key: cleaned, verified, stored, read back."""
    name = _free(keys, fitting_name(options.name))
    address = put_right(options.base_url or os.environ.get("OPENAI_BASE_URL") or "")
    if options.base_url is None and os.environ.get("OPENAI_BASE_URL"):
        say(f"OPENAI_BASE_URL is set, so this key will be for {address} only; --base-url says otherwise.")
    pasted = clean(_characters(options), base_url=address)
    if pasted.problem:
        raise Stopped(pasted.problem, Exit.AUTHENTICATION)
    # A check says the same about the shape, so the warnings are for those who decline it.
    for sentence in (pasted.removed, *(pasted.warnings if options.no_verify else ())):
        if sentence:
            say(sentence)
    record = KeyRecord(new_key_id(), name, pasted.kind, address, Place.SESSION, "", datetime.now(UTC))
    return await _take(keys, record, pasted.secret, options, copy=True)


async def bring_in(keys: Keys, options: Namespace) -> int:
    """Take up a key that lies on this machine; without a name, list what was found."""
    from keytui.adapters.found import look_around

    found = (await look_around(os.environ, Path.cwd(), home=Path.home())).keys
    if options.name is None:
        return _list(found, as_json=options.json)
    name = _free(keys, fitting_name(options.name))
    if options.source is None:
        raise Stopped("say which one with --from; “keytui keys import” lists what was found.", Exit.USAGE)
    source = await _source(options.source, found)
    address = put_right(options.base_url or source.base_url)
    # Only read where it is, unless it lies in another program's file or a vault is named.
    copy = source.place is None or options.vault is not None
    record = KeyRecord(
        new_key_id(),
        name,
        source.kind,
        address,
        Place.SESSION if source.place is None else source.place,
        source.last4,
        datetime.now(UTC),
        organization=source.organization,
        project=source.project,
        locator=None if copy else source.locator,
    )
    return await _take(keys, record, source.secret, options, copy=copy)


async def _take(keys: Keys, record: KeyRecord, secret: Secret, options: Namespace, *, copy: bool) -> int:
    """Verify a key, unless that was declined, then keep it where it was asked for; say where."""
    if copy:
        # The place first: a passphrase that is missing should not come to light after the check.
        record = replace(record, place=await choose(keys, options.vault, options.passphrase_fd))
    check = Check(keys)
    if not options.no_verify:
        sys.stderr.write(f"{record.name} (…{secret.last4}) at {record.base_url}\n")
        status = await check.run(secret, record)
        if status not in _KEEPING:
            _ask_to_keep(status)
        record = check.noted(record)
    kept = await keys.add(record, secret)
    active = keys.active()
    if options.json:
        give({**as_data(kept, active), "stages": [stage_data(stage) for stage in check.stages]})
    if kept.place is Place.SESSION:
        say(f"“{kept.name}” was for this session only, which ends now: nothing was kept. Leave out --vault to keep it.")
    else:
        verb = "is kept in" if copy else "is read from"
        in_use = " It is the active key." if active is not None and active.id == kept.id else ""
        say(f"“{kept.name}” (…{kept.last4}) {verb} the {PLACES[kept.place]}, for {kept.base_url} only.{in_use}")
    return Exit.DONE


def _ask_to_keep(status: Exit) -> None:
    """Go on only when the server could not be asked and the user wants the key all the same. Raises ``Stopped``."""
    if status is Exit.NETWORK and interactive() and yes("The server could not be asked. Keep the key unverified?"):
        return
    if status is Exit.NETWORK:
        raise Stopped("nothing was kept, since the key could not be verified; --no-verify keeps it as it is.", status)
    raise Stopped("nothing was kept, since the key did not pass; --no-verify keeps it all the same.", status)


def _characters(options: Namespace) -> str:
    """What was typed, pasted or handed in."""
    if options.stdin:
        return from_stdin()
    return hidden("Paste the key (it stays hidden): ", missing="There is no terminal to ask on: add --stdin.").reveal()


def _free(keys: Keys, name: str) -> str:
    """The name, if no key has it yet: better said before the key is asked for."""
    if keys.named(name) is not None:
        raise NameTaken(f"There is a key named “{name}” already; choose another name, or remove it first.")
    return name


def _list(found: tuple[FoundKey, ...], *, as_json: bool) -> int:
    """Show the keys that were found, without their characters."""
    if as_json:
        give(
            [
                {
                    "from": _label(key),
                    "where": key.where,
                    "kind": key.kind.name.lower(),
                    "last4": key.last4,
                    "base_url": key.base_url,
                }
                for key in found
            ]
        )
        return Exit.DONE
    if not found:
        say("no key was found in the environment, in .env of this folder, or in other programs' files.")
        return Exit.DONE
    rows = [("FROM", "KEY", "KIND", "WHERE")]
    rows += [(_label(key), f"…{key.last4}", key.kind.value, key.where) for key in found]
    sys.stdout.write(table(rows))
    say("import one with: keytui keys import NAME --from FROM (it stays where it is; --vault copies it)")
    return Exit.DONE


def _label(key: FoundKey) -> str:
    """What ``--from`` calls a found key."""
    variable = key.locator.rpartition("#")[2]
    if key.place is Place.ENVIRONMENT:
        return f"environment:{variable}"
    if key.place is Place.DOTENV:
        return f"dotenv:{variable}"
    return key.locator


async def _source(wanted: str, found: tuple[FoundKey, ...]) -> FoundKey:
    """The key that ``--from`` means. Raises ``Stopped``."""
    if wanted.startswith("command:"):
        return _from_command(wanted.removeprefix("command:"))
    for key in found:
        label = _label(key)
        if wanted in (label, label.partition(":")[0]) and key.locator.rpartition("#")[2] != "OPENAI_ADMIN_KEY":
            return key
        if wanted == label:
            return key
    raise Stopped(f"no key was found there ({wanted}); “keytui keys import” lists what was found.", Exit.FAILED)


def _from_command(command: str) -> FoundKey:
    """The key that a command prints. Raises ``Stopped``."""
    from keytui.adapters.key_sources import Unreadable, from_command

    try:
        characters = from_command(command, terminal=True)
    except Unreadable as error:
        raise Stopped(str(error), Exit.VAULT) from None
    secret = Secret(characters)
    return FoundKey(f"the command “{command}”", Place.COMMAND, command, kind_of(characters), secret.last4, secret)
