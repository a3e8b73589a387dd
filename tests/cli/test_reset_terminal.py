from __future__ import annotations

import sys
import termios
from collections.abc import Callable

from tests.cli.keytui import keytui
from tests.support.terminal import Terminal

LEAVES_A_MESS = (
    "import os, sys, tty; tty.setraw(0)\n"
    "sys.stdout.write('\\x1b[?1049h\\x1b[?1000h\\x1b[?1003h\\x1b[?1006h\\x1b[?1015h\\x1b[?1004h\\x1b[?2004h\\x1b[?25l\\x1b[?7l\\x1b[>1u')\n"
    "sys.stdout.flush()\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'keytui', 'reset-terminal'])\n"
)
"""What a killed full-screen program leaves (secrets-and-terminals 4.4), and then the command, typed blindly."""


def test_it_undoes_what_a_killed_program_left(terminal: Callable[..., Terminal]) -> None:
    with terminal(command=[sys.executable, "-c", LEAVES_A_MESS]) as screen:
        assert screen.wait_exit() == 0
        assert screen.private_modes & {1049, 1000, 1003, 1006, 1015, 1004, 2004} == set()
        assert not screen.cursor_is_hidden
        assert 7 in screen.private_modes
        assert b"\x1b[<u" in screen.raw
        flags = screen.settings_now()[3]
        assert flags & termios.ECHO
        assert flags & termios.ICANON
        assert flags & termios.ISIG


def test_it_finds_the_terminal_also_behind_pipes(terminal: Callable[..., Terminal]) -> None:
    command = f"stty raw -echo; {sys.executable} -m keytui reset-terminal < /dev/null > /dev/null 2>&1"
    with terminal(command=["sh", "-c", command]) as screen:
        assert screen.wait_exit() == 0
        assert screen.settings_now()[3] & termios.ECHO
        assert b"\x1b[?1049l" in screen.raw


def test_without_a_terminal_it_says_so() -> None:
    ran = keytui("reset-terminal")
    assert (ran.status, ran.out) == (1, "")
    assert "there is no terminal here" in ran.words
    assert keytui("reset-terminal", "now").status == 2
    assert "ctrl+j" in keytui("reset-terminal", "--help").out
