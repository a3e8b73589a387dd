"""The whole life of a key on a headless machine, reached by ssh: no keyring, no desktop, a bare environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.sshd import Sshd
from tests.support.terminal import Terminal

KEY = "sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
WORDS = "a few words"


@pytest.mark.real
def test_a_key_is_kept_used_and_forgotten_over_ssh(sealed: Path, sshd: Sshd, terminal: Callable[..., Terminal]) -> None:
    def run(arguments: str) -> Terminal:
        program = f"cd {os.getcwd()} && KEYTUI_HOME={sealed}/keytui {sys.executable} -m keytui {arguments}"
        return terminal(command=sshd.command(program), columns=80, rows=24)

    with run("keys add work --no-verify") as screen:
        screen.wait_for("Paste the key")
        screen.send(KEY + "\r")
        screen.wait_for("Choose a passphrase for the encrypted file")
        screen.send(WORDS + "\r")
        screen.wait_for("The same again")
        screen.send(WORDS + "\r")
        screen.wait_for("is kept in the encrypted file")
        assert screen.wait_exit() == 0
        assert KEY.encode() not in screen.raw

    with run("exec -k work -- sh -c 'echo length ${#OPENAI_API_KEY}; exit 7'") as screen:
        screen.wait_for("Passphrase of the encrypted file")
        screen.send("wrong\r")
        screen.wait_for("does not open")
        assert screen.wait_exit() == 125

    with run("exec -k work -- sh -c 'echo length ${#OPENAI_API_KEY}; exit 7'") as screen:
        screen.wait_for("Passphrase of the encrypted file")
        screen.send(WORDS + "\r")
        screen.wait_for(f"length {len(KEY)}")
        assert screen.wait_exit() == 7

    with run("keys remove work") as screen:
        screen.wait_for("Delete “work”")
        screen.send("y\r")
        screen.wait_for("Passphrase of the encrypted file")
        screen.send(WORDS + "\r")
        screen.wait_for("“work” is gone")
        assert screen.wait_exit() == 0
