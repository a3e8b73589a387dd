"""keytui over a real ssh connection: what the line has to carry, and what a key has to wait on a slow one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from keytui.adapters.conversations import SqliteConversations
from tests.benchmarks import Row, own_server
from tests.benchmarks.apps.answer import DONE
from tests.benchmarks.harness import compile_everything, environment, home, latency
from tests.support.slow_line import slow_line
from tests.support.sshd import Sshd, serving
from tests.support.terminal import Terminal
from tests.terminal.lines import keytui_over_ssh

DELAY, RATE = 0.1, 16_000
"""Seconds one way and bytes a second: 200 ms there and back, 128 kbit/s."""


QUESTIONS = ("What is a token?", "What does it cost?", "How does prompt caching work?")
"""The last answer has a table."""

PANES = {"1": "Kept in", "2": "Write a message", "3": "Forecast", "4": "The route to the API"}
"""What is seen of each pane alone."""


def measure() -> list[Row]:
    """Bytes at 80x24, then echoes on a slow line."""
    compile_everything()
    with home() as folder, serving(folder) as sshd:
        return [*_bytes(folder, sshd), *_echoes(folder, sshd)]


@contextmanager
def _session(folder: Path, command: Sequence[str], ready: str) -> Iterator[Terminal]:
    with Terminal(command, environment=environment(folder), columns=80, rows=24) as terminal:
        terminal.wait_for(ready, 60)
        terminal.wait_for("~0 tokens", 60)
        terminal.wait_quiet(2.0)
        yield terminal


def _bytes(folder: Path, sshd: Sshd) -> list[Row]:
    with _session(folder, keytui_over_ssh(sshd, folder, "--practice"), "practice ····") as terminal:
        keys, answers = [], []
        for question in QUESTIONS:
            keys += [_sent(terminal, letter) for letter in question]
            before = len(terminal.raw)
            terminal.press("enter")
            terminal.wait_for("esc stop")
            terminal.wait_for("esc panes")
            terminal.wait_quiet(1.0)
            answers.append(len(terminal.raw) - before)
        panes = [_switched(terminal, number) for number in "13421342"]
        before = len(terminal.raw)
        time.sleep(5)
        idle = (len(terminal.raw) - before) / 5
    texts = _answers(folder)
    ratios = [sent / text for sent, text in zip(answers, texts, strict=True)]
    worst = max(range(len(ratios)), key=ratios.__getitem__)
    return [
        Row("a key in the draft, median", statistics.median(keys), 250, "bytes"),
        Row("a pane switched to, most", max(panes), 6144, "bytes"),
        Row("at rest, in a second", idle, 0, "bytes"),
        Row("short answers to their text", sum(answers) / sum(texts), 2.5,
            note=f"{sum(answers):,} bytes for texts of {sum(texts):,}, figures and scrolling included"),
        Row("the worst of them", ratios[worst], None, note=QUESTIONS[worst]),
    ]  # fmt: skip


def _switched(terminal: Terminal, number: str) -> int:
    before = len(terminal.raw)
    terminal.press(f"alt+{number}")
    terminal.wait_for(PANES[number])
    terminal.wait_quiet(0.7)
    return len(terminal.raw) - before


def _answers(folder: Path) -> list[int]:
    """Bytes of the texts that were streamed, as they were kept."""
    (database,) = folder.rglob("practice/**/keytui.db")
    store = SqliteConversations(database)
    try:
        kept = store.messages(store.conversations()[0].id)
        return [len(message.text.encode()) for message in kept if message.role == "assistant"]
    finally:
        store.close()


def _sent(terminal: Terminal, keys: str) -> int:
    before = len(terminal.raw)
    terminal.send(keys)
    terminal.wait_quiet(0.5)
    return len(terminal.raw) - before


def _echoes(folder: Path, sshd: Sshd) -> list[Row]:
    with own_server.serving(folder), slow_line(sshd.port, delay=DELAY, bytes_per_second=RATE) as port:
        command = keytui_over_ssh(sshd, folder, port=port, OPENAI_API_KEY=own_server.KEY)
        with _session(folder, command, "bench ····") as terminal:
            idle = [_echo(terminal, number) for number in range(16)]
            terminal.send("\x7f" * 30 + "2500 pieces at 100")
            terminal.wait_for("2500 pieces at 100")
            terminal.wait_quiet(1.0)
            terminal.press("enter")
            terminal.wait_for("item 2", 60)
            before, begun = len(terminal.raw), time.monotonic()
            busy = [_echo(terminal, number) for number in range(24)]
            rate = (len(terminal.raw) - before) / (time.monotonic() - begun)
            assert DONE not in terminal.text, "the answer must not end before the keys"
    rest, streaming = statistics.median(idle), statistics.median(busy)
    return [
        Row("echo while an answer streams to echo at rest, 200 ms and 128 kbit/s", streaming / rest, 1.3,
            note=f"{streaming * 1e3:.0f} ms; {rest * 1e3:.0f} ms; the slowest {max(busy) * 1e3:.0f} ms"),
        Row("what 100 tokens a second take of that line", rate / RATE * 100, 25, "%", f"{rate:.0f} bytes/s"),
    ]  # fmt: skip


def _echo(terminal: Terminal, number: int) -> float:
    seconds = latency(terminal, "ΩΨ"[number % 2])
    time.sleep(0.1)
    return seconds
