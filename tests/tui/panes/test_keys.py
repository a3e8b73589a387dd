"""The keys pane, as it is used: edited, moved, shown, copied, exported, taken up."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from keytui.domain.keys import FileState, KeyKind, KeyRecord, KeyState, Place, new_key_id
from keytui.domain.secrets import Secret
from tests.tui.panes.keys_stage import WORDS, keys_pane

SIZES = [(110, 32), (80, 24)]
FOUND = "sk-proj-" + "aB3dE6gH9j" * 15


@pytest.fixture(autouse=True)
def cheap_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real derivation takes a quarter of a second and 100 MB on purpose; its cost is tested elsewhere."""
    from keytui.adapters.vault import file_format

    monkeypatch.setattr(file_format.Cost.__init__, "__defaults__", (1, 8 * 1024, 1))


@pytest.mark.parametrize("size", SIZES)
async def test_a_key_is_edited_in_one_dialog(size: tuple[int, int]) -> None:
    async with keys_pane(size=size) as stage:
        await stage.press("e")
        await stage.until("Edit practice", "Cap, USD a month")
        await stage.fill("name", "work")
        await stage.fill("monthly_cap", "$2.50")
        await stage.fill("default_model", "gpt-6.2-sol")
        await stage.fill("expires", "2027-03-31")
        await stage.press("enter")
        await stage.settled()
        await stage.until("work ····", "gpt-6.2-sol", "month $0.00 of $2.50")
        record = stage.records["work"]
        assert record.monthly_cap == Decimal("2.50")
        assert record.default_model == "gpt-6.2-sol"
        assert record.expires is not None
        assert record.expires > datetime(2027, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("name", "", "1 to 60 printable characters"),
        ("name", FOUND, "looks like a key"),
        ("monthly_cap", "a lot", "amount of USD"),
        ("expires", "tomorrow", "2027-03-31"),
        ("base_url", "ftp://x", "http"),
        ("organization", "two words", "no spaces"),
        ("note", FOUND, "looks like a key"),
    ],
)
async def test_what_does_not_fit_is_said_and_nothing_is_changed(field: str, text: str, said: str) -> None:
    async with keys_pane() as stage:
        before = stage.records
        await stage.press("e")
        await stage.until("Edit practice")
        await stage.fill(field, text)
        await stage.press("enter")
        await stage.until(said)
        await stage.press("escape")
        await stage.settled()
        assert stage.records == before


async def test_a_key_is_sent_to_another_host_only_after_a_clear_yes() -> None:
    async with keys_pane() as stage:
        bound = stage.records["practice"].base_url
        for answer, address in (("n", bound), ("y", "https://gateway.example/v1")):
            await stage.press("e")
            await stage.until("Edit practice")
            await stage.fill("base_url", "https://gateway.example/v1")
            await stage.press("enter")
            await stage.until("Send practice to gateway.example?", "can read it")
            await stage.press(answer)
            await stage.settled()
            await stage.when(lambda address=address: stage.records["practice"].base_url == address, address)


async def test_keys_live_in_the_encrypted_file_and_are_asked_for_when_they_are_needed() -> None:
    async with keys_pane() as stage:
        await stage.move_to_file()
        assert stage.records["practice"].place is Place.FILE
        stage.services._vaults[Place.FILE].lock()
        await stage.press("alt+2", "alt+1")
        await stage.until("which is locked", "l unlock")
        # A question needs the key: the dialog comes by itself, and the answer after it.
        await stage.press("alt+2")
        await stage.type("What is a token?")
        await stage.press("enter")
        await stage.until("The encrypted file is locked")
        await stage.paste("wrong words")
        await stage.press("enter")
        await stage.until("does not open")
        await stage.give_passphrase()
        text = await stage.until("practice answer", "billed")
        assert WORDS not in text


