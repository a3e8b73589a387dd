"""Answers inside the app, against a plain loop over the SDK's stream that prints: speed, keys meanwhile, long ones."""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import Row
from tests.benchmarks.apps.answer import DONE, parts
from tests.benchmarks.apps.plain import READY
from tests.benchmarks.harness import KEYTUI, Load, compile_everything, home, latency, load, running
from tests.benchmarks.own_server import KEY, serving
from tests.support.terminal import Terminal

SHORT, LONG = 5_000, 20_000
ROUNDS = 3
HEAVY, PACE = 50_000, 1_000
STEADY = 3_000


def measure() -> list[Row]:
    """A real keytui in a real terminal, with a key of its own for a server of its own."""
    compile_everything()
    with home() as folder, serving(folder) as address:
        return [*_speed(folder, address), *_keys(folder), *_line(folder), *_long(folder)]


@contextmanager
def _keytui(folder: Path) -> Iterator[Terminal]:
    """A keytui that has answered once: everything is loaded."""
    with running(["env", f"OPENAI_API_KEY={KEY}", "COLORTERM=truecolor", *KEYTUI], folder) as terminal:
        terminal.wait_for("bench ····")
        terminal.wait_for("~0 tokens")
        _ask(terminal, "10 pieces")
        yield terminal


def _ask(terminal: Terminal, question: str) -> tuple[float, float]:
    """Wall and CPU seconds from enter to the answer's end on the screen; the app at rest before and after."""
    _type(terminal, question)
    before = load(terminal.process.pid)
    begun = terminal.press("enter")
    wall = terminal.wait_raw(DONE.encode(), after=begun, seconds=300) - begun
    terminal.wait_quiet(1.0)
    return wall, load(terminal.process.pid).cpu_seconds - before.cpu_seconds


def _type(terminal: Terminal, question: str) -> None:
    """A new conversation, and the question in its draft."""
    terminal.press("ctrl+n")
    terminal.wait_for(lambda screen: DONE not in screen)
    terminal.send(question)
    terminal.wait_for(question)
    terminal.wait_quiet(0.5)


# -- speed ---------------------------------------------------------------------------------------------------


def _speed(folder: Path, address: str) -> list[Row]:
    figures: dict[str, list[tuple[float, float]]] = {}
    with running([sys.executable, "-m", "tests.benchmarks.apps.plain", address], folder) as plain:
        plain.wait_for(READY)
        _print(plain, "10 pieces")
        with _keytui(folder) as terminal:
            for _ in range(ROUNDS):
                for count in (SHORT, LONG):
                    figures.setdefault(f"plain {count}", []).append(_print(plain, f"{count} pieces"))
                    figures.setdefault(f"keytui {count}", []).append(_ask(terminal, f"{count} pieces"))

    def ratio(count: int, which: int) -> float:
        pairs = zip(figures[f"keytui {count}"], figures[f"plain {count}"], strict=True)
        return statistics.median(ours[which] / theirs[which] for ours, theirs in pairs)

    def cpu(count: int) -> float:
        return statistics.median(cpu for _, cpu in figures[f"keytui {count}"])

    def note(count: int, which: int) -> str:
        ours, theirs = (
            statistics.median(one[which] for one in figures[f"{who} {count}"]) for who in ("keytui", "plain")
        )
        return f"{ours:.2f} s; {theirs:.2f} s"

    return [
        Row(f"{SHORT:,} pieces, wall, to a plain loop that prints", ratio(SHORT, 0), 1.2, note=note(SHORT, 0)),
        Row(f"{SHORT:,} pieces, CPU, to the same", ratio(SHORT, 1), 1.5, note=note(SHORT, 1)),
        Row(f"{LONG:,} pieces, wall, to the same", ratio(LONG, 0), 1.2, note=note(LONG, 0)),
        Row(f"CPU for a piece at {LONG:,} to one at {SHORT:,}", cpu(LONG) / LONG / (cpu(SHORT) / SHORT), 1.2,
            note=f"{cpu(LONG) / LONG * 1e6:.0f} µs; {cpu(SHORT) / SHORT * 1e6:.0f} µs"),
    ]  # fmt: skip


