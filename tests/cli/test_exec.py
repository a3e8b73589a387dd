from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from keytui.adapters.index_glance import index_path
from keytui.adapters.paths import find
from tests.cli.keytui import keytui
from tests.support.terminal import Terminal

KEY = "sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
HERE = {"OPENAI_API_KEY": KEY}

PROMPT = re.compile("^ready>", re.MULTILINE)

SHOW = (
    "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if 'OPENAI' in k or k == 'KEYTUI_EXEC'}))"
)
"""A program that tells what it was given."""


def given(*options: str, **more: Any) -> dict[str, str]:
    """The variables that a program gets."""
    ran = keytui("exec", *options, "--", sys.executable, "-c", SHOW, **more)
    assert ran.status == 0, ran.words
    return ran.data  # type: ignore[no-any-return]


def put_index(sealed: Path, *entries: dict[str, Any], active: str | None = None) -> Path:
    path = sealed / "keytui/data/keys.json"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = datetime.now(UTC).isoformat()
    common = {"kind": "project", "base_url": "https://api.openai.com/v1", "created": now, "last_used": now}
    keys = [{"id": f"id-{entry['name']}", **common, **entry} for entry in entries]
    path.write_text(json.dumps({"version": 1, "active": active, "keys": keys}))
    return path


@pytest.fixture
def printed(tmp_path: Path) -> str:
    """A command that prints the key."""
    (tmp_path / "kept").write_text(KEY + "\n")
    return f"cat {tmp_path}/kept"


def test_the_key_of_the_environment_goes_along_with_what_belongs_to_it() -> None:
    around = {**HERE, "OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_ORG_ID": "org-1", "OPENAI_PROJECT_ID": "proj"}
    assert given(environment=around) == {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": "http://127.0.0.1:1/v1",
        "OPENAI_ORG_ID": "org-1",
        "OPENAI_PROJECT_ID": "proj",
        "KEYTUI_EXEC": "environment",
    }


def test_what_belongs_to_another_key_is_taken_away(sealed: Path, printed: str) -> None:
    put_index(
        sealed,
        {"name": "work", "place": "command", "locator": printed, "base_url": "http://127.0.0.1:4000/v1"},
        {"name": "plain", "place": "command", "locator": printed},
        {"name": "org", "place": "command", "locator": printed, "organization": "org-2", "project": "proj_2"},
        {"name": "boss", "place": "command", "locator": printed, "kind": "admin"},
        active="id-work",
    )
    stale = {
        "OPENAI_API_KEY": "sk-old",
        "OPENAI_ADMIN_KEY": "sk-old",
        "OPENAI_BASE_URL": "http://old",
        "OPENAI_ORG_ID": "org-old",
        "OPENAI_PROJECT_ID": "proj_old",
        "OPENAI_MODEL": "mine",
    }
    assert given(environment=stale) == {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": "http://127.0.0.1:4000/v1",
        "OPENAI_MODEL": "mine",
        "KEYTUI_EXEC": "work",
    }
    assert given("-k", "plain", environment=stale) == {
        "OPENAI_API_KEY": KEY,
        "OPENAI_MODEL": "mine",
        "KEYTUI_EXEC": "plain",
    }
    with_org = given("--key=org", environment=stale)
    assert (with_org["OPENAI_ORG_ID"], with_org["OPENAI_PROJECT_ID"]) == ("org-2", "proj_2")
    assert given("-k", "boss") == {"OPENAI_ADMIN_KEY": KEY, "KEYTUI_EXEC": "boss"}
    assert given("-k", "plain", "--env", "MY_OPENAI", environment=stale)["MY_OPENAI"] == KEY


def test_keys_that_keytui_does_not_keep(tmp_path: Path, printed: str) -> None:
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY='{KEY}'\nOPENAI_BASE_URL=http://127.0.0.1:4000/v1\nOTHER=two\n")
    assert given("--from", "dotenv", cwd=tmp_path)["OPENAI_BASE_URL"] == "http://127.0.0.1:4000/v1"
    assert given("--from", "dotenv:.env#OTHER", cwd=tmp_path)["OPENAI_API_KEY"] == "two"
    assert given("--from", f"command:{printed}")["OPENAI_API_KEY"] == KEY
    assert given("--from", "environment:WORK", environment={"WORK": "three"})["OPENAI_API_KEY"] == "three"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--", "sh", "-c", "exit 7"], 7, ""),
        (["sh", "-c", "exit 0"], 0, ""),
        (["--", "sh", "-c", "kill -TERM $$"], -signal.SIGTERM, ""),
        (["--", "no-such-program-at-all"], 127, "there is no program"),
        (["--", "/etc/passwd"], 126, "cannot be run"),
        (["--", "/etc"], 126, "cannot be run"),
        ([], 125, "name the program"),
        (["--"], 125, "name the program"),
        (["--unknown", "--", "true"], 125, "there is no option"),
        (["-k"], 125, "needs a value"),
        (["-k", "--", "true"], 125, "needs a value"),
        (["-k", "none", "--", "true"], 125, "there is no key named “none”"),
        (["--from", "nowhere", "--", "true"], 125, "--from takes"),
        (["--from", "command:false", "--", "true"], 125, "failed (status 1)"),
        (["--env", "a b", "--", "true"], 125, "no name for a variable"),
        (["--passphrase-fd", "x", "--", "true"], 125, "number of an open file descriptor"),
        (["--key", KEY, "--", "true"], 125, "revoke that key"),
        ([KEY], 125, "revoke that key"),
    ],
)
def test_the_exit_status_is_the_programs_or_says_why_it_did_not_run(
    arguments: list[str], status: int, said: str
) -> None:
    ran = keytui("exec", *arguments, environment=HERE)
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.words
    assert bool(said) == bool(ran.words)
    assert KEY not in ran.words


