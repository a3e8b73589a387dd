"""``keytui doctor`` as a user runs it, on machines where something is wrong."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from keytui.adapters.paths import find
from keytui.cli import doctor
from keytui.cli.doctor import examination
from keytui.domain.findings import Finding, Findings, State
from keytui.domain.troubles import Exit
from tests.support.faulty import faulty_server, reply
from tests.support.practice import Practice
from tests.support.sealed import clean


def examined(home: Path, *arguments: str, **environment: str) -> tuple[int, dict[str, Any]]:
    """Exit status and the JSON of a run."""
    done = subprocess.run(
        [sys.executable, "-m", "keytui", "doctor", "--json", *arguments],
        env=clean(os.environ, home) | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def named(report: dict[str, Any], name: str) -> dict[str, Any]:
    return next(check for check in report["checks"] if check["name"] == name)


def test_a_machine_in_order(sealed: Path, practice: Practice) -> None:
    keys = {"OPENAI_API_KEY": practice.api_key, "OPENAI_BASE_URL": practice.base_url}
    status, report = examined(sealed, **keys)
    assert (status, report["ok"]) == (0, True), report
    assert named(report, "key accepted")["state"] == "good"
    assert practice.api_key not in json.dumps(report)
    assert not (sealed / "keytui" / "data").exists()


def test_a_command_that_the_shell_does_not_find(sealed: Path) -> None:
    _, report = examined(sealed, "--offline", PATH="/nowhere")
    assert f"PATH={Path(sys.executable).parent}:$PATH" in named(report, "command")["remedy"]


def test_offline_nothing_is_asked(sealed: Path) -> None:
    status, report = examined(sealed, "--offline", OPENAI_BASE_URL="http://127.0.0.1:1/v1")
    assert status == 0
    assert named(report, "key")["detail"] == "offline"


def test_a_refused_key(sealed: Path, practice: Practice) -> None:
    status, report = examined(sealed, OPENAI_API_KEY="sk-proj-" + "x9Y" * 40, OPENAI_BASE_URL=practice.base_url)
    assert status == Exit.AUTHENTICATION
    assert named(report, "key accepted")["remedy"]


def test_nothing_listens(sealed: Path, unused_tcp_port: int) -> None:
    base_url = f"http://127.0.0.1:{unused_tcp_port}/v1"
    status, report = examined(sealed, OPENAI_BASE_URL=base_url)
    assert status == Exit.NETWORK
    assert named(report, "connection")["state"] == "bad"


def test_a_proxys_password_is_masked(sealed: Path, unused_tcp_port: int) -> None:
    _, report = examined(sealed, HTTPS_PROXY=f"http://ann:hunter2@127.0.0.1:{unused_tcp_port}")
    assert "ann:…@" in named(report, "route")["detail"]
    assert "hunter2" not in json.dumps(report)


def test_settings_that_cannot_be_read_and_an_open_folder(sealed: Path) -> None:
    config = sealed / "keytui" / "config"
    config.mkdir(parents=True, mode=0o755)
    (config / "config.toml").write_text("theme = \n")
    status, report = examined(sealed, "--offline")
    assert status == Exit.FAILED
    assert "line 1" in named(report, "settings")["detail"]
    assert "chmod 700" in named(report, "config folder")["remedy"]


def test_a_key_index_that_cannot_be_read(sealed: Path) -> None:
    data = sealed / "keytui" / "data"
    data.mkdir(parents=True, mode=0o700)
    (data / "keys.json").write_text("{")
    status, report = examined(sealed, "--offline")
    assert status == Exit.VAULT
    assert "keys.json" in named(report, "vault")["detail"]


def test_whatever_hangs_it_ends(sealed: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        status, report = examined(sealed, OPENAI_BASE_URL=f"http://127.0.0.1:{silent.getsockname()[1]}/v1")
        assert time.monotonic() - began < 15
    assert status == Exit.NETWORK
    assert named(report, "an API answers")["state"] == "bad"


async def test_a_check_that_hangs_or_breaks_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs() -> Findings:
        await asyncio.sleep(3600)
        raise AssertionError

    async def breaks() -> Findings:
        raise RuntimeError("about sk-proj-abcdefgh12345678")

    async def works() -> Findings:
        return [Finding("fine", State.GOOD)]

    monkeypatch.setattr(examination, "SECONDS", 0.1)
    monkeypatch.setattr(examination, "checks", lambda patient: {"vault": hangs, "odd": breaks, "fine": works})
    found = await examination.examine(find(), offline=True)
    assert [finding.state for finding in found] == [State.BAD, State.BAD, State.GOOD]
    assert found[0].exit is Exit.VAULT
    assert "abcdefgh" not in repr(found)


def test_lines_for_people(sealed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.run(["--offline"]) == 0
    shown = capsys.readouterr().out
    assert "✓ Python: " in shown
    assert all(line[0] in "✓!✗– " for line in shown.splitlines())


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_without_unicode(sealed: Path, locale: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "keytui", "doctor", "--offline"],
        env=clean(os.environ, sealed) | {"LANG": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()


async def test_a_clock_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    async with faulty_server() as server:
        server.on("/models", reply(401, {"error": {"message": "no key"}}, date="Mon, 01 Jan 2024 00:00:00 GMT"))
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        found = {finding.name: finding for finding in await examination.examine(find())}
        assert found["clock"].state is State.BAD
        assert found["clock"].exit is Exit.NETWORK
        assert "ahead of the server's" in found["clock"].detail
        assert "Set the date and time" in found["clock"].remedy


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_files_that_are_never_read_to_their_end(sealed: Path) -> None:
    config = sealed / "keytui" / "config"
    config.mkdir(parents=True, mode=0o700)
    os.mkfifo(config / "config.toml", 0o600)
    os.mkfifo(sealed / "ca.pem", 0o600)
    status, report = examined(sealed, "--offline", SSL_CERT_FILE=str(sealed / "ca.pem"))
    assert status == Exit.FAILED
    assert named(report, "settings")["state"] == "bad"
    assert named(report, "vocabulary")["state"] == "good"


def test_the_own_proxy_is_walked_and_its_sign_in_is_not_shown(sealed: Path, unused_tcp_port: int) -> None:
    config = sealed / "keytui" / "config"
    config.mkdir(parents=True, mode=0o700)
    (config / "config.toml").write_text(
        f'[network]\nproxy = "http://127.0.0.1:{unused_tcp_port}"\nsign_in = "session:gone"\n'
    )
    status, report = examined(sealed)
    assert status == Exit.NETWORK
    routes = [check for check in report["checks"] if check["name"] == "route"]
    assert f"http://127.0.0.1:{unused_tcp_port} (your own" in routes[0]["detail"]
    assert "enter it again" in routes[1]["detail"]
    assert "proxy" in named(report, "connection")["detail"].lower()


def test_files_open_to_others(sealed: Path) -> None:
    data = sealed / "keytui" / "data"
    data.mkdir(parents=True, mode=0o700)
    (data / "vault").write_text("x")
    (data / "vault").chmod(0o644)
    _, report = examined(sealed, "--offline")
    assert f"chmod 600 {data / 'vault'}" in named(report, "file")["remedy"]
