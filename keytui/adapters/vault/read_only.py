"""The places that keytui only reads, as sources of the domain: each key is read anew whenever it is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from keytui.adapters.bounded import bounded
from keytui.adapters.key_sources import COMMAND_SECONDS, Unreadable, from_command, from_dotenv, from_environment
from keytui.domain.keys import KeyRecord, Place, PlaceReport, VaultTrouble
from keytui.domain.secrets import Secret

VARIABLE = "OPENAI_API_KEY"


class EnvironmentSource:
    """Keys in variables of this process's environment; the record's ``locator`` is the variable's name."""

    place = Place.ENVIRONMENT

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    async def report(self) -> PlaceReport:
        """Whether the usual variable is set."""
        there = bool(self._environ.get(VARIABLE))
        reason = "" if there else f"{VARIABLE} is not set in this shell."
        return PlaceReport(Place.ENVIRONMENT, there, "the environment of this shell", reason)

    async def secret(self, record: KeyRecord) -> Secret:
        """The variable's value. Raises ``VaultTrouble``."""
        return await _read(lambda: from_environment(record.locator or VARIABLE, dict(self._environ)), 1.0)


class DotenvSource:
    """Keys in ``.env`` files; the record's ``locator`` is the path, with ``#NAME`` for another variable."""

    place = Place.DOTENV

    def __init__(self, cwd: Path) -> None:
        self._cwd = cwd

    async def report(self) -> PlaceReport:
        """Whether this folder has a ``.env``."""
        there = (self._cwd / ".env").is_file()
        return PlaceReport(Place.DOTENV, there, ".env of this folder", "" if there else "There is no .env here.")

    async def secret(self, record: KeyRecord) -> Secret:
        """The variable's value. Raises ``VaultTrouble``."""
        path, _, name = (record.locator or ".env").partition("#")
        return await _read(lambda: from_dotenv(str(self._cwd / path), name or VARIABLE), 5.0)


class CommandSource:
    """Keys that a command prints; the record's ``locator`` is the command, run without a shell.

    Where it may not ask on the terminal, run it once by hand before, so that its own agent is open.
    """

    place = Place.COMMAND

    def __init__(self, *, terminal: bool = False) -> None:
        """``terminal`` lets the command ask on the terminal: not while an app draws there."""
        self._terminal = terminal

    async def report(self) -> PlaceReport:
        """Always possible; whether a command works is seen when it runs."""
        return PlaceReport(Place.COMMAND, True, "a command that prints the key")

    async def secret(self, record: KeyRecord) -> Secret:
        """What the command prints. Raises ``VaultTrouble``."""
        command = record.locator or ""
        return await _read(lambda: from_command(command, terminal=self._terminal), COMMAND_SECONDS + 5.0)


async def _read(work: Callable[[], str], seconds: float) -> Secret:
    try:
        return await bounded(lambda: Secret(work()), seconds)
    except Unreadable as error:
        raise VaultTrouble(str(error)) from None
    except TimeoutError:
        raise VaultTrouble("The key could not be read in time: try again, or choose another key.") from None
