"""Where the characters of keys are kept or found: one module per place. Light to import."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from keytui.adapters.paths import Paths
from keytui.domain.keys import Place
from keytui.domain.vaults import Source


def every_place(paths: Paths, *, environ: Mapping[str, str], cwd: Path, terminal: bool = False) -> dict[Place, Source]:
    """All places of this user on this machine; nothing is opened or asked yet.

    ``terminal`` lets a command that prints a key ask on the terminal: not while an app draws there.
    """
    from keytui.adapters.vault.encrypted_file import FileVault
    from keytui.adapters.vault.read_only import CommandSource, DotenvSource, EnvironmentSource
    from keytui.adapters.vault.session import SessionVault
    from keytui.adapters.vault.system_keyring import KeyringVault

    return {
        Place.KEYRING: KeyringVault(),
        Place.FILE: FileVault(paths.vault_file),
        Place.SESSION: SessionVault(),
        Place.ENVIRONMENT: EnvironmentSource(environ),
        Place.DOTENV: DotenvSource(cwd),
        Place.COMMAND: CommandSource(terminal=terminal),
    }
