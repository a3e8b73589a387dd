"""keytui stopped and gone on with, and ended in the middle of an answer, in a real terminal."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from keytui.adapters import paths
from keytui.adapters.ledger import SqliteLedger
from keytui.domain.usage import Mark
from tests.support.terminal import Terminal
from tests.terminal.test_life import started

Start = Callable[..., Terminal]

FULL_SCREEN = {1000, 1003, 1006, 1049}
"""Private modes that no shell switches on by itself."""


def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again(terminal: Start) -> None:
    session = terminal(command=["bash", "--norc", "--noprofile", "-i"], environment={"PS1": "shell> "})
    session.wait_for("shell>")
    session.send(f"{sys.executable} -m keytui --practice\r")
    started(session)
    session.wait_for("~0 tokens")
    session.send("half a thought")
    session.wait_for("half a thought")
    session.press("escape")
    session.wait_for("i write")
    session.press("ctrl+z")
    session.wait_for("Stopped")
    assert not session.private_modes & FULL_SCREEN
    assert not session.cursor_is_hidden
    session.send("fg\r")
    session.wait_for(lambda screen: "Playground" in screen and "half a thought" in screen)
    session.press("ctrl+q")
    session.wait_for(lambda _: not session.private_modes & FULL_SCREEN)
    assert b"Traceback" not in session.raw


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_an_answer_in_flight_is_booked_as_an_estimate(terminal: Start, number: signal.Signals) -> None:
    session = started(terminal("--practice", columns=80, rows=24))
    session.wait_for("practice ····")
    session.wait_for("~0 tokens")
    session.send("What is a token?")
    session.wait_for("~5 tokens")
    session.press("enter")
    # Two full rows of the answer are there, and it goes on.
    session.wait_for(
        lambda screen: "Welcome" not in screen and sum(len(row) > 50 for row in screen.splitlines()[4:16]) >= 2
    )
    session.signal(number)
    session.wait_exit()
    here = paths.find(practice=True)
    ledger = SqliteLedger(here.database, journal=here.journal, now=lambda: datetime.now(UTC))
    entries = ledger.latest(9)
    ledger.close()
    assert len(entries) == 1
    assert entries[0].usage.mark is not Mark.BILLED
    assert entries[0].outcome.value == "stopped"


def test_where_no_clipboard_takes_it_the_whole_text_is_shown_alone(terminal: Start) -> None:
    session = started(terminal("--practice", environment={"SSH_TTY": "/dev/pts/9"}, columns=80, rows=24))
    session.wait_for("~0 tokens")
    session.send("[[tokens=400 rate=max style=words]]")
    session.wait_for("style=words")
    session.press("enter")
    session.wait_for("$0.000")
    session.press("escape")
    session.wait_for("i write")
    session.press("y")
    session.wait_for("f7 shows the text alone")
    session.press("f7")
    shown = session.wait_for("enter goes back to keytui.")
    assert not session.private_modes & FULL_SCREEN
    rows = [row for row in shown.splitlines() if row.strip()]
    assert len(rows) > 4
    assert not any("│" in row or "Playground" in row for row in rows[-6:])
    session.press("enter")
    session.wait_for(lambda screen: "Playground" in screen and "goes back to keytui" not in screen)
    session.press("ctrl+q")
    assert session.wait_exit() == 0
    assert b"Traceback" not in session.raw
