"""A disk that is full, or that cannot be written to: said in a sentence, nothing lost, nothing overwritten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual import events as terminal

from keytui.adapters import paths
from keytui.domain.setup import Step
from tests.faults.cell import DRIVING, complaint, nothing_but_answers, use_key
from tests.faults.matrix import MARKER
from tests.faults.test_chat import asked, questions_kept
from tests.faults.test_cli import run, serving
from tests.support.disk import Disk
from tests.support.faulty import faulty_server
from tests.support.stage import Stage, on_stage
from tests.tui.setup_walk import walk
from tests.tui.test_setup_walk import enter_key

pytestmark = pytest.mark.real

CANNOT_BE_WRITTEN = re.compile(r"No space left on device|Read-only file system|is full\.|cannot be written")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that the user would miss, byte by byte."""
    wanted = ("config.toml", "keys.json", "vault")
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.name in wanted}


def told(stage: Stage) -> list[str]:
    """The notices on the screen."""
    return [notice.message for notice in stage.app._notifications]


async def test_the_disk_fills_up_while_one_chats(disk: Disk) -> None:
    async with faulty_server() as server, on_stage(practice=False) as stage:
        nothing_but_answers(server)
        await use_key(stage, server.base_url)
        await stage.until("faults", "~0 tokens")
        assert "All is well." in await asked(stage, "Before?")
        kept = contents(disk.folder)
        disk.fill()
        assert "All is well." in await asked(stage, "While it is full? " + "more " * 2000)
        await stage.when(lambda: told(stage), "a word about it")
        assert [problem for notice in told(stage) if (problem := complaint(notice))] == []
        assert any(CANNOT_BE_WRITTEN.search(notice) for notice in told(stage)), told(stage)
        stage.app.post_message(terminal.Paste("still here"))
        await stage.until("still here")
        for pane in ("1", "3", "4", "2"):
            await stage.press(f"alt+{pane}")
        await stage.until("still here")
        disk.free()
        assert "All is well." in await asked(stage, "After?")
        ledger = await stage.services.ledger()
        # What was booked while nothing could be written has waited, at the latest in memory.
        assert len(ledger.latest(9)) == 3
        assert contents(disk.folder) == kept
        # Nor is a draft of before left over, which the full disk kept from being emptied.
        await stage.press("ctrl+q")
        await stage.when(lambda: not stage.app.is_running, "the end")
    async with on_stage(practice=False) as stage:
        await stage.until("~0 tokens")
        assert "Before?" in await questions_kept(stage)


async def test_on_a_protected_disk_the_app_opens_says_it_and_answers(disk: Disk) -> None:
    async with faulty_server() as server:
        nothing_but_answers(server)
        async with on_stage(practice=False) as stage:
            await use_key(stage, server.base_url)
            await stage.until("faults", "~0 tokens")
            await asked(stage, "Before?")
        kept = contents(disk.folder)
        disk.protect()
        async with on_stage(practice=False) as stage:
            await stage.until("Write a message")
            await use_key(stage, server.base_url)
            await stage.until("tokens")
            assert "All is well." in await asked(stage, "And now?")
            await stage.when(lambda: told(stage), "a word about it")
            assert [problem for notice in told(stage) if (problem := complaint(notice))] == []
            assert "Before?" in await questions_kept(stage)
            for pane in ("1", "3", "4", "2"):
                await stage.press(f"alt+{pane}")
    assert contents(disk.folder) == kept


@pytest.mark.parametrize("how", ["full", "protected"])
async def test_the_walk_says_that_a_key_cannot_be_kept_and_keeps_it_for_now(how: str, disk: Disk) -> None:
    if how == "protected":
        disk.protect()
    async with faulty_server() as server, walk(start_at="key") as user:
        nothing_but_answers(server)
        await user.at(Step.KEY)
        if how == "full":
            disk.fill()
        await enter_key(user, MARKER, server.base_url)
        await user.proposes("Keep it")
        await user.choose_place("the encrypted file")
        await user.press("enter")
        await user.until(lambda: "Choose a passphrase" in user.text)
        for _ in range(2):
            await user.paste("four unrelated quiet words")
            await user.press("enter")
        await user.until(lambda: CANNOT_BE_WRITTEN.search(user.text))
        assert not DRIVING.search(user.text.replace("\n", ""))
        assert not user.services.keys.records()
        assert MARKER[8:40] not in user.text
        # The key that was pasted is still at hand: it can be kept for this session.
        await user.press("escape")
        await user.proposes("Keep it")
        await user.choose_place()
        await user.press("enter")
        await user.proposes("Continue")
        assert len(user.services.keys.records()) == 1


@pytest.mark.parametrize("how", ["full", "protected"])
def test_a_command_that_adds_a_key_says_it_and_leaves_those_that_are_there(
    how: str, disk: Disk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    adding = ("--from", "environment:OPENAI_API_KEY", "--no-verify")
    with serving() as server:
        assert run(capsys, monkeypatch, server.base_url, "keys", "import", "first", *adding)[0] == 0
        kept = contents(disk.folder)
        disk.fill() if how == "full" else disk.protect()
        status, out, words = run(capsys, monkeypatch, server.base_url, "keys", "import", "second", *adding)
        assert status in range(1, 8)
        assert not complaint(words)
        assert MARKER[8:40] not in out + words
        status, out, _ = run(capsys, monkeypatch, server.base_url, "keys", "list")
        assert (status, "first" in out, "second" in out) == (0, True, False)
        assert contents(disk.folder) == kept
    assert paths.find().keys_file.is_file()
