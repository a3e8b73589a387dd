from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.support.sealed import clean
from tests.support.terminal import Terminal


def test_killed_in_the_middle_the_walk_is_taken_up_where_it_was(tmp_path: Path) -> None:
    environment = clean(os.environ, tmp_path)
    command = [sys.executable, "-m", "keytui", "setup", "--practice"]
    with Terminal(command, environment=environment, columns=80, rows=24) as terminal:
        terminal.wait_for("Which is it?")
        terminal.press("enter")
        terminal.wait_for("Auto-reload")
        terminal.press("enter")
        terminal.wait_for("What will it cost?")
        terminal.signal(signal.SIGKILL)
        terminal.wait_exit()
    with Terminal(command, environment=environment, columns=80, rows=24) as terminal:
        terminal.wait_for("What will it cost?")
