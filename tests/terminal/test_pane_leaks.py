"""A marked secret goes through every screen that can hold one; afterwards it is only where it belongs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.keytui import keytui
from tests.cli.test_key_leaks import DISGUISES, MARK, SECRET, WORDS, holding, watched_arguments
from tests.support.practice import Practice
from tests.support.terminal import Terminal

SUCCESSOR = SECRET.replace("sk-proj-aB3", "sk-proj-zY9")
DEBUG = {"OPENAI_LOG": "debug", "TEXTUAL_DEBUG": "1", "TEXTUAL": "debug,devtools", "PYTHONASYNCIODEBUG": "1"}
LEFT_FULL_SCREEN = b"\x1b[?1049l"

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")


def keep_marked_key(practice: Practice) -> None:
    """The marked key as “work”, in the encrypted file behind a marked passphrase."""
    place = ["--stdin", "--vault", "file", "--no-verify", "--base-url", practice.base_url]
    assert keytui("keys", "add", "work", *place, stdin=SECRET, passphrase=WORDS).status == 0


def marked(output: bytes) -> bool:
    return any(disguise in output for disguise in DISGUISES)


def at_the_keys(screen: Terminal) -> None:
    """In the keys pane, with the encrypted file open."""
    screen.wait_for("which is locked")
    screen.press("l")
    screen.wait_for("The encrypted file is locked")
    screen.paste(f"wrong {MARK}")
    screen.press("enter")
    screen.wait_for("does not open")
    screen.send(WORDS)
    screen.press("enter")
    screen.wait_gone("The encrypted file is locked")
    screen.wait_gone("which is locked")


def leave(screen: Terminal) -> None:
    screen.press("ctrl+q")
    assert screen.wait_exit() == 0


def test_typed_pasted_refused_exported_reviewed_and_rotated_it_is_never_seen(
    sealed: Path, tmp_path: Path, practice: Practice, terminal: Callable[..., Terminal]
) -> None:
    keep_marked_key(practice)
    log = {"TEXTUAL_LOG": str(sealed / "textual.log")}
    with (
        watched_arguments() as seen,
        terminal("--pane", "keys", environment=DEBUG | log, folder=tmp_path) as screen,
    ):
        at_the_keys(screen)
        screen.press("v")
        screen.wait_for("refused")
        screen.press("e")
        screen.wait_for("Edit work")
        screen.press("escape")
        screen.wait_gone("Edit work")
        screen.press("x")
        screen.wait_for("Export what is known")
        screen.press("enter")
        screen.wait_for("Written to")
        screen.press("W")
        screen.wait_for("Next review")
        screen.press("r")
        screen.wait_for("Rotate work")
        screen.paste(f"export OPENAI_API_KEY='{SUCCESSOR}'\n")
        screen.wait_for("Taken off")
        screen.press("enter")
        screen.wait_for("work (new)")
        screen.press("f2")
        screen.wait_for("Where do you stand?")
        leave(screen)
        assert not marked(screen.raw)
    given = keytui("exec", "-k", "work", "--", "printenv", "OPENAI_API_KEY", passphrase=WORDS, environment=DEBUG)
    assert (given.out, given.words) == (SECRET + "\n", "")
    assert seen == set()
    assert holding(sealed) == []
    assert holding(tmp_path) == []
    assert (tmp_path / "keytui-keys.json").exists()


def test_what_was_shown_is_gone_from_the_screen_and_the_terminal_afterwards(
    sealed: Path, practice: Practice, terminal: Callable[..., Terminal]
) -> None:
    keep_marked_key(practice)
    with terminal("--pane", "keys") as screen:
        at_the_keys(screen)
        screen.press("s")
        screen.wait_for(MARK)
        screen.press("escape")
        screen.wait_gone(MARK)
        shown = len(screen.raw)
        leave(screen)
        assert not marked(screen.raw[shown:])
        # Full screen has no scrollback: nothing was drawn before it was entered or after it was left.
        assert LEFT_FULL_SCREEN in screen.raw[shown:]
        assert MARK not in screen.text
    assert holding(sealed) == []


CRASH = """
import asyncio, os, signal, sys
from keytui.tui.private.environment import prepare
prepare(os.environ)  # as keytui does before anything of Textual's is loaded
from keytui.cli import main
from keytui.tui.app import KeytuiApp

mounted = KeytuiApp.on_mount

def crash(app):
    field = app.screen.query(".secret, SecretInput").first()
    held = getattr(field, "secret", None) or field._secret
    characters = held.reveal()
    raise RuntimeError("in the middle of it " + (characters if "sk-" in characters else ""))

def on_mount(app):
    mounted(app)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: app.call_later(crash, app))

KeytuiApp.on_mount = on_mount
sys.exit(main(["--pane", "keys"]))
"""
"""keytui with a fault in it: told by a signal, it crashes with the secret of the screen in front in its variables."""


def passphrase(screen: Terminal) -> None:
    screen.wait_for("which is locked")
    screen.press("l")
    screen.wait_for("The encrypted file is locked")
    screen.send(WORDS)
    screen.wait_for("•" * len(WORDS))


def shown(screen: Terminal) -> None:
    at_the_keys(screen)
    screen.press("s")
    screen.wait_for(MARK)


def rotating(screen: Terminal) -> None:
    at_the_keys(screen)
    screen.press("r")
    screen.wait_for("Rotate work")
    screen.paste(SUCCESSOR)
    screen.wait_for("an OpenAI project key" if "openai.com" in screen.text else "•••")


def setting_up(screen: Terminal) -> None:
    screen.wait_for("which is locked")
    screen.press("a")
    screen.wait_for("paste it here")
    screen.paste(SECRET)
    screen.wait_for("•••")


@pytest.mark.parametrize("walk", [passphrase, shown, rotating, setting_up])
def test_a_crash_in_a_screen_that_holds_a_secret_tells_nothing(
    walk: Callable[[Terminal], None], sealed: Path, practice: Practice, terminal: Callable[..., Terminal]
) -> None:
    keep_marked_key(practice)
    with terminal(command=[sys.executable, "-c", CRASH], environment=DEBUG, folder=sealed) as screen:
        walk(screen)
        before = len(screen.raw)
        os.kill(screen.process.pid, signal.SIGUSR1)
        assert screen.wait_exit() == 1
        said = screen.raw[before:]
        assert b"in the middle of" in said
        assert b"holds no key" in said
        assert not marked(said)
    assert holding(sealed) == []
    assert not list(sealed.rglob("core*"))
