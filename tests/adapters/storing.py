"""A process that stores keys, as fast as it can, and says each name once it is confirmed.

``python -m tests.adapters.storing FOLDER WHO FIRST COUNT``
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from keytui.adapters.keystore import Keys
from keytui.adapters.paths import Paths
from keytui.adapters.vault.encrypted_file import FileVault
from keytui.domain.keys import Place
from keytui.domain.vaults import NameTaken
from tests.adapters.keys_support import CHEAP, PASSPHRASE, Home, secret


async def store(folder: Path, who: str, first: int, count: int) -> None:
    home = Home(folder)
    home.clock.time = datetime.now(UTC)
    vault = FileVault(home.paths.vault_file, cost=CHEAP)
    keys = Keys(Paths(folder, folder / "data", folder, folder), {Place.FILE: vault}, home.clock)
    await keys.unlock(PASSPHRASE)
    sys.stdout.write("begins\n")
    sys.stdout.flush()
    for number in range(first, first + count):
        name = f"{who}-{number}"
        # Taken: the process before this one was killed after it had stored the key and before it could say so.
        with suppress(NameTaken):
            await keys.add(home.record(name), secret(name))
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(store(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
