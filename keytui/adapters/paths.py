"""Where keytui keeps its files. Asking for a path creates nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """The four folders, and the files in them."""

    config: Path
    data: Path
    state: Path
    cache: Path

    @property
    def settings_file(self) -> Path:
        """The user's choices; keytui and the user both write it."""
        return self.config / "config.toml"

    @property
    def keys_file(self) -> Path:
        """The index of keys: everything but their characters."""
        return self.data / "keys.json"

    @property
    def vault_file(self) -> Path:
        """The encrypted file for machines without a keyring."""
        return self.data / "vault"

    @property
    def database(self) -> Path:
        """The ledger and the conversations."""
        return self.data / "keytui.db"

    @property
    def journal(self) -> Path:
        """Where ledger entries wait while the database cannot take them."""
        return self.data / "ledger.journal"

    @property
    def setup_file(self) -> Path:
        """How far set-up has come."""
        return self.state / "setup.json"

    @property
    def endpoints_file(self) -> Path:
        """What was found out about servers: no key, no prompt."""
        return self.state / "endpoints.json"

    @property
    def agenda_file(self) -> Path:
        """What is due with keys: rotations under way, and the next review."""
        return self.state / "agenda.json"

    @property
    def log_file(self) -> Path:
        """The log; holds no secret and no prompt."""
        return self.state / "keytui.log"

    @property
    def vocabulary(self) -> Path:
        """The tokenizer's vocabulary files."""
        return self.cache / "vocabulary"


def find(*, practice: bool = False) -> Paths:
    """The folders of this user: one folder named by ``KEYTUI_HOME``, or the system's usual ones.

    With ``practice``, config, data and state lie in a ``practice`` folder of their own, so that nothing real is
    touched; the vocabulary is shared.
    """
    if home := os.environ.get("KEYTUI_HOME"):
        base = Path(home).expanduser().absolute()
        config, data, state, cache = (base / part for part in ("config", "data", "state", "cache"))
    else:
        from platformdirs import PlatformDirs

        dirs = PlatformDirs("keytui", appauthor=False)
        config, data, state, cache = map(
            Path, (dirs.user_config_dir, dirs.user_data_dir, dirs.user_state_dir, dirs.user_cache_dir)
        )
    if practice:
        inside = data / "practice"
        config, data, state = inside / "config", inside / "data", inside / "state"
    return Paths(config, data, state, cache)


def make_private(folder: Path) -> None:
    """Create a folder of ours, and those above it that are missing, for its owner alone.

    A folder that exists keeps its mode: it may be the user's own. Raises ``OSError`` when it cannot be made.
    """
    if not folder.parent.exists():
        make_private(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
