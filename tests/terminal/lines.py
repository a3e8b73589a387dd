"""keytui at the other end of an ssh connection, as the tests of this folder and the benchmarks start it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from tests.support.sealed import clean
from tests.support.sshd import Sshd

ROOT = Path(__file__).resolve().parents[2]


def keytui_over_ssh(sshd: Sshd, home: Path, *arguments: str, port: int | None = None, **variables: str) -> list[str]:
    """The command that runs keytui over ssh in a terminal of its own.

    Args:
        sshd: The server.
        home: The home that keytui has there; its data lie below.
        arguments: Of keytui.
        port: Where the line to the server begins, if it is not the server itself.
        variables: Of keytui's environment there, beside what ssh sets.
    """
    wanted = {"LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)} | variables
    wanted |= {name: value for name, value in clean({}, home).items() if name in ("HOME", "KEYTUI_HOME")}
    program = ["env", *(f"{name}={value}" for name, value in wanted.items())]
    program += [sys.executable, "-m", "keytui", *arguments]
    options = ("-o", f"Port={port}") if port else ()
    return sshd.command(f"exec {shlex.join(program)}", *options)


def processes(home: Path) -> list[int]:
    """Everything that runs with this home, whoever started it, but for shells and ssh."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            variables, words = (entry / "environ").read_bytes(), (entry / "cmdline").read_bytes()
        except OSError:  # it has ended in the meantime, or is another user's
            continue
        if f"KEYTUI_HOME={home}/keytui".encode() in variables.split(b"\0") and b"python" in words.split(b"\0")[0]:
            found.append(int(entry.name))
    return found
