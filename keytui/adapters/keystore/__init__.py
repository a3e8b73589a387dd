"""All keys of this user: the index file, and the vaults behind it. Light to import: vaults load when used."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from keytui.adapters.keystore.keys import Keys
from keytui.adapters.paths import Paths

__all__ = ["Keys", "open_keys"]


def open_keys(
    paths: Paths,
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    terminal: bool = False,
) -> Keys:
    """The keys of this user with every place of this machine; nothing is opened or asked yet.

    ``terminal`` lets a command that prints a key ask on the terminal: not while an app draws there.
    """
    from keytui.adapters.vault import EveryPlace

    environ = os.environ if environ is None else environ
    return Keys(paths, EveryPlace(paths, environ=environ, cwd=cwd or Path.cwd(), terminal=terminal), now)
