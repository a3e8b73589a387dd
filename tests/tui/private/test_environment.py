"""What is settled before Textual is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from keytui.tui.private.environment import prepare
from tests.support.terminal import Terminal

Start = Callable[..., Terminal]


@pytest.fixture(autouse=True)
def _same_umask() -> object:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_what_writes_down_keys_is_taken_out() -> None:
    environ = {
        "TEXTUAL_LOG": "log",
        "TEXTUAL_DEBUG": "1",
        "TEXTUAL_DRIVER": "x:y",
        "OPENAI_LOG": "debug",
        "TERM": "xterm",
    }
    prepare(environ)
    assert not {"TEXTUAL_LOG", "TEXTUAL_DEBUG", "TEXTUAL_DRIVER", "OPENAI_LOG"} & set(environ)


def test_over_ssh_nothing_is_animated_and_escape_waits() -> None:
    environ = {"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22", "TERM": "xterm", "TEXTUAL_FPS": "12"}
    assert prepare(environ).remote
    assert environ["TEXTUAL_ANIMATIONS"] == "none"
    assert environ["ESCDELAY"] == "300"
    assert environ["TEXTUAL_FPS"] == "12", "what the user has set stays"


def test_new_files_are_private() -> None:
    prepare({"TERM": "xterm"})
    assert os.umask(0o022) == 0o077


def test_without_a_terminal_it_says_what_works_instead() -> None:
    code = "import os; from keytui.tui.private.environment import prepare; print(prepare(os.environ).refusal)"
    said = subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    ).stdout
    assert "needs a terminal" in said
    assert "keytui ask" in said


@pytest.mark.parametrize("kind", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_move_its_cursor_is_refused(terminal: Start, kind: str) -> None:
    code = "import os; from keytui.tui.private.environment import prepare; print(prepare(os.environ).refusal)"
    session = terminal(command=[sys.executable, "-c", code], environment={"TERM": kind})
    session.wait_exit()
    assert "cannot" not in session.text
    assert "move its cursor" in session.text.replace("\n", " ")


def test_nothing_but_the_standard_library_is_imported() -> None:
    code = (
        "import sys, keytui.tui.private.environment; "
        "print([name for name in sys.modules if name.split('.')[0] in ('textual', 'rich', 'asyncio')])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("ssh", "line", "remote"),
    [(True, "auto", True), (True, "fast", False), (False, "auto", False), (False, "slow", True)],
)
def test_the_user_may_say_how_slow_the_line_is(ssh: bool, line: str, remote: bool) -> None:
    environ = {"TERM": "xterm", "LANG": "C.UTF-8"} | ({"SSH_TTY": "/dev/pts/1"} if ssh else {})
    assert prepare(environ, line=line).remote is remote
    assert environ["TEXTUAL_FPS"] == ("30" if remote else "120")
    assert environ.get("ESCDELAY") == ("300" if ssh else None)


@pytest.mark.parametrize(("animations", "wanted"), [("on", "full"), ("off", "none"), ("auto", "none")])
def test_animations_are_as_the_user_says(animations: str, wanted: str) -> None:
    environ = {"TERM": "xterm", "SSH_TTY": "/dev/pts/1"}
    prepare(environ, animations=animations)
    assert environ["TEXTUAL_ANIMATIONS"] == wanted
