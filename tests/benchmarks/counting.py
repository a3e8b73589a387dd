"""Counting: an edit's cost against the draft's size, against a full encode, and by way of the engine."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from functools import partial
from random import Random

from keytui.adapters.engine.client import Engine
from keytui.adapters.tokenizer import load
from keytui.cli.engine import command
from keytui.domain.counting import LiveCounter
from keytui.domain.tokens import Tokenizer
from tests.benchmarks import Row
from tests.benchmarks.harness import home, in_turn
from tests.benchmarks.harness import load as load_of

KILOBYTE, MEGABYTE = 1_000, 1_000_000
EDITS = 2_000
WORDS = (
    "the", "key", "a", "token", "costs", "of", "cache", "prefix", "(2026)", "is", "**billed**", "at", "$0.30,",
    "`usage`", "and", "reads", "in", "order", "to", "write\n",
)  # fmt: skip


def measure() -> list[Row]:
    """Everything about counts that has a goal; prose like Markdown, ratios within this run."""
    with home() as folder:
        tokenizer = load("o200k_base", folder / "vocabulary")
        loads = in_turn({"load": partial(_seconds, lambda: load("o200k_base", folder / "vocabulary"))}, 5)["load"][0]
        small, large = _counter(tokenizer, KILOBYTE), _counter(tokenizer, MEGABYTE)
        by_lines, in_one = _counter(tokenizer, MEGABYTE), _counter(tokenizer, MEGABYTE, newline=" ")
        edits = in_turn(
            {
                "1 KB": partial(_edits, small),
                "1 MB": partial(_edits, large),
                "rows": partial(_edits_by_row, by_lines),
                "one line": partial(_edits_by_row, in_one),
            },
            7,
        )
        full = in_turn({"full": partial(_seconds, lambda: tokenizer.count(large.text))}, 7)["full"][0]
        kilobyte, megabyte, rows, line = (edits[name][0] for name in ("1 KB", "1 MB", "rows", "one line"))
        note = f"{megabyte * 1e6:.0f} µs; {kilobyte * 1e6:.0f} µs"
        return [
            Row("edit at 1 MB to 1 KB", megabyte / kilobyte, 1.5, note=note),
            Row("edit by row at 1 MB to 1 KB", rows / kilobyte, 1.5),
            Row("edit of one line of 1 MB to 1 KB", line / kilobyte, 1.5),
            Row("full encode of 1 MB to an edit", full / megabyte, 300, note=f"{full * 1e3:.0f} ms", at_least=True),
            Row("loading the vocabulary", loads * 1e3, None, "ms"),
            *asyncio.run(_engine(tokenizer)),
        ]


async def _engine(tokenizer: Tokenizer) -> list[Row]:
    """The engine against the same encoder in this process."""
    engine = Engine(command(), deadline=1.0)
    started = time.perf_counter()
    engine.start()
    try:
        await engine.ready()
        ready = time.perf_counter() - started
        text = _text(KILOBYTE)
        trips = [_seconds(lambda: engine.count(text)) for _ in range(EDITS)]
        alone = [_seconds(lambda: tokenizer.count(text)) for _ in range(EDITS)]
        counter = LiveCounter(engine.count)
        megabyte = _text(MEGABYTE)
        paste = _seconds(lambda: counter.load(megabyte))
        begun = time.perf_counter()
        await engine.settle(counter)
        settled = time.perf_counter() - begun
        resident = load_of(engine.pid or 0).resident_bytes / 2**20
    finally:
        engine.close()
    trip = statistics.median(trips)
    full = statistics.median(_seconds(lambda: tokenizer.count(megabyte)) for _ in range(5))
    return [
        Row("engine: from start to ready", ready * 1e3, None, "ms"),
        Row("engine: a count of 1 KB", trip * 1e3, 1.0, "ms", f"{statistics.median(alone) * 1e3:.2f} ms without it"),
        Row("engine: a paste of 1 MB keeps the caller", paste * 1e3, 50.0, "ms"),
        Row("engine: 1 MB settled, to a full encode", settled / full, 3.0, note=f"{settled * 1e3:.0f} ms"),
        Row("engine: memory", resident, None, "MB"),
    ]


def _edits(counter: LiveCounter) -> float:
    """Seconds of one edit at a random place, the median of many: a character typed or taken away."""
    random = Random(1)
    return statistics.median(
        _seconds(partial(counter.edit_at, random.randrange(counter.characters), number % 2, "x" * (1 - number % 2)))
        for number in range(EDITS)
    )


def _edits_by_row(counter: LiveCounter) -> float:
    """The same by row and column, as a text area tells it."""
    random = Random(2)
    lines = counter.text.count("\n") + 1
    longest = counter.characters // lines
    return statistics.median(_seconds(partial(_type, counter, random, lines, longest)) for _ in range(EDITS))


def _type(counter: LiveCounter, random: Random, lines: int, longest: int) -> None:
    place = random.randrange(lines), random.randrange(longest)
    counter.edit(place, place, "x")


def _seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _counter(tokenizer: Tokenizer, size: int, newline: str = "\n") -> LiveCounter:
    counter = LiveCounter(tokenizer.count, at_once=None)
    counter.load(_text(size).replace("\n", newline))
    assert counter.total == tokenizer.count(counter.text)
    return counter


def _text(size: int) -> str:
    """Prose of so many characters, the same each time."""
    random = Random(size)
    return " ".join(random.choices(WORDS, k=size // 4))[:size]