def test_without_any_key_it_says_how_to_get_one() -> None:
    ran = keytui("exec", "--", "true")
    assert (ran.status, "keytui keys add NAME" in ran.words) == (125, True)


def test_it_does_not_nest_silently() -> None:
    command = [sys.executable, "-m", "keytui", "exec"]
    inner = keytui("exec", "--", *command, "--", "true", environment=HERE)
    assert (inner.status, "already inside keytui exec, with the key “environment”" in inner.words) == (125, True)
    assert keytui("exec", "--", *command, "--nested", "--", "true", environment=HERE).status == 0


def test_the_list_of_keys_is_found_where_the_others_find_it(monkeypatch: pytest.MonkeyPatch, sealed: Path) -> None:
    for name, value in (
        ("KEYTUI_HOME", str(sealed / "one")),
        ("KEYTUI_HOME", "~/two"),
        ("KEYTUI_HOME", ""),
        ("XDG_DATA_HOME", str(sealed / "three")),
        ("XDG_DATA_HOME", ""),
    ):
        monkeypatch.setenv(name, value)
        assert index_path() == str(find().keys_file)


def test_a_damaged_list_is_named_by_line(sealed: Path, printed: str) -> None:
    path = put_index(sealed, {"name": "work", "place": "command", "locator": printed}, active="id-work")
    path.write_text(path.read_text().replace('"version": 1,', '"version": 1,\n oops'))
    ran = keytui("exec", "--", "true", environment=HERE)
    assert (ran.status, f"{path}, line 2" in ran.words) == (125, True)
    assert keytui("exec", "--complete").out == ""


def test_names_are_completed(sealed: Path) -> None:
    put_index(sealed, {"name": "work", "place": "keyring"}, {"name": "my shop", "place": "file"})
    assert keytui("exec", "--complete").out == "work\nmy shop\n"


def test_use_is_noted(sealed: Path, printed: str) -> None:
    path = put_index(
        sealed,
        {"name": "work", "place": "command", "locator": printed, "last_used": "2026-01-01T00:00:00+00:00"},
        active="id-work",
    )
    assert keytui("exec", "--", "true").status == 0
    noted = json.loads(path.read_text())["keys"][0]["last_used"]
    assert noted > "2026-11"
    assert keytui("exec", "--", "true").status == 0
    assert json.loads(path.read_text())["keys"][0]["last_used"] == noted


def test_it_loads_neither_the_interface_nor_the_sdk_nor_anything_heavy(printed: str) -> None:
    light = {"asyncio", "dataclasses", "argparse", "platformdirs", "subprocess", "typing", "inspect", "pathlib"}
    heavy = {"textual", "rich", "openai", "httpx2", "keyring", "cryptography"}
    program = f"""
import os, sys
def loaded(*_): print(sorted({light | heavy!r} & set(sys.modules))); sys.stdout.flush(); os._exit(0)
os.execvpe = loaded
from keytui.cli import main
main(["exec", *sys.argv[1:], "--", "true"])
"""
    for options in ([], ["--from", f"command:{printed}"]):
        done = subprocess.run(
            [sys.executable, "-S", "-c", program, *options],
            env={**os.environ, **HERE, "PYTHONPATH": os.getcwd()},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.stdout, done.stderr) == ("[]\n", "")


def test_signals_that_python_ignores_are_given_back() -> None:
    # CMD is no Python, whose own ignoring would be seen instead.
    ran = keytui("exec", "--", "sh", "-c", "grep SigIgn /proc/self/status", environment=HERE)
    assert int(ran.out.split()[1], 16) == 0
    piped = keytui("exec", "--", "sh", "-c", "yes | head -1", environment=HERE)
    assert (piped.out, piped.words, piped.status) == ("y\n", "", 0)


def test_the_passphrase_and_its_descriptor_do_not_reach_the_program() -> None:
    added = keytui("keys", "add", "work", "--stdin", "--vault", "file", "--no-verify", stdin=KEY, passphrase="a word")
    assert added.status == 0
    ran = keytui("exec", "--", "sh", "-c", "ls /proc/self/fd; env", passphrase="a word")
    assert (ran.status, KEY in ran.out) == (0, True)
    assert "a word" not in ran.out
    assert {line for line in ran.out.splitlines() if line.isdigit()} <= {"0", "1", "2", "3"}


