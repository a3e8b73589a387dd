"""keytui over a real ssh connection: what the line has to carry, and what a key has to wait on a slow one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keytui.adapters.conversations import SqliteConversations
from tests.benchmarks import Row
from tests.benchmarks.harness import compile_everything, environment, home, latency
from tests.support.slow_line import slow_line
from tests.support.sshd import Sshd, serving
from tests.support.terminal import Terminal
from tests.terminal.lines import keytui_over_ssh

DELAY, RATE = 0.1, 16_000
"""Seconds one way and bytes a second: 200 ms there and back, 128 kbit/s."""


def measure() -> list[Row]:
    """Bytes at 80x24, then echoes on a slow line."""
    compile_everything()
    with home() as folder, serving(folder) as sshd:
        return [*_bytes(folder, sshd), *_echoes(folder, sshd)]


@contextmanager
def _session(folder: Path, sshd: Sshd, port: int | None = None) -> Iterator[Terminal]:
    command = keytui_over_ssh(sshd, folder, "--practice", port=port)
    with Terminal(command, environment=environment(folder), columns=80, rows=24) as terminal:
        terminal.wait_for("practice ····")
        terminal.wait_quiet(2.0)
        yield terminal


def _bytes(folder: Path, sshd: Sshd) -> list[Row]:
    with _session(folder, sshd) as terminal:
        keys = [_sent(terminal, letter) for letter in "What is a token"]
        before = len(terminal.raw)
        terminal.press("enter")
        terminal.wait_for("billed")
        terminal.wait_quiet(1.0)
        answer = len(terminal.raw) - before
        panes = [_switched(terminal, number) for number in "13421342"]
        before = len(terminal.raw)
        time.sleep(5)
        idle = (len(terminal.raw) - before) / 5
    text = _last_answer(folder)
    return [
        Row("a key in the draft, median", statistics.median(keys), 250, "bytes"),
        Row("a pane switched to, most", max(panes), 6144, "bytes"),
        Row("at rest, in a second", idle, 0, "bytes"),
        Row("an answer to its text", answer / text, 2.5, note=f"{answer:,} bytes for a text of {text:,}"),
    ]


def _switched(terminal: Terminal, number: str) -> int:
    before, shown = len(terminal.raw), terminal.text
    terminal.press(f"alt+{number}")
    terminal.wait_for(lambda screen: screen != shown)
    terminal.wait_quiet(0.7)
    return len(terminal.raw) - before


def _last_answer(folder: Path) -> int:
    """Bytes of the text that was streamed, as it was kept."""
    (database,) = folder.rglob("practice/**/keytui.db")
    store = SqliteConversations(database)
    try:
        return len(store.messages(store.conversations()[0].id)[-1].text.encode())
    finally:
        store.close()


def _sent(terminal: Terminal, keys: str) -> int:
    before = len(terminal.raw)
    terminal.send(keys)
    terminal.wait_quiet(0.5)
    return len(terminal.raw) - before


def _echoes(folder: Path, sshd: Sshd) -> list[Row]:
    with slow_line(sshd.port, delay=DELAY, bytes_per_second=RATE) as port, _session(folder, sshd, port) as terminal:
        idle = [_echo(terminal, number) for number in range(12)]
        terminal.press("enter")
        terminal.wait_for("practice answer", 60)
        terminal.wait_quiet(1.0)
        terminal.send("What is a token?")
        terminal.press("enter")
        time.sleep(1.0)
        busy = [_echo(terminal, number) for number in range(8)]
    rest, streaming = statistics.median(idle), statistics.median(busy)
    return [
        Row("echo while an answer streams to echo at rest, 200 ms and 128 kbit/s", streaming / rest, 1.3,
            note=f"{streaming * 1e3:.0f} ms; {rest * 1e3:.0f} ms")
    ]  # fmt: skip


def _echo(terminal: Terminal, number: int) -> float:
    seconds = latency(terminal, "ΩΨ"[number % 2])
    time.sleep(0.1)
    return seconds
