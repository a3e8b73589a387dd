"""What keytui holds with everything loaded, and what it does when nothing is asked of it."""

from __future__ import annotations

import time

from tests.benchmarks import Row
from tests.benchmarks.harness import BARE, KEYTUI, compile_everything, home, load, running, start
from tests.support.terminal import Terminal

IDLE_SECONDS = 10.0


def measure() -> list[Row]:
    """Memory of all processes after an answer, then the idle bytes and CPU."""
    compile_everything()
    with home() as folder:
        with running(BARE, folder) as terminal:
            start(terminal, b"Bare")
            time.sleep(2.0)  # its cursor blinks, so it is never quiet
            bare = load(terminal.process.pid)
        with running([*KEYTUI, "--practice"], folder) as terminal:
            start(terminal, b"Costs")
            _ask(terminal)
            everything = load(terminal.process.pid)
            idle_bytes, idle_cpu = _idle(terminal)
    megabytes = [figure.resident_bytes / 2**20 for figure in (everything, bare)]
    note = f"{megabytes[0]:.0f} MB in {everything.processes} processes; bare Textual {megabytes[1]:.0f} MB"
    return [
        Row("memory with everything loaded", megabytes[0] / megabytes[1], 5.0, note=note),
        Row("bytes to the terminal when idle", idle_bytes / IDLE_SECONDS, 0.0, "bytes/s"),
        Row("CPU when idle", 100 * idle_cpu / IDLE_SECONDS, 0.5, "%", "of one core"),
    ]


def _ask(terminal: Terminal) -> None:
    """Get one answer: by then the SDK, the encoder, the prices and the database are in use."""
    terminal.wait_for("practice ····")
    terminal.send(" How does prompt caching work?")
    terminal.wait_for("caching work?")
    terminal.press("enter")
    terminal.wait_for("billed", 60)
    terminal.wait_quiet(2.0)


def _idle(terminal: Terminal) -> tuple[int, float]:
    before, sent = load(terminal.process.pid), len(terminal.raw)
    time.sleep(IDLE_SECONDS)
    return len(terminal.raw) - sent, load(terminal.process.pid).cpu_seconds - before.cpu_seconds
