"""From the start of keytui to its end, in a real terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keytui.adapters import paths
from keytui.adapters.conversations import SqliteConversations
from keytui.adapters.ledger import SqliteLedger
from keytui.domain.ledger import Outcome
from keytui.domain.usage import Mark
from tests.support.sealed import clean
from tests.support.terminal import Terminal

Start = Callable[..., Terminal]

PANES = ("Keys", "Playground", "Costs", "Network")
MOUSE_AND_SCREEN = {1000, 1002, 1003, 1004, 1006, 1015, 1016, 1049, 2004, 2026, 2048}
"""Private modes that a full-screen program switches on and must switch off again."""


def started(session: Terminal) -> Terminal:
    """Wait until the playground is there and takes what is typed."""
    session.wait_for(lambda screen: all(name in screen for name in PANES) and "Write a message" in screen)
    return session


def assert_restored(session: Terminal) -> None:
    assert not session.private_modes & MOUSE_AND_SCREEN
    assert not session.cursor_is_hidden
    assert session.settings_now() == session.settings_before


def kept_draft() -> str:
    store = SqliteConversations(paths.find(practice=True).database)
    draft = store.draft(None)
    store.close()
    return draft


def kept_answer() -> str:
    store = SqliteConversations(paths.find(practice=True).database)
    texts = [message.text for head in store.conversations() for message in store.messages(head.id)][1:]
    store.close()
    return "".join(texts)


def now() -> datetime:
    return datetime.now(UTC)


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("key", ["ctrl+q", "f10"])
def test_leaving_restores_the_terminal_and_leaves_no_process(terminal: Start, key: str) -> None:
    session = started(terminal("--practice"))
    session.wait_for("practice ····")
    helpers = children(session.process.pid)
    session.press(key)
    assert session.wait_exit() == 0
    assert_restored(session)
    assert b"Traceback" not in session.raw
    assert [pid for pid in helpers if is_running(pid)] == []


def test_ctrl_c_neither_leaves_nor_loses(terminal: Start) -> None:
    session = started(terminal("--practice"))
    session.send("a draft")
    session.wait_for("a draft")
    session.press("ctrl+c")
    session.wait_for("ctrl+q")
    assert "a draft" in session.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_keeps_the_draft(terminal: Start, number: signal.Signals) -> None:
    session = started(terminal("--practice"))
    session.wait_for("practice ····")
    helpers = children(session.process.pid)
    session.send("unsent words")
    session.wait_for("unsent words")
    session.signal(number)
    session.wait_exit()
    assert_restored(session)
    assert kept_draft() == "unsent words"
    assert [pid for pid in helpers if is_running(pid)] == []


def test_a_closed_terminal_ends_it_and_keeps_the_draft(terminal: Start) -> None:
    session = started(terminal("--practice"))
    session.wait_for("practice ····")
    helpers = children(session.process.pid)
    session.send("unsent words")
    session.wait_for("unsent words")
    session.hang_up()
    session.process.wait(30)
    assert kept_draft() == "unsent words"
    assert [pid for pid in helpers if is_running(pid)] == []


def test_what_was_typed_survives_a_kill(terminal: Start) -> None:
    session = started(terminal("--practice"))
    session.send("words of a draft")
    session.wait_for("words of a draft")
    session.wait_for(lambda _: kept_draft() == "words of a draft")
    session.signal(signal.SIGKILL)
    session.wait_exit()
    again = started(terminal("--practice"))
    again.wait_for("words of a draft")


def test_an_answer_that_was_coming_at_a_kill_is_there_and_booked_at_the_next_start(terminal: Start) -> None:
    session = started(terminal("--practice"))
    session.wait_for("practice ····")
    session.send("[[tokens=3000 rate=50 style=words]]")
    session.press("enter")
    session.wait_for(lambda _: len(kept_answer()) > 80)
    session.signal(signal.SIGKILL)
    session.wait_exit()
    again = started(terminal("--practice"))
    again.wait_for("cut off when keytui was killed")
    ledger = SqliteLedger(paths.find(practice=True).database, journal=paths.find(practice=True).journal, now=now)
    [entry] = ledger.latest()
    ledger.close()
    assert (entry.outcome, entry.usage.mark, entry.app) == (Outcome.CUT, Mark.ESTIMATED, "playground")
    assert entry.usage.output > 10
    assert entry.cost is not None
    assert entry.cost.total > 0
    again.press("ctrl+o")
    again.wait_for("2 messages")
    again.press("enter")
    again.wait_for(re.compile(rf"cut off · ~{entry.usage.input} in · ~{entry.usage.output} out"))


@pytest.mark.parametrize("broken", ['theme = "a\n', 'theme = 1\nanimations = "sideways"\n'])
def test_a_broken_settings_file_is_named_and_left_alone(terminal: Start, broken: str) -> None:
    file = paths.find(practice=True).settings_file
    file.parent.mkdir(parents=True)
    file.write_text(broken)
    session = started(terminal("--practice"))
    # The notice breaks its lines where the folder's name lets it, and the panes go on beside it; words it keeps whole.
    session.wait_for(re.compile(r"\bdefaults?\b.*\bused\b.*\bCorrect\b.*\bit,.*\bthen\b", re.DOTALL))
    session.press("ctrl+q")
    assert session.wait_exit() == 0
    assert file.read_text() == broken


@pytest.mark.parametrize("name", ["dumb", ""])
def test_a_terminal_that_cannot_draw_is_declined_with_what_works_instead(terminal: Start, name: str) -> None:
    session = terminal("--practice", environment={"TERM": name})
    assert session.wait_exit() != 0
    assert not session.private_modes
    assert "keytui" in session.text
    assert b"\x1b[" not in session.raw


def test_without_a_terminal_it_says_so_and_draws_nothing(sealed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "keytui", "--practice"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=clean(os.environ, sealed),
        timeout=60,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert re.fullmatch(r"keytui: [^\x1b]+\n", done.stderr)