async def test_not_now_leaves_it_locked_and_says_so() -> None:
    async with keys_pane() as stage:
        await stage.move_to_file()
        stage.services._vaults[Place.FILE].lock()
        await stage.press("v")
        await stage.until("The encrypted file is locked")
        await stage.press("escape")
        await stage.hear("is locked: give its passphrase")
        await stage.until("l unlock")
        await stage.press("l")
        await stage.until("The encrypted file is locked")
        await stage.give_passphrase()
        await stage.settled()
        assert stage.services.keys.file_state is FileState.OPEN
        await stage.press("v")
        await stage.until("works")


async def test_two_passphrases_that_differ_make_no_file() -> None:
    async with keys_pane() as stage:
        await stage.press("m")
        await stage.until("where?", "No keyring service")
        await stage.type("encrypted")
        await stage.press("enter")
        await stage.until("Choose a passphrase")
        await stage.give_passphrase()
        await stage.paste("other words")
        await stage.press("enter")
        await stage.until("not the same")
        await stage.press("escape")
        await stage.settled()
        assert stage.services.keys.file_state is FileState.MISSING
        assert stage.records["practice"].place is Place.SESSION


@pytest.mark.parametrize("size", SIZES)
async def test_a_key_is_shown_for_a_moment_and_never_in_a_picture(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from keytui.tui.dialogs import reveal

    async with keys_pane(size=size) as stage:
        key = (await stage.services.keys.secret(stage.records["practice"])).reveal()
        await stage.press("s")
        text = await stage.until("Hidden again in")
        assert key in _joined(text)
        picture = stage.app.export_screenshot()
        assert "Hidden" in picture
        assert not any(key[at : at + 8] in picture for at in range(0, len(key) - 8))
        await stage.pilot.pause()
        assert key in _joined(stage.text())
        await stage.press("escape")
        await stage.settled()
        assert key[10:30] not in _joined(stage.text())
        monkeypatch.setattr(reveal, "SECONDS", 0.3)
        await stage.press("s")
        await stage.settled()
        assert key[10:30] not in _joined(stage.text())


def _joined(text: str) -> str:
    """What stands in the dialog, its lines as one."""
    return "".join(re.findall(r"│ (.*?) *│", text))


def clipboard_program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clipboard as programs know it: a file behind ``xclip``."""
    held = folder / "held"
    script = f'#!/bin/sh\ncase "$*" in *-out*) cat {held} 2>/dev/null;; *) cat > {held};; esac\n'
    (folder / "xclip").write_text(script)
    (folder / "xclip").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":9")
    return held


async def test_a_copied_key_is_taken_back_where_a_program_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from keytui.tui.panes.keys import on_clipboard

    held = clipboard_program(tmp_path, monkeypatch)
    monkeypatch.setattr(on_clipboard, "SECONDS", 2)
    async with keys_pane() as stage:
        key = (await stage.services.keys.secret(stage.records["practice"])).reveal()
        await stage.press("c")
        await stage.until("on the clipboard for", "k keep copied")
        assert held.read_text() == key
        assert stage.app.clipboard == ""
        await stage.hear("Taken off the clipboard")
        assert held.read_text() == ""


async def test_the_countdown_can_be_ended_and_others_copies_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keytui.tui.panes.keys import on_clipboard

    held = clipboard_program(tmp_path, monkeypatch)
    monkeypatch.setattr(on_clipboard, "SECONDS", 2)
    async with keys_pane() as stage:
        await stage.press("c")
        await stage.until("on the clipboard for")
        await stage.press("k")
        await stage.when(lambda: "on the clipboard" not in stage.text(), "no countdown")
        assert held.read_text()
        await stage.press("c")
        await stage.until("on the clipboard for")
        held.write_text("something of the user's")
        await stage.hear("holds something else")
        assert held.read_text() == "something of the user's"


async def test_leaving_takes_a_copied_key_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = clipboard_program(tmp_path, monkeypatch)
    async with keys_pane() as stage:
        await stage.press("c")
        await stage.until("on the clipboard for")
        assert held.read_text()
    assert held.read_text() == ""


async def test_a_terminal_clipboard_is_not_claimed_to_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    async with keys_pane() as stage:
        await stage.press("c")
        await stage.hear("Sent to your terminal's clipboard", "cannot empty it here")
        assert stage.app.clipboard == ""
        assert "on the clipboard for" not in stage.text()


async def test_what_is_known_of_keys_is_exported_without_their_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with keys_pane() as stage:
        key = (await stage.services.keys.secret(stage.records["practice"])).reveal()
        await stage.press("x")
        await stage.until("Export what is known of keys")
        await stage.press("enter")
        await stage.hear(f"Written to {tmp_path}/keytui-keys.json")
        written = (tmp_path / "keytui-keys.json").read_text()
        assert (tmp_path / "keytui-keys.json").stat().st_mode & 0o077 == 0
        [known] = json.loads(written)["keys"]
        assert known["name"] == "practice"
        assert known["place"] == "session"
        assert key[8:20] not in written
        await stage.press("x")
        await stage.until("Export what is known of keys")
        await stage.press("enter")
        await stage.hear("There is a file of that name")
        assert (tmp_path / "keytui-keys.json").read_text() == written


async def test_keys_that_lie_about_are_offered_and_only_then_taken(
    sealed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", FOUND)
    (sealed / ".codex").mkdir()
    (sealed / ".codex/auth.json").write_text(json.dumps({"OPENAI_API_KEY": FOUND[:-4] + "Zz99"}))
    async with keys_pane() as stage:
        assert set(stage.records) == {"practice"}
        await stage.press("i")
        await stage.until("OPENAI_API_KEY in the environment", "the settings of Codex", "····Zz99")
        await stage.type("environment")
        await stage.press("enter")
        await stage.until("read it where it is")
        await stage.press("enter")
        await stage.until("What shall it be called?")
        await stage.press("enter")
        await stage.settled()
        await stage.when(lambda: "work" in stage.records, "the key")
        record = stage.records["work"]
        assert (record.place, record.locator) == (Place.ENVIRONMENT, "OPENAI_API_KEY")
        assert await stage.services.keys.secret(record) == Secret(FOUND)
        await stage.press("i")
        await stage.until("OPENAI_API_KEY in the environment")
        await stage.type("environment")
        await stage.press("enter")
        await stage.hear("This is work, which is in the list already")


async def test_a_forgotten_key_is_gone_and_nothing_is_forgotten_by_accident() -> None:
    async with keys_pane() as stage:
        await stage.press("d")
        await stage.until("Forget practice?")
        await stage.press("escape")
        await stage.settled()
        assert "practice" in stage.records
        await stage.press("d")
        await stage.until("Forget practice?")
        await stage.press("y")
        await stage.until("No keys yet")
        assert stage.records == {}


async def test_without_a_key_the_one_of_the_environment_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", FOUND)
    async with keys_pane() as stage:
        await stage.press("d")
        await stage.until("Forget practice?")
        await stage.press("y")
        text = await stage.until("No keys yet", "OPENAI_API_KEY in the environment holds a project key", "press i")
        assert FOUND not in text
        assert FOUND[-4:] in text


async def test_every_key_of_the_footer_is_in_the_help() -> None:
    async with keys_pane() as stage:
        help_text = stage.pane.HELP
        for binding in stage.pane.BINDINGS:
            key = binding.key.split(",")[0].replace("W", "shift+w")
            assert f"**{key}**" in help_text or key in ("k", "l", "u"), key


async def test_an_admin_key_is_checked_by_what_it_manages() -> None:
    async with keys_pane() as stage:
        handed = await stage.services.practice_keys()
        owner = KeyRecord(new_key_id(), "owner", KeyKind.ADMIN, handed.base_url, Place.SESSION, "", datetime.now(UTC))
        await stage.services.keys.add(owner, Secret(handed.admin_key))
        stage.pane.told(stage.records["owner"])
        await stage.until("owner")
        await stage.press("v")
        await stage.until("an OpenAI admin key", "1 project")
        await stage.when(lambda: stage.records["owner"].state is KeyState.WORKS, "the end of the check")
        await stage.press("u")
        await stage.hear("manages the organisation and answers no questions")
        assert stage.services.keys.active() == stage.records["practice"]
