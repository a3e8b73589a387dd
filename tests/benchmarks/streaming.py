"""An answer that streams into the transcript alone: what a frame costs, and what the terminal is sent."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

from tests.benchmarks import Row
from tests.benchmarks.apps.answer import DONE, parts
from tests.benchmarks.harness import compile_everything, home, running

_APP = ["env", "TEXTUAL_FPS=120", sys.executable, "-m", "tests.benchmarks.apps.answer"]


def measure() -> list[Row]:
    """Frames of a long answer, bytes of a fast and of a slow one."""
    compile_everything()
    with home() as folder:
        return [*_frames(folder), *_bytes(folder)]


def _frames(folder: Path) -> list[Row]:
    """CPU time for a frame of 50 tokens: the last tenth of 50,000 tokens against the first."""
    file = folder / "frames.json"
    with running([*_APP, "frames", "50", "50000", str(file)], folder) as terminal:
        terminal.wait_exit(300)
    frames: list[float] = json.loads(file.read_text())
    tenth = len(frames) // 10
    first, last = statistics.median(frames[:tenth]), statistics.median(frames[-tenth:])
    note = f"{last:.1f} ms; {first:.1f} ms; {len(frames)} frames with 2,000 lines of code and a table of 1,000 rows"
    return [Row("a frame at the end of 50,000 tokens, to one at the start", last / first, 1.3, note=note)]


def _bytes(folder: Path) -> list[Row]:
    """Bytes to the terminal for a byte of text, 120x40, a side panel beside it."""
    rows = []
    for name, rate, count, goal in (("at full speed", 0, 5000, 2.5), ("at 100 tokens a second", 100, 800, None)):
        with running([*_APP, "rate", str(rate), str(count)], folder) as terminal:
            terminal.wait_raw(b"figure 3")
            before = len(terminal.raw)
            terminal.wait_for(lambda screen: "item 7" in screen or DONE in screen)
            terminal.wait_quiet(0.5)
            sent = len(terminal.raw) - before
        text = sum(len(word.encode()) for word in parts(count))
        rows.append(Row(f"bytes to the terminal for a byte of text, {name}", sent / text, goal))
    return rows
