"""keytui with a key for a server of the benchmark's own: its answers are as long and as fast as they are asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.harness import KEYTUI, environment

KEY = "sk-proj-" + "b3nc" * 20
"""Read from the environment by keytui; it opens nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The server, until the block ends, and in this home the key for it; gives its address."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.apps.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(folder),
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        address = server.stdout.readline().strip()
        _prepare(folder, address)
        yield address
    finally:
        server.stdin.close()
        server.wait(20)
        server.stdout.close()


def _prepare(folder: Path, address: str) -> None:
    """Take up the key, and let set-up be over."""
    variables = environment(folder) | {"OPENAI_API_KEY": KEY}
    take = ["keys", "import", "bench", "--from", "environment", "--base-url", address, "--no-verify"]
    subprocess.run([*KEYTUI, *take], env=variables, check=True, capture_output=True)
    told = subprocess.run([*KEYTUI, "paths", "--json"], env=variables, check=True, capture_output=True).stdout
    settings = next(Path(one["path"]) for one in json.loads(told) if one["path"].endswith("config.toml"))
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('setup = "finished"\n')
