"""Keys for tests: places of their own, a clock that can be moved, and what a store really holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from keytui.adapters.keystore import Keys
from keytui.adapters.paths import Paths
from keytui.adapters.vault.encrypted_file import FileVault
from keytui.adapters.vault.file_format import Cost
from keytui.adapters.vault.session import SessionVault
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, Place
from keytui.domain.secrets import Secret
from keytui.domain.vaults import Source

CHEAP = Cost(rounds=1, memory=8 * 1024, lanes=1)
"""The least that a header may say: what is tested is not how dear a guess is."""

PASSPHRASE = Secret("a few words")


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    time: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class Home:
    """One user's folders, opened by as many ``Keys`` as a test wants."""

    folder: Path
    clock: Clock = field(default_factory=Clock)

    @property
    def paths(self) -> Paths:
        return Paths(*(self.folder / part for part in ("config", "data", "state", "cache")))

    async def open(self) -> Keys:
        """What another process would see; two encrypted files stand for two places that last."""
        other = FileVault(self.folder / "data" / "other", cost=CHEAP)
        await other.unlock(PASSPHRASE)
        vaults: dict[Place, Source] = {
            Place.KEYRING: other,
            Place.FILE: FileVault(self.paths.vault_file, cost=CHEAP),
            Place.SESSION: SessionVault(),
        }
        keys = Keys(self.paths, vaults, self.clock)
        await keys.unlock(PASSPHRASE)
        return keys

    def record(self, name: str, place: Place = Place.FILE, **more: Any) -> KeyRecord:
        return KeyRecord("", name, KeyKind.PROJECT, OPENAI_BASE_URL, place, "", self.clock(), **more)

    def index(self) -> dict[str, Any]:
        """The index as it stands on the disk."""
        return json.loads(self.paths.keys_file.read_text())  # type: ignore[no-any-return]

    async def ids_in(self, name: str) -> set[str]:
        """The ids that an encrypted file holds."""
        vault = FileVault(self.folder / "data" / name, cost=CHEAP)
        await vault.unlock(PASSPHRASE)
        return set(vault._read(vault._needed()).keys)  # what no port tells, and no test should guess


def secret(name: str) -> Secret:
    """A secret that tells whose it is."""
    return Secret(f"sk-proj-secret-of-{name}-0123456789")
