"""Completion in real shells: commands, verbs, and the names of keys, with spaces in them as well."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keytui.cli import COMMANDS
from keytui.cli.completion import NAMED, SHELLS, VERBS, script
from keytui.cli.keys import _action
from tests.cli.keytui import keytui
from tests.cli.test_exec import put_index
from tests.support.terminal import Terminal


@pytest.fixture(autouse=True)
def keys(sealed: Path) -> None:
    put_index(sealed, {"name": "work", "place": "keyring"}, {"name": "my shop", "place": "file"})


def shell(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shutil.which(name), reason=f"needs {name}")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with a ``keytui`` in it, to be found by a shell."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "keytui"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m keytui "$@"\n')
    command.chmod(0o755)
    return folder


@shell("bash")
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        (["keytui", "pro"], ["proxy"]),
        (["keytui", "keys", "ver"], ["verify"]),
        (["keytui", "keys", "verify", "w"], ["work"]),
        (["keytui", "keys", "list", ""], []),
        (["keytui", "exec", "-k", "m"], [r"my\ shop"]),
        (["keytui", "ask", "--key", ""], ["work", r"my\ shop"]),
        (["keytui", "exec", "--", "vim", "w"], []),
        (["keytui", "completion", "f"], ["fish"]),
    ],
)
def test_bash(program: Path, words: list[str], completed: list[str]) -> None:
    line = " ".join(f"'{word}'" for word in words)
    asked = f"""PATH={program}:$PATH
{script("bash")}
COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}
_keytui keytui '{words[-1]}' '{words[-2]}'
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, timeout=60)
    assert ([line for line in done.stdout.split("\n") if line], done.stderr) == (completed, "")


@shell("fish")
@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("keytui pro", ["proxy"]),
        ("keytui keys ver", ["verify"]),
        ("keytui keys verify w", ["work"]),
        ("keytui exec -k m", ["my shop"]),
        ("keytui completion z", ["zsh"]),
    ],
)
def test_fish(program: Path, line: str, completed: list[str]) -> None:
    asked = f"set -x PATH {program} $PATH\n{script('fish')}\ncomplete -C '{line}'"
    done = subprocess.run(["fish", "--no-config", "-c", asked], capture_output=True, text=True, timeout=60)
    assert ([row.partition("\t")[0] for row in done.stdout.splitlines()], done.stderr) == (completed, "")


@shell("zsh")
def test_zsh(program: Path, tmp_path: Path, terminal: Callable[..., Terminal]) -> None:
    # Only a zsh that edits a line completes: so one is typed at.
    (tmp_path / ".zshrc").write_text(f"PATH={program}:$PATH\nautoload -Uz compinit && compinit -u -D\n{script('zsh')}")
    with terminal(command=["zsh", "-i"], environment={"ZDOTDIR": str(tmp_path), "PROMPT": "ready> "}) as shown:
        shown.wait_for("ready>")
        for typed, wanted in (
            ("keytui keys verify w", "keytui keys verify work"),
            ("keytui exec -k m", r"keytui exec -k my\ shop"),
            ("keytui compl", "keytui completion"),
            ("keytui exec -k work -- keytui compl", "-- keytui completion"),
        ):
            shown.send(f"{typed}\t")
            shown.wait_for(wanted)
            shown.send("\x15")
        shown.send("exit\r")
        assert shown.wait_exit() == 0


def test_what_is_completed_is_what_there_is() -> None:
    for name in SHELLS:
        assert all(command in script(name) for command in COMMANDS)
    assert set(NAMED) <= set(VERBS)
    assert all(callable(_action(verb)) for verb in VERBS)
    assert keytui("completion", "tcsh").status == 2
    assert 'eval "$(keytui completion bash)"' in keytui("completion", "--help").out
    assert keytui("completion", "zsh").out == script("zsh")
