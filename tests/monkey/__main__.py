"""The long rounds: ``python -m tests.monkey [KEYS [SEED]]``, so many keys in all, shared among the sizes."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.monkey import SIZES, round_of


def main(words: list[str]) -> int:
    """Run rounds at all sizes and say how they went."""
    keys, seed = int(words[0]) if words else 10_000, int(words[1]) if len(words) > 1 else 1
    for index, size in enumerate(SIZES):
        with tempfile.TemporaryDirectory(prefix="keytui-monkey-") as home:
            os.environ.update(HOME=home, TMPDIR=home, KEYTUI_HOME=str(Path(home) / "keytui"))
            tempfile.tempdir = None
            os.chdir(home)
            begun = time.monotonic()
            report = asyncio.run(round_of(-(-keys // len(SIZES)), seed=seed + index, size=size))
            took = time.monotonic() - begun
            print(f"{size[0]}x{size[1]}, seed {seed + index}, {took:.0f} s: {report}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
