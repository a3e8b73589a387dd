"""Programs measured from the outside, in a real pty: what a person in front of the terminal would see and wait for."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.sealed import clean
from tests.support.terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")

PROBE = "Ω"
"""Typed to see whether a program answers: it is on no screen by itself."""

BARE = [sys.executable, "-m", "tests.benchmarks.apps.bare"]
KEYTUI = [str(Path(sys.executable).with_name("keytui"))]


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from starting a program to its first frame, and to the echo of a typed character."""

    first_frame: float
    ready: float


@dataclass(frozen=True, slots=True)
class Load:
    """What a program and all its children hold and have used."""

    cpu_seconds: float
    resident_bytes: int
    processes: int


@contextmanager
def home() -> Iterator[Path]:
    """An empty home for a benchmark's programs; taken away afterwards."""
    with TemporaryDirectory(prefix="keytui-benchmark-") as folder:
        yield Path(folder)


def environment(home: Path) -> dict[str, str]:
    """What the programs under test see: the same for all, and byte code may be written."""
    return clean(os.environ, home) | {"PYTHONPATH": str(ROOT)}


def compile_everything() -> None:
    """Compile our own byte code, as pip does for installed packages; the libraries' comes with a first run."""
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", str(ROOT / "keytui"), str(ROOT / "tests" / "benchmarks")],
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def running(command: Sequence[str], home: Path, *, columns: int = 120, rows: int = 40) -> Iterator[Terminal]:
    """A program in a terminal of its own, ended with the block."""
    with Terminal(command, environment=environment(home), columns=columns, rows=rows, folder=home) as terminal:
        yield terminal


def start(terminal: Terminal, first_frame: bytes) -> Start:
    """Wait for the first frame (the one with these bytes), then type until the character comes back."""
    seen = terminal.wait_raw(first_frame)
    return Start(seen - terminal.started, echo(terminal) - terminal.started)


def echo(terminal: Terminal, character: str = PROBE) -> float:
    """Type a character every 10 ms until it is echoed; gives the moment of the echo (``time.monotonic``)."""
    begun = time.monotonic()
    while True:
        terminal.send(character)
        try:
            return terminal.wait_raw(character.encode(), after=begun, seconds=0.01)
        except AssertionError:
            if time.monotonic() > begun + 60 or terminal.process.poll() is not None:
                raise


def latency(terminal: Terminal, character: str = PROBE) -> float:
    """Seconds from typing one character to its echo."""
    sent = terminal.send(character)
    return terminal.wait_raw(character.encode(), after=sent) - sent


def load(pid: int) -> Load:
    """What a process and its descendants hold and have used, ended children included."""
    parents: dict[int, list[int]] = {}
    figures: dict[int, tuple[float, int]] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            fields = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:  # it has ended in the meantime
            continue
        parents.setdefault(int(fields[1]), []).append(int(name))
        figures[int(name)] = (sum(map(int, fields[11:15])) / _TICKS, int(fields[21]) * _PAGE)
    cpu, resident, found, waiting = 0.0, 0, 0, [pid]
    while waiting:
        one = waiting.pop()
        if one in figures:
            cpu, resident, found = cpu + figures[one][0], resident + figures[one][1], found + 1
        waiting += parents.get(one, [])
    return Load(cpu, resident, found)


def in_turn(cases: Mapping[str, Callable[[], float | Sequence[float]]], runs: int) -> dict[str, list[float]]:
    """Run the cases one after another, ``runs`` times over; the medians of each case's figures."""
    figures: dict[str, list[list[float]]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, case in cases.items():
            got = case()
            figures[name].append([float(got)] if isinstance(got, (int, float)) else [float(one) for one in got])
    return {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in figures.items()}
