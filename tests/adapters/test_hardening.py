"""A process that holds keys leaves no core file, whatever limit its shell has set."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DIE = """
import os, resource
_, most = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
{harden}
os.abort()
"""
ASKED = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
"""Prints what PR_GET_DUMPABLE gives: 0 where no core file is written and nobody attaches, 1 where both are as usual."""
HARDEN = "from keytui.adapters.hardening import keep_memory_private; keep_memory_private()"


def cores(folder: Path, harden: str) -> list[Path]:
    """The core files that a process leaves which ends itself."""
    folder.mkdir()
    subprocess.run([sys.executable, "-c", DIE.format(harden=harden)], cwd=folder, capture_output=True, timeout=60)
    return list(folder.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
def test_no_core_file_is_written(tmp_path: Path) -> None:
    if not cores(tmp_path / "open", ""):
        pytest.skip("no core files are written here anyway")
    assert cores(tmp_path / "hardened", HARDEN) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
def test_programs_that_are_started_are_as_they_always_are() -> None:
    program = f"{HARDEN}\n{ASKED}\nimport subprocess, sys; subprocess.run([sys.executable, '-c', {ASKED!r}])"
    assert said(program) == ["0", "1"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
@pytest.mark.parametrize(
    ("arguments", "dumpable"),
    [(["--pane", "none"], 0), (["keys", "none"], 0), (["ask", "--none"], 0), (["proxy", "--none"], 0), (["paths"], 1)],
)
def test_what_holds_keys_is_hardened_before_it_reads_them(sealed: Path, arguments: list[str], dumpable: int) -> None:
    program = f"from keytui.cli import main\ntry: main({arguments!r})\nexcept SystemExit: pass\n{ASKED}"
    assert said(program)[-1] == str(dumpable)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")
def test_where_that_is_forbidden_the_limit_is_lowered() -> None:
    program = f"""import ctypes, resource
class Forbidding:
    def prctl(self, *arguments): return -1
ctypes.CDLL = lambda name: Forbidding()
{HARDEN}
print(resource.getrlimit(resource.RLIMIT_CORE)[0])"""
    assert said(program) == ["0"]


def said(program: str) -> list[str]:
    """The words that a program in Python prints."""
    done = subprocess.run([sys.executable, "-u", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
