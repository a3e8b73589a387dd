"""A marked secret goes through every command about keys; afterwards it is only where it belongs."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.keytui import Ran, keytui
from tests.support.practice import Practice
from tests.support.terminal import Terminal

MARK = "LEAKMARK7Q9"
SECRET = f"sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7{MARK}aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
WORDS = f"pass{MARK}phrase"
DISGUISES = [MARK.encode(), *(base64.b64encode(b"x" * shift + MARK.encode())[4:-4] for shift in range(3))]
"""The mark, and the middle of it in base64, at whatever offset."""


@contextmanager
def watched_arguments() -> Iterator[set[str]]:
    """Looks at the argument lists of all processes, again and again; gathers those that hold the mark."""
    seen: set[str] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            for name in os.listdir("/proc"):
                if not name.isdigit():
                    continue
                try:
                    arguments = Path(f"/proc/{name}/cmdline").read_bytes()
                except OSError:
                    continue
                if MARK.encode() in arguments:
                    seen.add(arguments.decode(errors="replace"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def holding(folder: Path) -> list[str]:
    """The files below a folder that hold the mark, in clear or in base64."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(disguise in path.read_bytes() for disguise in DISGUISES)
    ]


def clean(ran: Ran) -> Ran:
    assert MARK not in ran.out
    assert MARK not in ran.words
    return ran


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_the_mark_is_nowhere_but_in_the_programs_environment(
    sealed: Path, tmp_path: Path, practice: Practice, terminal: Callable[..., Terminal]
) -> None:
    debug = {"OPENAI_LOG": "debug", "TEXTUAL_DEBUG": "1", "PYTHONASYNCIODEBUG": "1"}

    def run(*arguments: str, stdin: str | None = None, passphrase: str | None = WORDS) -> Ran:
        if passphrase is None or arguments[1] in ("list", "use", "rename"):
            return clean(keytui(*arguments, stdin=stdin, environment=debug, cwd=tmp_path))
        return clean(keytui(*arguments, stdin=stdin, passphrase=passphrase, environment=debug, cwd=tmp_path))

    at_practice = ["--base-url", practice.base_url]
    with watched_arguments() as seen:
        file = ["--stdin", "--vault", "file"]
        assert run("keys", "add", "work", *file, "--no-verify", *at_practice, stdin=SECRET).status == 0
        assert run("keys", "add", "cut", *file, "--no-verify", stdin=f"'{SECRET[:40]}\n{SECRET[40:]}'").status == 0
        assert run("keys", "add", "bad", *file, "--no-verify", stdin=SECRET[:40] + "é" + SECRET[40:]).status == 3
        assert run("keys", "add", "two", *file, "--no-verify", stdin=SECRET + "\n" + SECRET[::-1]).status in (0, 3)
        assert run("keys", "add", "refused", *file, *at_practice, stdin=SECRET).status == 3
        assert run("keys", "add", "lost", *file, "--base-url", "http://127.0.0.1:9/v1", stdin=SECRET).status == 6
        assert run("keys", "verify", "work", "--json").status == 3
        for arguments in (["list"], ["list", "--json"], ["use", "work"], ["rename", "cut", "whole"]):
            assert run("keys", *arguments).status == 0
        assert run("keys", "verify", "work", passphrase=f"wrong {MARK}").status == 7
        assert run("keys", "review", "--look").status == 0
        clean(keytui("keys", "import", environment={"OPENAI_API_KEY": SECRET, **debug}))
        given = keytui("exec", "-k", "work", "--", "printenv", "OPENAI_API_KEY", passphrase=WORDS, environment=debug)
        assert (given.out, given.words) == (SECRET + "\n", "")
        clean(keytui("exec", "-k", "work", "--", "no-such-program", passphrase=WORDS, environment=debug))
        # A crash in the middle: the list turns into something that nobody can write, then into nonsense.
        index = sealed / "keytui/data/keys.json"
        kept = index.read_bytes()
        index.write_text("[]")
        assert run("keys", "add", "late", *file, "--no-verify", stdin=SECRET).status == 7
        index.write_bytes(kept)
        with terminal("keys", "add", "typed", "--no-verify", "--vault", "session") as screen:
            screen.wait_for("Paste the key")
            screen.send(SECRET)
            screen.send("\x03")
            assert screen.wait_exit() == 130
            assert MARK.encode() not in screen.raw
        assert run("keys", "remove", "work", "--yes").status == 0
    assert seen == set()
    assert holding(sealed) == []
    assert holding(tmp_path) == []


def test_the_watch_and_the_search_would_find_it(sealed: Path) -> None:
    (sealed / "leak").write_text(f"a word {MARK} here")
    (sealed / "disguised").write_bytes(base64.b64encode(f"a word {MARK} here".encode()))
    assert sorted(holding(sealed)) == ["disguised", "leak"]
    with watched_arguments() as seen:
        keytui("exec", "--", "sh", "-c", f"sleep 0.5; : {MARK}", environment={"OPENAI_API_KEY": "x"})
    assert seen