def _print(plain: Terminal, question: str) -> tuple[float, float]:
    before = load(plain.process.pid)
    begun = plain.send(question + "\n")
    wall = plain.wait_raw(DONE.encode(), after=begun, seconds=300) - begun
    plain.wait_quiet(0.5)
    return wall, load(plain.process.pid).cpu_seconds - before.cpu_seconds


# -- keys meanwhile ------------------------------------------------------------------------------------------


def _keys(folder: Path) -> list[Row]:
    """Key to echo while 100 pieces a second come in, against the same app at rest."""
    with _keytui(folder) as terminal:
        idle = _echoes(terminal)
        terminal.send("\x7f" * 100 + "4000 pieces at 100")
        terminal.wait_for("4000 pieces at 100")
        terminal.press("enter")
        terminal.wait_for("item 3")
        busy = _echoes(terminal)
        assert DONE not in terminal.text, "the answer must not end before the keys"
    rest = statistics.median(idle)
    median, ninth = statistics.median(busy), statistics.quantiles(busy, n=10)[-1]
    return [
        Row("key while streaming, median to idle median", median / rest, 2.0,
            note=f"{median * 1e3:.1f} ms; {rest * 1e3:.1f} ms"),
        Row("key while streaming, 90 % to idle median", ninth / rest, 5.0, note=f"{ninth * 1e3:.1f} ms"),
    ]  # fmt: skip


def _echoes(terminal: Terminal) -> list[float]:
    seconds = []
    for number in range(60):
        seconds.append(latency(terminal, "ΩΨ"[number % 2]))
        # Not in step with the frames.
        time.sleep(0.083)
    return seconds


# -- the line ------------------------------------------------------------------------------------------------


def _line(folder: Path) -> list[Row]:
    """What the terminal is sent for an answer, with the figures beside it, in 16 million colours."""
    with _keytui(folder) as terminal:
        _type(terminal, f"{STEADY} pieces at 100")
        before = len(terminal.raw)
        terminal.press("enter")
        terminal.wait_for(DONE, 90)
        terminal.wait_quiet(1.0)
        sent = len(terminal.raw) - before
    text = sum(len(word.encode()) for word in parts(STEADY)) + len(DONE)
    note = f"{STEADY:,} tokens at 100 a second; {sent:,} bytes for {text:,}"
    return [Row("bytes to the terminal for a byte of an answer, the whole app, 120x40", sent / text, 2.5, note=note)]


# -- a long answer ---------------------------------------------------------------------------------------------


def _long(folder: Path) -> list[Row]:
    """CPU of the app for a second of a long answer, at its end and at its start."""
    question = f"{HEAVY} heavy pieces at {PACE}"
    with _keytui(folder) as terminal:
        terminal.send(question)
        terminal.wait_for(question)
        over = threading.Event()
        samples: list[tuple[float, Load]] = []

        def watch() -> None:
            while not over.wait(0.25):
                samples.append((time.monotonic(), load(terminal.process.pid)))

        watcher = threading.Thread(target=watch)
        begun = terminal.press("enter")
        watcher.start()
        end = terminal.wait_raw(DONE.encode(), after=begun, seconds=300)
        over.set()
        watcher.join()

    def share(first: float, last: float) -> float:
        """CPU, as a share of a core, in a part of the time."""
        inside = [one for one in samples if first <= (one[0] - begun) / (end - begun) <= last]
        return (inside[-1][1].cpu_seconds - inside[0][1].cpu_seconds) / (inside[-1][0] - inside[0][0])

    start, finish = share(0.05, 0.25), share(0.75, 0.95)
    note = f"{finish:.0%} of a core; {start:.0%}; {end - begun:.0f} s; 1,000 rows of a table and 2,000 of code between"
    return [Row(f"the app at the end of {HEAVY:,} tokens, to its start", finish / start, 1.3, note=note)]
