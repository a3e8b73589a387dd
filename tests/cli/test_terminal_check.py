"""What ``keytui doctor`` says of terminals."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keytui.cli.doctor.terminal import check_terminal
from keytui.domain.findings import Finding, State
from tests.support.sealed import clean


def found(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Finding]:
    for name in ("TERM", "COLORTERM", "NO_COLOR", "TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return {finding.name: finding for finding in check_terminal()}


@pytest.mark.parametrize(
    ("environment", "colours", "state"),
    [
        ({"TERM": "xterm-256color"}, "256", State.GOOD),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "16 million", State.GOOD),
        ({"TERM": "xterm-direct"}, "16 million", State.GOOD),
        ({"TERM": "vt100"}, "few (vt100)", State.NOTED),
        ({"TERM": "vt100", "NO_COLOR": "1"}, "none, as NO_COLOR asks", State.GOOD),
    ],
)
def test_colours(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colours: str, state: State) -> None:
    finding = found(monkeypatch, **environment)["colours"]
    assert (finding.detail, finding.state) == (colours, state)


@pytest.mark.parametrize("term", ["", "dumb", "unknown"])
def test_no_terminal_to_speak_of(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    finding = found(monkeypatch, TERM=term)["terminal"]
    assert finding.state is State.NOTED
    assert "all commands work without one" in finding.remedy


def test_the_clipboard_here_and_over_ssh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tool = tmp_path / "wl-copy"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    near = found(monkeypatch, TERM="xterm", WAYLAND_DISPLAY="wayland-0")
    assert near["clipboard"].detail == "by wl-copy"
    assert "ssh" not in near
    far = found(monkeypatch, TERM="xterm", WAYLAND_DISPLAY="wayland-0", SSH_CONNECTION="a 1 b 2")
    assert far["clipboard"].detail.startswith("by the terminal")
    assert far["ssh"].state is State.GOOD


def test_a_tmux_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert found(monkeypatch, TERM="screen", TMUX="/nowhere,1,0")["tmux"].state is State.NOTED


@pytest.mark.real
def test_inside_a_real_tmux(sealed: Path, tmp_path: Path) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    out = tmp_path / "report.json"
    command = f"{shlex.quote(sys.executable)} -m keytui doctor --offline --json > {shlex.quote(str(out))}.part"
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    settings = ["set", "-s", "set-clipboard", "off", ";", "set", "-s", "escape-time", "500"]
    new = ["new-session", "-d", "-x", "70", "-y", "20", f"{command}; mv {out}.part {out}; sleep 60"]
    environment = clean(os.environ, sealed)
    # The settings first: what runs inside looks at them at once.
    subprocess.run(
        [*tmux, "start-server", ";", *settings, ";", *new], env=environment, check=True, timeout=20, capture_output=True
    )
    try:
        ends = time.monotonic() + 30
        while not out.exists():
            assert time.monotonic() < ends
            time.sleep(0.05)
        checks = json.loads(out.read_text())["checks"]
        told = {(check["name"], check["state"]): check["detail"] for check in checks}
        assert told["size", "good"] == "70x20"
        noted = [check["detail"] for check in checks if (check["name"], check["state"]) == ("tmux", "noted")]
        assert noted == ["it keeps what is copied from your terminal", "it holds the escape key back for 500 ms"]
    finally:
        subprocess.run([*tmux, "kill-server"], env=environment, check=False, timeout=20)
