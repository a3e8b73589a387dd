"""How long keytui takes to start, against Python itself and against the least a Textual app can be."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import Row
from tests.benchmarks.harness import BARE, KEYTUI, compile_everything, environment, home, in_turn, running, start


def measure() -> list[Row]:
    """``--version``, first frame and first echo of ``keytui --practice``."""
    compile_everything()
    with home() as folder:
        return [*_version(folder), *_app(folder)]


def _version(folder: Path) -> list[Row]:
    variables = environment(folder)

    def seconds(command: Sequence[str]) -> float:
        begun = time.perf_counter()
        subprocess.run(command, env=variables, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - begun

    cases = {"python": [sys.executable, "-c", "pass"], "keytui": [*KEYTUI, "--version"]}
    for command in cases.values():
        seconds(command)
    medians = in_turn({name: lambda command=command: seconds(command) for name, command in cases.items()}, 21)
    ratio = medians["keytui"][0] / medians["python"][0]
    note = f"{medians['keytui'][0] * 1000:.0f} ms; python -c pass {medians['python'][0] * 1000:.0f} ms"
    return [Row("keytui --version", ratio, 3.0, note=note)]


def _app(folder: Path) -> list[Row]:
    def bare() -> Sequence[float]:
        with running(BARE, folder) as terminal:
            begun = start(terminal, b"Bare")
            return begun.first_frame, begun.ready

    def keytui() -> Sequence[float]:
        with running([*KEYTUI, "--practice"], folder) as terminal:
            begun = start(terminal, b"Costs")
            return begun.first_frame, begun.ready

    bare(), keytui()  # byte code of the libraries, and the files of a first start
    medians = in_turn({"bare": bare, "keytui": keytui}, 9)
    rows = []
    for at, (name, goal) in enumerate([("first frame", 1.2), ("ready: a typed character is echoed", 1.3)]):
        ours, theirs = medians["keytui"][at], medians["bare"][at]
        rows.append(Row(name, ours / theirs, goal, note=f"{ours * 1000:.0f} ms; bare Textual {theirs * 1000:.0f} ms"))
    return rows
