"""``keytui`` as a user runs it: a process of its own, with its output, its words and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    status: int
    out: str
    words: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


def keytui(
    *arguments: str,
    stdin: str | None = None,
    passphrase: str | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Ran:
    """Run a command to its end; ``passphrase`` is handed in by a file descriptor."""
    command = [sys.executable, "-m", "keytui", *arguments]
    handed: tuple[int, ...] = ()
    if passphrase is not None:
        reading, writing = os.pipe()
        os.write(writing, passphrase.encode() + b"\n")
        os.close(writing)
        handed = (reading,)
        at = command.index("--") if "--" in command else len(command)
        command[at:at] = ["--passphrase-fd", str(reading)]
    try:
        done = subprocess.run(
            command,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            env={**os.environ, **(environment or {})},
            cwd=cwd,
            pass_fds=handed,
            timeout=90,
            # Without a terminal to ask on, whatever terminal the tests run in.
            start_new_session=True,
        )
    finally:
        for handle in handed:
            os.close(handle)
    return Ran(done.returncode, done.stdout, done.stderr)
