"""Answers that try to take the terminal over: what reaches it are letters, and keytui's own sequences."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.faults.cell import nothing_but_answers
from tests.faults.matrix import HOSTILE, MARKER
from tests.faults.test_cli import serving
from tests.support.faulty import HEAD, error, events, piece, usage
from tests.support.terminal import Terminal
from tests.terminal.test_life import assert_restored, started

ATTACKS = {
    "sequences": HOSTILE + "\x1b]52;c;c3RvbGVu\x07\x1bP1$r\x1b\\\x1b[?1049l\x1b[6n\x9d0;mine\x9c\x1bc",
    "in code": f"```python\nprint('{HOSTILE}')\n```",
    "in a link": f"[click]({'https://example.org/' + HOSTILE}) <https://example.org/\x1b[2J>",
    "in a table": f"| a | {HOSTILE} |\n|---|---|\n| {HOSTILE} | b |",
    "markup": "[bold red]no[/] [@click=app.quit]quit[/] [link=file:///etc/passwd]x[/link] $error",
    "a long line": "x" * 1_000_000,
    "wide": "漢" * 20_000 + "👩‍👩‍👧" * 1_000 + "e" + "\u0301" * 5_000,
    "a huge table": "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 5_000,
    "deep": "> " * 500 + "deep\n" + "- " * 500 + "deep\n" + "*" * 5_000,
}

TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def test_no_answer_drives_the_terminal(terminal: Callable[..., Terminal]) -> None:
    with serving() as server:
        nothing_but_answers(server)
        given = {"OPENAI_API_KEY": MARKER, "OPENAI_BASE_URL": server.base_url}
        place = ("--from", "environment:OPENAI_API_KEY", "--no-verify")
        assert terminal("keys", "import", "work", *place, environment=given).wait_exit() == 0
        session = started(terminal(environment=given, columns=80, rows=24))
        session.wait_for(re.compile(r"····.*today \$0.00", re.DOTALL))
        session.wait_for("~0 tokens")
        for number, attack in enumerate(ATTACKS.values()):
            pieces = [piece(attack[at : at + 50_000]) for at in range(0, len(attack), 50_000)]
            server.on_only("/chat/completions", HEAD + events(*pieces, piece("", "stop"), usage(), "[DONE]"))
            ask(session, f"q{number}")
        server.on_only("/chat/completions", error(400, HOSTILE, "odd"))
        session.send("refused\r")
        session.wait_for(re.compile("refused.*The server", re.DOTALL))
        session.press("pageup", "pageup", "pagedown")
        session.send("still usable")
        session.wait_for("still usable")
        session.press("ctrl+q")
        assert session.wait_exit() == 0
        assert_restored(session)
    told = re.sub(rb"\x1b\]8;[^\x07\x1b]*\x1b\\", b"", session.raw)
    # What is left of an attack are its letters, among others; never with what would make a command of them.
    assert not re.search(rb"\x1b\](?:0|9|52|1337)|\x1bP|\x1b\[6n|\x1bc|\x1b\[\d*n|\x1b\[2J\x1b\[31m", told)
    assert not TURNING.search(told.decode("utf-8", "replace"))
    assert not re.search("[\x80-\x9f]", told.decode("utf-8", "replace"))
    assert b"Traceback" not in told


def ask(session: Terminal, question: str) -> None:
    """Ask, and wait until the answer is booked or refused, and the next one may be asked for."""
    spent = session.lines[0]
    session.send(question)
    session.wait_for(question)
    session.press("enter")
    session.wait_for(
        lambda screen: (
            "Write a message" in screen
            and "esc stop" not in screen
            and (screen.splitlines()[0] != spent or "no cost" in screen)
        )
    )


@pytest.mark.parametrize("name", ["\x1b[2Jname", "نام \u202e", "漢字" * 30, "[bold]x[/]", "a\nb", "👩‍👩‍👧" * 9])
def test_no_name_of_a_key_drives_the_terminal(terminal: Callable[..., Terminal], name: str) -> None:
    given = {"OPENAI_API_KEY": MARKER}
    added = terminal(
        *("keys", "import", name, "--from", "environment:OPENAI_API_KEY", "--no-verify"), environment=given
    )
    added.wait_exit()
    session = terminal("--pane", "keys", environment=given, columns=80, rows=24)
    session.wait_for(re.compile("KEY|Keys"))
    session.wait_quiet()
    session.press("ctrl+q")
    assert session.wait_exit() == 0
    for raw in (added.raw, session.raw):
        assert not TURNING.search(raw.decode("utf-8", "replace"))
        assert b"\x1b[2Jname" not in raw
        assert b"Traceback" not in raw
