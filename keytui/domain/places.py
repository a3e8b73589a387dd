"""Where keys are kept on this machine, and where a new one can be, told before it is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from keytui.domain.keys import FileState, KeyStore, Place

FORGOTTEN = "Nobody can recover a forgotten passphrase: the keys in the file would have to be made anew."

KEPT = {
    Place.KEYRING: "in the system keyring",
    Place.FILE: "in the encrypted file",
    Place.SESSION: "in memory, until keytui ends",
    Place.ENVIRONMENT: "in the environment, where it was",
    Place.DOTENV: "in the file it was found in",
    Place.COMMAND: "behind the command that prints it",
}
"""Where a key is, to be read after its name."""


def in_a_word(place: Place) -> str:
    """Where a key is, for a column: ``keyring``, ``file``, ``.env``."""
    return ".env" if place is Place.DOTENV else place.value


_FILE = {
    FileState.MISSING: "you choose its passphrase next",
    FileState.LOCKED: "its passphrase is asked for next",
    FileState.OPEN: "it is open",
}


@dataclass(frozen=True, slots=True)
class PlacesHere:
    """The places that there are, best first, and what should be known besides."""

    choices: tuple[tuple[Place, str, str], ...]
    """Place, its name, what it means: for a ``Picker``."""
    missing: str
    """Why there is no keyring, as one sentence; empty when there is."""

    def remark(self, place: Place) -> str:
        """What should be known of a place before it is taken; empty when there is nothing."""
        return FORGOTTEN if place is Place.FILE else ""


async def places_here(keys: KeyStore, *, passing: bool = False) -> PlacesHere:
    """The keyring if it works, the encrypted file (its passphrase is asked for in the app), this session.

    ``passing``: the keys open nothing once keytui has ended (practice), so that only the session makes sense.
    """
    reports = {report.place: report for report in await keys.places()}
    choices = []
    keyring = reports.get(Place.KEYRING)
    if not passing:
        if keyring is not None and keyring.usable:
            choices.append((Place.KEYRING, keyring.where, "locked with your session"))
        if Place.FILE in reports:
            choices.append((Place.FILE, "the encrypted file", _FILE[keys.file_state]))
    choices.append((Place.SESSION, "this session only", "gone when keytui ends"))
    silent = passing or keyring is None or keyring.usable
    return PlacesHere(tuple(choices), "" if silent or keyring is None else keyring.reason)
