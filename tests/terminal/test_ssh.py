"""keytui at the other end of a real ssh connection."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.practice import Practice
from tests.support.sshd import Sshd
from tests.support.terminal import Terminal
from tests.terminal.lines import keytui_over_ssh, processes
from tests.terminal.test_life import PANES, assert_restored, kept_draft, started

pytestmark = pytest.mark.real
Start = Callable[..., Terminal]

GONE = 6.0
"""Seconds after which a process counts as left behind: the guard's three, and a busy machine's."""


def test_the_walk_to_the_first_answer_by_keyboard(terminal: Start, sshd: Sshd, sealed: Path) -> None:
    command = keytui_over_ssh(sshd, sealed, "setup", "--practice")
    session = terminal(command=command, columns=80, rows=24)
    for seen in ("Which is it?", "Auto-reload", "What will it cost?"):
        session.wait_for(seen)
        session.wait_quiet()
        session.press("enter")
    for _ in range(8):
        screen = session.wait_for(lambda text: "To the key" not in text)
        session.wait_quiet(1.0)
        if "billed" in (screen := session.text):
            break
        session.press("enter")
    assert "billed" in screen
    assert b"Traceback" not in session.raw


def test_the_walk_line_by_line_goes_on_after_the_line_dropped(
    terminal: Start, sshd: Sshd, sealed: Path, practice: Practice
) -> None:
    """For a screen reader at the near end: a terminal that can do nothing, a key that is pasted and kept in a file."""
    command = keytui_over_ssh(sshd, sealed, "setup", "--plain")
    environment = {"TERM": "dumb"}
    first = terminal(command=command, environment=environment, columns=80, rows=400)
    answer(first, ("Number, 1 to 4", "1"), ("Name, at most", "notes"), ("Description", "over the line"))
    first.wait_for(asked("Number, 1 to"))
    first.hang_up()
    first.wait_exit()
    session = terminal(command=command, environment=environment, columns=80, rows=400)
    answer(session, ("Name, at most 60 characters [notes]", ""), ("[over the line]", ""), ("Number, 1 to", ""))
    answer(session, ("A message like", ""), ("Messages like", ""), ("Messages in each", ""), ("Cap, USD", "2"))
    answer(session, ("Which address", practice.base_url), ("Paste the key", practice.api_key), ("Name of the key", ""))
    answer(session, ("Number, 1 to", ""), ("a passphrase", "a few words"), ("The same again", "a few words"))
    answer(session, ("Ask it, for", "no"), ("Your message", "leave"))
    session.wait_for("How far you have come is kept")
    assert session.wait_exit() == 0
    assert "Kept as “notes”, in the encrypted file" in " ".join(session.text.split())
    for secret in (practice.api_key, "a few words"):
        assert secret.encode() not in session.raw
    assert b"\x1b" not in session.raw


def asked(question: str) -> Callable[[str], bool]:
    """Whether the last line of a screen asks this."""
    return lambda text: question in text.rstrip().rsplit("\n", 1)[-1]


def answer(session: Terminal, *answers: tuple[str, str]) -> None:
    """Answer one question after the other, each once it is asked."""
    for question, words in answers:
        session.wait_for(asked(question))
        session.send(f"{words}\r")


def test_every_pane_and_every_size(terminal: Start, sshd: Sshd, sealed: Path) -> None:
    session = started(terminal(command=keytui_over_ssh(sshd, sealed, "--practice"), columns=80, rows=24))
    session.wait_for("practice ····")
    session.send("over the line")
    session.wait_for("over the line")
    seen = set()
    for number in (1, 3, 4, 2):
        session.press(f"alt+{number}")
        session.wait_quiet()
        seen.add(session.text)
    assert len(seen) == len(PANES)
    for columns, rows in ((20, 5), (200, 60), (80, 24)):
        session.resize(columns, rows)
        session.wait_quiet()
    session.wait_for(lambda screen: all(name in screen for name in PANES) and "over the line" in screen)
    session.press("ctrl+q")
    assert session.wait_exit() == 0
    assert_restored(session)


@pytest.mark.parametrize("name", ["screen-256color", "tmux-256color", "linux", "vt100"])
def test_terminals(terminal: Start, sshd: Sshd, sealed: Path, name: str) -> None:
    command = keytui_over_ssh(sshd, sealed, "--practice", "--no-mouse")
    session = started(terminal(command=command, environment={"TERM": name}, columns=80, rows=24))
    session.send("x")
    session.wait_for("~1 tokens")
    assert not session.private_modes & {1000, 1002, 1003, 1006}
    session.press("ctrl+q")
    assert session.wait_exit() == 0
    assert_restored(session)


def test_letters_alone_and_no_colour(terminal: Start, sshd: Sshd, sealed: Path) -> None:
    command = keytui_over_ssh(sshd, sealed, "--practice", LANG="C", NO_COLOR="1")
    session = started(terminal(command=command, columns=80, rows=24))
    session.send("x")
    session.wait_for("~1 tokens")
    assert session.text.isascii()
    # Of the 256 colours, greys only.
    colours = {int(colour) for colour in re.findall(rb"[34]8;5;(\d+)", session.raw)}
    assert colours <= {0, 7, 8, 15, 16, 59, 102, 145, 188, 231, *range(232, 256)}
    session.press("ctrl+q")
    assert session.wait_exit() == 0
    assert_restored(session)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_inside_tmux(terminal: Start, sshd: Sshd, sealed: Path) -> None:
    command = keytui_over_ssh(sshd, sealed, "--practice")
    inside = shlex.quote(command[-1])
    command[-1] = f"TERM=xterm-256color LANG=C.UTF-8 exec tmux -S {sealed}/tmux -f /dev/null new-session {inside}"
    session = started(terminal(command=command, columns=80, rows=24))
    session.wait_for("practice ····")
    session.send("x")
    session.wait_for("~1 tokens")
    for columns, rows in ((40, 12), (80, 24)):
        session.resize(columns, rows)
        session.wait_quiet()
    session.wait_for(lambda screen: all(name in screen for name in PANES))
    session.press("ctrl+q")
    assert session.wait_exit() == 0
    # tmux lets its client go as soon as the screen is given back.
    end = time.monotonic() + GONE
    while left := processes(sealed):
        assert time.monotonic() < end, left
        time.sleep(0.05)
    assert kept_draft() == "x"


def test_a_terminal_that_cannot_draw_is_told_what_works(terminal: Start, sshd: Sshd, sealed: Path) -> None:
    session = terminal(command=keytui_over_ssh(sshd, sealed, "--practice"), environment={"TERM": "dumb"})
    assert session.wait_exit() == 1
    assert "keytui setup --plain" in session.text.replace("\n", " ")
    assert b"\x1b" not in session.raw


def test_an_idle_screen_sends_nothing(terminal: Start, sshd: Sshd, sealed: Path) -> None:
    session = started(terminal(command=keytui_over_ssh(sshd, sealed, "--practice"), columns=80, rows=24))
    session.wait_for("practice ····")
    # What is loaded behind the first frame comes as late as the machine is busy; after it there is nothing.
    session.wait_quiet(4.0)


def kill_the_client(session: Terminal, _: Path) -> None:
    session.signal(signal.SIGKILL)


def stall_and_kill_the_client(session: Terminal, _: Path) -> None:
    session.signal(signal.SIGSTOP)
    # Long enough for the line's buffers to fill and for the writer to wait.
    time.sleep(4)
    session.signal(signal.SIGKILL)


def close_the_window(session: Terminal, _: Path) -> None:
    session.hang_up()


def terminate(session: Terminal, home: Path) -> None:
    os.kill(min(processes(home)), signal.SIGTERM)


@pytest.mark.parametrize(
    ("way", "wrapped", "streaming"),
    [
        (kill_the_client, "{}", False),
        (kill_the_client, "{}", True),
        (stall_and_kill_the_client, "{}", True),
        (stall_and_kill_the_client, "trap '' HUP; {}", True),
        (stall_and_kill_the_client, "({}); true", True),
        (kill_the_client, "({}); true", False),
        (close_the_window, "{}", True),
        (terminate, "{}", False),
    ],
    ids=[
        "idle",
        "stream",
        "stalled",
        "hang-up ignored, stalled",
        "under a shell, stalled",
        "under a shell",
        "window",
        "asked",
    ],
)
def test_a_line_that_ends(
    terminal: Start, sshd: Sshd, sealed: Path, way: Callable[[Terminal, Path], None], wrapped: str, streaming: bool
) -> None:
    command = keytui_over_ssh(sshd, sealed, "--practice")
    command[-1] = wrapped.format(command[-1])
    session = started(terminal(command=command, columns=80, rows=24))
    session.wait_for("practice ····")
    if streaming:
        session.send("What is a token?")
        session.wait_for("~5 tokens")
        session.press("enter")
        session.wait_for(lambda screen: "What is a token?" in screen and "Write a message" in screen)
    session.send("unsent words")
    session.wait_for("unsent words")
    way(session, sealed)
    end = time.monotonic() + GONE
    while left := processes(sealed):
        assert time.monotonic() < end, left
        time.sleep(0.05)
    assert kept_draft() == "unsent words"
