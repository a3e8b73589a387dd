"""A key and a paste in the composer, against Textual's own text field."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import Row
from tests.benchmarks.apps.draft import text
from tests.benchmarks.harness import PROBE, compile_everything, home, in_turn, latency, running

_APP = [sys.executable, "-m", "tests.benchmarks.apps.draft"]
_KEYS = 15
_END = "that-was-all"


def measure() -> list[Row]:
    """Key to echo, paste, and bytes to the terminal for a key."""
    compile_everything()
    with home() as folder:
        cases = {
            f"{which} {kind} {size}": lambda which=which, kind=kind, size=size: _keys(folder, which, kind, size)
            for which, kind, size in (
                ("bare", "prose", 0),
                ("bare", "prose", 10_000),
                ("composer", "prose", 10_000),
                ("composer", "prose", 1_000_000),
                ("composer", "line", 1_000_000),
            )
        }
        keys = in_turn(cases, 3)
        pastes = in_turn({which: lambda which=which: _paste(folder, which) for which in ("bare", "composer")}, 3)
    empty, small = keys["bare prose 0"][0], keys["bare prose 10000"][0]
    ours = {name.removeprefix("composer "): figures for name, figures in keys.items() if name.startswith("composer")}
    ten, prose, line = (ours[name] for name in ("prose 10000", "prose 1000000", "line 1000000"))
    paste, bare_paste = pastes["composer"][0], pastes["bare"][0]
    return [
        Row("key in 10 KB, to a bare TextArea's", ten[0] / small, 1.5, note=_ms(ten[0], small)),
        Row("key in 1 MB, to an empty bare TextArea's", prose[0] / empty, 2.0, note=_ms(prose[0], empty)),
        Row("key in one line of 1 MB, to the same", line[0] / empty, 2.0, note=_ms(line[0], empty)),
        Row("bytes for a key in 10 KB, 120x40", ten[1], 250, "bytes"),
        Row("bytes for a key in 1 MB", prose[1], 250, "bytes"),
        Row("paste of 1 MB, to a bare TextArea's", paste / bare_paste, 0.35, note=_ms(paste, bare_paste)),
    ]


def _ms(ours: float, theirs: float) -> str:
    return f"{ours * 1000:.1f} ms; {theirs * 1000:.1f} ms"


def _keys(folder: Path, which: str, kind: str, size: int) -> Sequence[float]:
    """Median seconds from a key to its echo, and bytes that the terminal got for it."""
    with running([*_APP, which, kind, str(size)], folder) as terminal:
        terminal.wait_raw(b"\x1b[?2004h")
        terminal.wait_quiet(0.5)
        latency(terminal)
        terminal.wait_quiet(0.3)
        seconds, sizes = [], []
        for _ in range(_KEYS):
            before = len(terminal.raw)
            seconds.append(latency(terminal, PROBE))
            terminal.wait_quiet(0.12)
            sizes.append(len(terminal.raw) - before)
        return statistics.median(seconds), statistics.median(sizes)


def _paste(folder: Path, which: str) -> float:
    """Seconds from the beginning of a paste to its end on the screen."""
    draft = text("prose", 1_000_000) + _END
    with running([*_APP, which, "prose", "0"], folder) as terminal:
        terminal.wait_raw(b"\x1b[?2004h")
        terminal.wait_quiet(0.5)
        begun = time.monotonic()
        terminal.paste(draft.replace("\n", "\r"))
        return terminal.wait_raw(_END.encode(), after=begun) - begun
