"""What keytui looks like in terminals of several sizes and abilities."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable

import pytest

from tests.support.sshd import Sshd
from tests.support.terminal import Terminal
from tests.terminal.test_life import PANES, assert_restored, started

Start = Callable[..., Terminal]

ANYTHING_BUT_TEXT = re.compile(rb"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
"""Commands to the terminal that may hold text: its title, links, the clipboard."""


@pytest.mark.parametrize(("columns", "rows"), [(110, 32), (80, 24), (60, 18)])
def test_every_pane_opens_at_this_size(terminal: Start, columns: int, rows: int) -> None:
    session = started(terminal("--practice", columns=columns, rows=rows))
    seen = set()
    for number in (1, 3, 4, 2):
        before = session.text
        session.press(f"alt+{number}")
        seen.add(session.wait_for(lambda screen, before=before: screen != before))
    assert len(seen) == len(PANES)
    session.press("ctrl+q")
    assert session.wait_exit() == 0
    assert b"Traceback" not in session.raw


def test_it_shrinks_to_almost_nothing_and_comes_back(terminal: Start) -> None:
    session = started(terminal("--practice", columns=110, rows=32))
    session.send("still here")
    session.wait_for("still here")
    for columns, rows in ((80, 24), (20, 5), (1, 1), (200, 60), (110, 32)):
        session.resize(columns, rows)
        session.wait_quiet()
    session.wait_for(lambda screen: all(name in screen for name in PANES) and "still here" in screen)
    session.press("ctrl+q")
    assert session.wait_exit() == 0
    assert b"Traceback" not in session.raw


def test_no_color_is_no_colour(terminal: Start) -> None:
    session = started(terminal("--practice", environment={"NO_COLOR": "1", "COLORTERM": "truecolor"}))
    session.wait_quiet()
    colours = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", session.raw)
    assert [colour for colour in colours if len(set(colour)) > 1] == []
    assert not re.search(rb"\x1b\[(?:[0-9;]*;)?(?:3[1-6]|4[1-6]|9[1-6]|10[1-6])m", session.raw)


@pytest.mark.parametrize("locale", [{"LANG": "C"}, {"LC_ALL": "POSIX"}, {"LANG": None, "LC_ALL": "en_US.ISO-8859-1"}])
def test_a_locale_without_utf_8_is_drawn_in_ascii(terminal: Start, locale: dict[str, str | None]) -> None:
    session = started(terminal("--practice", environment=locale))
    session.wait_for("practice ....")
    session.send("Which proxies are there? Déjà vu, 漢字 and 👩‍👩‍👧 as a table")
    session.press("enter")
    session.wait_for("tok/s")
    for key, seen in (("1", "Keys"), ("3", "Costs"), ("4", "Network"), ("2", "Playground")):
        session.press(f"alt+{key}")
        session.wait_quiet()
        assert seen in session.text
    session.press("ctrl+p")
    session.wait_for("Search for commands")
    session.press("escape", "f2")
    session.wait_for("Which is it?")
    session.press("enter")
    session.wait_for("Auto-reload")
    session.wait_quiet()
    drawn = ANYTHING_BUT_TEXT.sub(b"", session.raw)
    assert drawn.isascii(), set(drawn.decode()) - set(map(chr, range(128)))


def test_an_idle_screen_sends_nothing(terminal: Start) -> None:
    session = started(terminal("--practice"))
    session.wait_for("practice ····")
    # What is loaded behind the first frame comes as late as the machine is busy; after it there is nothing.
    session.wait_quiet(4.0)


@pytest.mark.real
@pytest.mark.parametrize("name", ["xterm-256color", "tmux-256color", "linux", "vt100"])
def test_over_ssh(terminal: Start, sshd: Sshd, name: str) -> None:
    program = f"HOME={os.environ['HOME']} KEYTUI_HOME={os.environ['KEYTUI_HOME']} exec {shlex.quote(sys.executable)}"
    session = terminal(
        command=sshd.command(f"{program} -m keytui --practice"), environment={"TERM": name}, columns=80, rows=24
    )
    started(session)
    session.send("over the line")
    session.wait_for("over the line")
    session.press("ctrl+q")
    assert session.wait_exit() == 0
    assert_restored(session)
