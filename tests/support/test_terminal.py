from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.support.sshd import Sshd
from tests.support.terminal import Terminal

Start = Callable[..., Terminal]


def test_a_program_is_seen_typed_to_and_ended(terminal: Start) -> None:
    session = terminal(command=["bash", "--norc", "--noprofile"], environment={"PS1": "ready> "}, columns=60, rows=10)
    session.wait_for("ready>")
    session.send("echo one$((1 + 1))three; stty size\n")
    session.wait_for("one2three")
    session.wait_for("10 60")
    session.resize(20, 5)
    session.send("stty size\n")
    session.wait_for("5 20")
    session.send("exit 7\n")
    assert session.wait_exit() == 7


def test_a_program_that_is_left_running_is_killed(terminal: Start) -> None:
    session = terminal(command=["cat"])
    session.close()
    assert session.process.returncode == -signal.SIGKILL


def test_questions_of_the_program_are_answered(terminal: Start) -> None:
    ask = "import sys,tty; tty.setcbreak(0); print(end='\\x1b[?2026$p', flush=True); print(repr(sys.stdin.read(11)))"
    session = terminal(command=[sys.executable, "-c", ask])
    session.wait_for("2026;2$y")


def test_sequences_that_pyte_does_not_know_are_not_drawn(terminal: Start) -> None:
    session = terminal(command=["printf", r"\033[>4;1m\033[=1u\033[2 q\033]0;title\007a\033[4:3mb\033[?1049h\033[31mc"])
    session.wait_exit()
    assert session.text.strip() == "abc"
    assert session.private_modes == {1049}


def test_tests_reach_the_loopback_only() -> None:
    with pytest.raises(OSError, match="loopback only"):
        socket.create_connection(("192.0.2.1", 80), 1)
    with pytest.raises(socket.gaierror, match="beyond this machine"):
        socket.create_connection(("api.openai.com", 443), 1)
    assert not {name for name in os.environ if name.startswith("OPENAI_") or name.lower().endswith("_proxy")}


@pytest.mark.real
def test_the_ssh_server_runs_programs(sshd: Sshd, terminal: Start) -> None:
    session = terminal(command=sshd.command("echo over $TERM; stty size"), columns=80, rows=24)
    assert session.wait_exit() == 0
    assert "over xterm-256color" in session.text
    assert "24 80" in session.text


@pytest.mark.real
def test_the_keyring_keeps_a_secret(secret_service: dict[str, str]) -> None:
    keep = (
        "import keyring; keyring.set_password('keytui', 'a', 'b ☃'); print(ascii(keyring.get_password('keytui', 'a')))"
    )
    done = subprocess.run([sys.executable, "-c", keep], capture_output=True, text=True, timeout=30)
    assert done.stdout.strip() == ascii("b ☃"), done.stderr