@pytest.fixture
def screen(terminal: Callable[..., Terminal]) -> Callable[..., Terminal]:
    def start(*command: str) -> Terminal:
        return terminal("exec", "--", *command, environment=HERE)

    return start


def test_a_full_screen_program_has_the_real_terminal(screen: Callable[..., Terminal]) -> None:
    program = (
        "import os, termios, tty; before = termios.tcgetattr(0); tty.setraw(0)\n"
        "foreground = os.tcgetpgrp(0) == os.getpgrp()\n"
        "print('size', os.get_terminal_size().columns, os.ttyname(0) == os.ttyname(1), foreground)\n"
        "print('got', os.read(0, 1)); termios.tcsetattr(0, termios.TCSADRAIN, before)"
    )
    with screen(sys.executable, "-c", program) as shown:
        shown.wait_for("size 110 True True")
        shown.send("\x03")
        shown.wait_for("got b'\\x03'")
        assert shown.wait_exit() == 0


@pytest.fixture
def talker(tmp_path: Path) -> str:
    """A program that says when it is up, when it goes on after a stop, and what it was told."""
    path = tmp_path / "talker.py"
    path.write_text(
        "import signal, sys\n"
        "signal.signal(signal.SIGCONT, lambda *_: print('goes on', flush=True))\n"
        "print('is up', flush=True)\n"
        "for line in sys.stdin: print('told', line, end='', flush=True)\n"
    )
    return f"{sys.executable} {path}"


def stop_and_go_on(shown: Terminal, command: str) -> None:
    """In a shell: start a program, stop it with ctrl+z, take it up again, end it with ctrl+d."""
    shown.send("PS1='ready> '\r")
    shown.wait_for(PROMPT)
    shown.send(f"{command}\r")
    shown.wait_for("is up")
    shown.send("one\r")
    shown.wait_for("told one")
    shown.send("\x1a")
    shown.wait_for("Stopped")
    shown.send("fg\r")
    shown.wait_for("goes on")
    shown.send("two\r")
    shown.wait_for("told two")
    shown.send("\x04")
    shown.send("echo status $? key ${#OPENAI_API_KEY}\r")
    shown.wait_for(f"status 0 key {len(KEY)}")
    shown.send("exit 5\r")
    assert shown.wait_exit() == 5


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_a_shell_inside_has_job_control(screen: Callable[..., Terminal], talker: str) -> None:
    with screen("bash", "--norc", "-i") as shown:
        stop_and_go_on(shown, talker)


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_ctrl_z_stops_the_program_and_fg_goes_on(terminal: Callable[..., Terminal], talker: str) -> None:
    with terminal(command=["bash", "--norc", "-i"], environment=HERE) as shown:
        stop_and_go_on(shown, f"{sys.executable} -m keytui exec -- {talker}")


def test_a_signal_reaches_the_program_and_nothing_is_left(tmp_path: Path) -> None:
    told = tmp_path / "told"
    os.mkfifo(told)
    program = (
        f"trap 'echo cleaned > {tmp_path}/cleaned; exit 5' INT TERM; echo $$ > {told}; while :; do sleep 0.01; done"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "keytui", "exec", "--", "sh", "-c", program], env={**os.environ, **HERE}
    )
    assert int(told.read_text()) == process.pid
    process.terminate()
    assert process.wait(30) == 5
    assert (tmp_path / "cleaned").read_text() == "cleaned\n"


def test_where_one_cannot_become_the_program_it_is_waited_for(capfd: pytest.CaptureFixture[str]) -> None:
    from keytui.cli.exec.spawn import spawn

    around = {**os.environ, **HERE}
    assert spawn(["sh", "-c", 'echo "$OPENAI_API_KEY"; exit 7'], around) == 7
    assert spawn(["no-such-program-at-all"], around) == 127
    assert spawn(["/etc/passwd"], around) == 126
    out, words = capfd.readouterr()
    assert out == KEY + "\n"
    assert "there is no program" in words
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(("kept", "told"), [('{"openai": "sk-old"}', True), ('{"other": "x"}', False), ("{", False)])
def test_a_program_with_a_key_of_its_own_is_named(tmp_path: Path, kept: str, told: bool) -> None:
    program = tmp_path / "llm"
    program.write_text("#!/bin/sh\necho ran\n")
    program.chmod(0o755)
    (tmp_path / "keys.json").write_text(kept)
    ran = keytui("exec", "--", str(program), environment={**HERE, "LLM_USER_PATH": str(tmp_path)})
    assert (ran.status, ran.out) == (0, "ran\n")
    assert ran.words == (
        f"keytui exec: llm uses the key in {tmp_path}/keys.json and not the one handed over: take “openai” out of that "
        "file first.\n"
        if told
        else ""
    )
