"""Every damage of the machine, struck at the commands and at the app: both say it, and go on with all that is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import events as terminal

from keytui.adapters import paths
from keytui.domain.keys import StoreUnreadable, VaultTrouble
from tests.faults.cell import DRIVING, complaint, nothing_but_answers, use_key
from tests.faults.damages import Damage, homes, release
from tests.faults.matrix import MARKER
from tests.faults.test_chat import asked
from tests.faults.test_cli import run, serving
from tests.support.faulty import faulty_server
from tests.support.stage import on_stage

COMMANDS = (
    ["ask", "-m", "gpt-6-luna", "And now?"],
    ["cost"],
    ["status"],
    ["keys", "list"],
    ["tokens", __file__],
    ["paths"],
)


@pytest.fixture(params=homes(), ids=lambda home: ", ".join(damage.name for damage in home))
def damaged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[paths.Paths]:
    """A home that is damaged in one place or in several."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    here = paths.find()
    home: tuple[Damage, ...] = request.param
    for damage in home:
        damage.strike(here)
    yield here
    release()


def unreadable(here: paths.Paths) -> dict[Path, bytes]:
    """What the user wrote or cannot get back: it has to stay as it is, however it looks."""
    files = (here.settings_file, here.keys_file, here.vault_file, here.database)
    return {file: file.read_bytes() for file in files if file.is_file() and file.stat().st_size}


def test_commands_say_it_and_do_what_can_be_done(
    damaged: paths.Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = unreadable(damaged)
    monkeypatch.setattr("sys.stdin", None)
    with serving() as server:
        nothing_but_answers(server)
        for command in COMMANDS:
            status, out, words = run(capsys, monkeypatch, server.base_url, *command)
            assert status in range(8), command
            assert not DRIVING.search(out), command
            assert not complaint(words, answer=status == 0), command
            if command[0] == "ask" and status == 0:
                assert "All is well." in out
    assert {file: file.read_bytes() for file in before if file != damaged.database} == {
        file: data for file, data in before.items() if file != damaged.database
    }


async def test_the_app_opens_says_it_and_answers(damaged: paths.Paths) -> None:
    before = unreadable(damaged)
    async with faulty_server() as server, on_stage(practice=False) as stage:
        nothing_but_answers(server)
        await stage.until("Playground", "Write a message")
        try:
            await use_key(stage, server.base_url)
        except (StoreUnreadable, VaultTrouble) as trouble:
            refused = complaint(str(trouble))
            assert not refused  # said well, it is as right as an answer
        else:
            await stage.until("tokens")
            assert "All is well." in await asked(stage, "And now?")
        stage.app.post_message(terminal.Paste("still here"))
        await stage.until("still here")
        for pane in ("1", "3", "4", "2"):
            await stage.press(f"alt+{pane}")
        await stage.until("still here")
        notices = [notice.message for notice in stage.app._notifications]
        assert [problem for notice in notices if (problem := complaint(notice))] == []
        assert not DRIVING.search(stage.text().replace("\n", ""))
        assert MARKER not in stage.text()
    assert {file: file.read_bytes() for file in before if file != damaged.database} == {
        file: data for file, data in before.items() if file != damaged.database
    }
