"""An answer that streams into the transcript, without a server.

``python -m tests.benchmarks.apps.answer rate TOKENS_PER_SECOND COUNT`` (0: as fast as it is taken), or
``… frames TOKENS_PER_FRAME COUNT FILE``: as many tokens for each frame, and the CPU milliseconds of each to a file.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from keytui.tui.private.display import CellDiff
from keytui.tui.widgets.composer import Composer
from keytui.tui.widgets.transcript import Shown, Transcript, warm

DONE = "that was the answer"

_PROSE = "Prices are per million **tokens**, and a `prefix` that was sent before costs a tenth of that or less. " * 4
_LIST = "\n".join(f"- item {n} says a few words about *caching* and what it saves" for n in range(8))


def parts(count: int) -> Iterator[str]:
    """About this many tokens of prose and lists: word by word."""
    given = 0
    while True:
        for word in f"{_PROSE}\n\n{_LIST}\n\n".split(" "):
            if given >= count:
                return
            given += 1
            yield word + " "


def heavy(count: int) -> Iterator[str]:
    """The same with a table of 1,000 rows and a code block of 2,000 lines in the middle: line by line there."""
    third = count // 3
    yield from parts(third)
    yield "\n\n| model | input | output |\n|---|--:|--:|\n"
    for row in range(1000):
        yield from (f"| model {row} ", f"| {row * 3} ", f"| {row * 7} |\n")
    yield "\n\n```python\n"
    for line in range(2000):
        yield from (f"def f{line}(x): ", f"return x * {line}", "  # counts\n" if line % 9 else "  # so\n\n")
    yield "```\n\n"
    yield from parts(third)


class Answer(CellDiff, App[None]):
    """Transcript, side panel, composer: the playground's shape."""

    CSS = "#side { width: 30; height: 100%; border-left: solid $accent; }"

    def __init__(self, arguments: list[str]) -> None:
        super().__init__()
        self.arguments = arguments
        self.stopwatch: list[float] = []

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical():
                yield Transcript()
                yield Composer(placeholder="Write a message")
            yield Static("\n\n".join(f"figure {n}        {n * 37}" for n in range(12)), id="side")

    def on_mount(self) -> None:
        warm()
        # As the app itself does once it has started.
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        self.query_one(Composer).focus()
        mode, pace, count, *_ = self.arguments
        if mode == "frames":
            self.run_worker(self.in_frames(int(pace), int(count)))
        else:
            self.run_worker(self.at_rate(float(pace), int(count)))

    async def at_rate(self, rate: float, count: int) -> None:
        transcript = self.query_one(Transcript)
        transcript.begin(Shown("answer", "assistant", "model", state="streaming"))
        await asyncio.sleep(0.5)
        begun, text = time.monotonic(), []
        for given, word in enumerate(parts(count), 1):
            transcript.feed("answer", word)
            text.append(word)
            if rate:
                await asyncio.sleep(max(0.0, begun + given / rate - time.monotonic()))
            elif not given % 20:
                await asyncio.sleep(0)
        transcript.finish(Shown("answer", "assistant", DONE, text="".join(text)))

    async def in_frames(self, pace: int, count: int) -> None:
        transcript = self.query_one(Transcript)
        transcript.begin(Shown("answer", "assistant", "model", state="streaming"))
        await asyncio.sleep(0.5)
        words = heavy(count)
        while piece := [word for word, _ in zip(words, range(pace), strict=False)]:
            begun = time.thread_time()
            for word in piece:
                transcript.feed("answer", word)
            await asyncio.sleep(0.045)
            self.stopwatch.append((time.thread_time() - begun) * 1000)
        self.exit()


if __name__ == "__main__":
    app = Answer(sys.argv[1:])
    app.run()
    if app.stopwatch:
        Path(sys.argv[4]).write_text(json.dumps(app.stopwatch))
