"""Where the characters of keys are kept or found: one module per place, each loaded when its place is first asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from keytui.adapters.paths import Paths
from keytui.domain.keys import Place

if TYPE_CHECKING:
    from keytui.domain.vaults import Source


class EveryPlace(Mapping[Place, "Source"]):
    """All places of this user on this machine; nothing is opened or asked yet."""

    def __init__(self, paths: Paths, *, environ: Mapping[str, str], cwd: Path, terminal: bool = False) -> None:
        """``terminal`` lets a command that prints a key ask on the terminal: not while an app draws there."""
        self._paths = paths
        self._environ = environ
        self._cwd = cwd
        self._terminal = terminal
        self._made: dict[Place, Source] = {}

    def __getitem__(self, place: Place) -> Source:
        if place not in self._made:
            self._made[place] = self._make(place)
        return self._made[place]

    def __iter__(self) -> Iterator[Place]:
        return iter(Place)

    def __len__(self) -> int:
        return len(Place)

    def _make(self, place: Place) -> Source:
        match place:
            case Place.KEYRING:
                from keytui.adapters.vault.system_keyring import KeyringVault

                return KeyringVault()
            case Place.FILE:
                from keytui.adapters.vault.encrypted_file import FileVault

                return FileVault(self._paths.vault_file)
            case Place.SESSION:
                from keytui.adapters.vault.session import SessionVault

                return SessionVault()
            case Place.ENVIRONMENT:
                from keytui.adapters.vault.read_only import EnvironmentSource

                return EnvironmentSource(self._environ)
            case Place.DOTENV:
                from keytui.adapters.vault.read_only import DotenvSource

                return DotenvSource(self._cwd)
            case Place.COMMAND:
                from keytui.adapters.vault.read_only import CommandSource

                return CommandSource(terminal=self._terminal)
