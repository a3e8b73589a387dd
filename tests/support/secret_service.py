"""A private Secret Service: a session bus and an unlocked keyring of their own, never the developer's."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_NEEDED = ("dbus-daemon", "dbus-send", "gnome-keyring-daemon")


@pytest.fixture
def secret_service(sealed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """An unlocked keyring that this process and its children use. Gives the variables that lead there."""
    if missing := [name for name in _NEEDED if not shutil.which(name)]:
        pytest.skip(f"needs {', '.join(missing)} (Debian: gnome-keyring, dbus)")
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    variables = {"XDG_RUNTIME_DIR": str(runtime), "XDG_DATA_HOME": str(sealed / ".local" / "share")}
    bus = subprocess.Popen(
        ["dbus-daemon", f"--config-file={_configuration(tmp_path)}", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **variables},
    )
    started = [bus]
    try:
        assert bus.stdout is not None
        variables["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        environment = {**os.environ, **variables}
        keyring = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        started.append(keyring)
        assert keyring.stdin is not None
        keyring.stdin.write(b"a password")
        keyring.stdin.close()
        _wait_until_unlocked(environment)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield variables
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(10)
        assert bus.stdout is not None
        bus.stdout.close()


def _configuration(folder: Path) -> Path:
    """A session bus that starts no service itself: what it started would outlive the test."""
    file = folder / "session-bus.conf"
    file.write_text(
        "<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>"
        '<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>'
        '<allow own="*"/></policy></busconfig>'
    )
    return file


def _wait_until_unlocked(environment: dict[str, str]) -> None:
    # Whether the name is taken must be asked first: a call to the service itself would start a second, locked one.
    there = _question(
        "org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"
    )
    is_open = _question(
        "org.freedesktop.secrets",
        "/org/freedesktop/secrets",
        "org.freedesktop.Secret.Service.ReadAlias",
        "string:default",
    )
    end = time.monotonic() + 20
    for question, wanted in ((there, "boolean true"), (is_open, "/org/freedesktop/secrets/collection")):
        while wanted not in (answer := _ask(question, environment)):
            assert time.monotonic() < end, f"the keyring did not open: {answer}"
            time.sleep(0.05)


def _question(service: str, thing: str, method: str, argument: str) -> list[str]:
    return ["dbus-send", "--session", "--print-reply", f"--dest={service}", thing, method, argument]


def _ask(question: list[str], environment: dict[str, str]) -> str:
    answer = subprocess.run(question, env=environment, capture_output=True, text=True, timeout=10)
    return answer.stdout + answer.stderr
