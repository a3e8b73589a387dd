"""Choosing and opening the place where a key is kept."""

from __future__ import annotations

from keytui.adapters.keystore import Keys
from keytui.cli.asking import NotAsked, hidden, interactive, new_passphrase, passphrase_from_fd
from keytui.cli.ending import Stopped
from keytui.cli.saying import say
from keytui.domain.keys import FileState, KeyRecord, Place
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Exit
from keytui.domain.vaults import WrongPassphrase

TRIES = 3
"""How often a passphrase is asked for."""


async def choose(keys: Keys, wanted: str | None, passphrase_fd: int | None) -> Place:
    """The place for a new key, ready to take it: the one wanted, else the keyring, else the encrypted file.

    Raises ``Stopped`` when no place lasts longer than this command, ``NotAsked`` when a passphrase is missing.
    """
    if wanted is not None:
        place = Place(wanted)
        await prepare(keys, place, passphrase_fd)
        return place
    reports = await keys.places()
    keyring = next((report for report in reports if report.place is Place.KEYRING), None)
    if keyring is not None and keyring.usable:
        return Place.KEYRING
    if passphrase_fd is None and not interactive():
        why = keyring.reason if keyring is not None else "There is no keyring here."
        raise Stopped(f"{why} To keep it in the encrypted file, add: --vault file --passphrase-fd N", Exit.VAULT)
    await prepare(keys, Place.FILE, passphrase_fd)
    return Place.FILE


async def prepare(keys: Keys, place: Place, passphrase_fd: int | None) -> None:
    """Open the encrypted file, if that is the place. Raises ``VaultTrouble`` and ``NotAsked``."""
    if place is not Place.FILE or keys.file_state is FileState.OPEN:
        return
    if passphrase_fd is not None:
        _remark(await keys.unlock(passphrase_from_fd(passphrase_fd)))
        return
    if keys.file_state is FileState.MISSING:
        _remark(await keys.unlock(new_passphrase()))
        return
    for attempt in range(1, TRIES + 1):
        try:
            _remark(await keys.unlock(_asked()))
            return
        except WrongPassphrase:
            if attempt == TRIES:
                raise


async def open_if_needed(keys: Keys, record: KeyRecord, passphrase_fd: int | None) -> None:
    """Open the encrypted file, if a key is in there. Raises ``VaultTrouble`` and ``NotAsked``."""
    await prepare(keys, record.place, passphrase_fd)


def can_open(keys: Keys, passphrase_fd: int | None) -> bool:
    """Whether the encrypted file is open, or can be opened without asking anybody."""
    return keys.file_state is FileState.OPEN or (passphrase_fd is not None and keys.file_state is FileState.LOCKED)


def _remark(sentence: str) -> None:
    """Say what is to be known of the file that was opened."""
    if sentence:
        say(sentence)


def _asked() -> Secret:
    try:
        return hidden("Passphrase of the encrypted file: ", missing="")
    except NotAsked:
        raise NotAsked("The encrypted file needs its passphrase: add --passphrase-fd N.") from None
