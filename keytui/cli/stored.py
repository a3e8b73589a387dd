"""The characters of a kept key, for commands without an event loop of their own."""

from __future__ import annotations

import asyncio
import sys

from keytui.adapters.keystore import Keys, open_keys
from keytui.adapters.paths import find
from keytui.cli.asking import NotAsked, passphrase_from_fd, passphrase_from_terminal
from keytui.domain.keys import FileState, Place, StoreUnreadable, VaultTrouble
from keytui.domain.secrets import Secret


class Unavailable(Exception):
    """The key cannot be had; the text is one sentence with the next step."""


def characters_of(key_id: str, passphrase_fd: int | None) -> str:
    """The characters of a key in the keyring or the encrypted file, for the environment of the program to start.

    The passphrase comes from ``passphrase_fd``, or is asked on the terminal (never on stdin, which is the program's).
    Raises ``Unavailable``.
    """
    try:
        return asyncio.run(_secret(open_keys(find()), key_id, passphrase_fd)).reveal()
    except (VaultTrouble, StoreUnreadable, NotAsked) as error:
        raise Unavailable(str(error)) from None


def note_use(key_id: str) -> None:
    """Note that a key is in use. That this cannot be written is no reason not to start the program."""

    async def note() -> None:
        keys = open_keys(find())
        await keys.used(key_id)

    try:
        asyncio.run(note())
    except (VaultTrouble, StoreUnreadable):
        return


async def _secret(keys: Keys, key_id: str, passphrase_fd: int | None) -> Secret:
    record = next((known for known in keys.records() if known.id == key_id), None)
    if record is None:
        raise Unavailable("This key was removed a moment ago: choose another one.")
    if record.place is Place.FILE:
        await open_file(keys, passphrase_fd)
    return await keys.secret(record)


async def open_file(keys: Keys, passphrase_fd: int | None) -> None:
    """Unlock the encrypted file, when it is not open yet. Raises ``VaultTrouble`` and ``NotAsked``."""
    if keys.file_state is FileState.OPEN:
        return
    if passphrase_fd is not None:
        passphrase = passphrase_from_fd(passphrase_fd)
    else:
        passphrase = passphrase_from_terminal("Passphrase of the encrypted file: ")
    if remark := await keys.unlock(passphrase):
        sys.stderr.write(f"keytui: {remark}\n")
