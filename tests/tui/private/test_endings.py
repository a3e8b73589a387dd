"""Crashes show no key; a terminal that vanishes costs nothing; odd input is survived. In a real terminal."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.terminal import Terminal
from tests.tui.private.apps import KEY

Start = Callable[..., Terminal]


def started(terminal: Start, mode: str, file: Path) -> Terminal:
    root = str(Path(__file__).resolve().parents[3])
    session = terminal(
        command=[sys.executable, "-m", "tests.tui.private.apps", mode, str(file)], environment={"PYTHONPATH": root}
    )
    session.wait_for("Write")
    return session


@pytest.mark.parametrize("mode", ["crash", "worker"])
def test_a_crash_report_holds_no_key_and_no_variables(terminal: Start, tmp_path: Path, mode: str) -> None:
    session = started(terminal, mode, tmp_path / "saved")
    session.send("\r")
    assert session.wait_exit() == 1
    raw = session.raw.decode()
    assert "RuntimeError: refused" in raw
    assert "did not expect" in raw
    assert KEY not in raw
    assert "Ab1Ab1" not in raw


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_saves_and_leaves(terminal: Start, tmp_path: Path, number: signal.Signals, status: int) -> None:
    session = started(terminal, "guard", tmp_path / "saved")
    session.signal(number)
    assert session.wait_exit() == status
    assert (tmp_path / "saved").read_text() == "saved"
    assert not session.cursor_is_hidden
    assert session.settings_now() == session.settings_before


@pytest.mark.parametrize("mode", ["guard", "busy"])
def test_a_vanished_terminal_saves_and_leaves(terminal: Start, tmp_path: Path, mode: str) -> None:
    session = started(terminal, mode, tmp_path / "saved")
    session.hang_up()
    assert session.process.wait(10) in (129, 143)
    assert (tmp_path / "saved").read_text() == "saved"


def test_a_byte_that_is_not_utf8_ends_nothing(terminal: Start, tmp_path: Path) -> None:
    session = started(terminal, "plain", tmp_path / "saved")
    session.send(b"a\xff\xfeb")
    session.wait_for("b")
    session.send("still here")
    session.wait_for("still here")


def test_a_megabyte_is_pasted_whole(terminal: Start, tmp_path: Path) -> None:
    session = started(terminal, "plain", tmp_path / "saved")
    session.paste("漢字 and words, \r" * 70_000 + "the end")
    session.wait_for("the end")
    session.press("ctrl+z")
    session.wait_for("Write")
