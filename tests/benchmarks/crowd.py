"""Two hundred programs that stream through the metering proxy for a minute, and what 10,000 requests leave behind."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

from tests.benchmarks import Row
from tests.benchmarks.harness import compile_everything, home, load
from tests.benchmarks.proxy import proxy
from tests.support.crowd import crowd, speaker

PROGRAMS = 200
SECONDS = 60.0
PAUSE = 0.02
"""Seconds between the pieces of an answer."""
WARM = 1_000
"""Requests after which memory is looked at for the first time."""
REQUESTS = 10_000
AT_ONCE = 16
BOOKED_WITHIN = 60.0


def measure() -> list[Row]:
    """Streams that were not the same as direct, or not booked once; megabytes that 10,000 requests leave behind."""
    compile_everything()
    return asyncio.run(_measure())


async def _measure() -> list[Row]:
    with home() as folder:
        async with speaker(PAUSE) as slow, speaker(0.0) as quick:
            with proxy(folder, (slow, "sk-upstream-of-a-benchmark")) as (_, way):
                streamed = await crowd(*way, programs=PROGRAMS, seconds=SECONDS)
                wrong = await _not_once(folder, streamed)
            with proxy(folder, (quick, "sk-upstream-of-a-benchmark")) as (pid, way):
                await _requests(way, WARM)
                before = load(pid).resident_bytes
                await _requests(way, REQUESTS)
                grown = (load(pid).resident_bytes - before) / 1e6
                wrong += await _not_once(folder, streamed + WARM + REQUESTS)
    note = f"{PROGRAMS} at once for {SECONDS:.0f} s, each compared to the byte"
    return [
        Row("streams through the proxy that came through as they are", streamed, 1, "streams", note, at_least=True),
        Row("requests not booked exactly once", wrong, 0, "requests"),
        Row(f"memory that {REQUESTS:,} requests leave behind", grown, 5.0, "MB", f"after the first {WARM:,}"),
    ]


async def _requests(way: tuple[str, str], count: int) -> None:
    each = count // AT_ONCE
    await asyncio.gather(*(_one_after_another(way, each) for _ in range(AT_ONCE - 1)))
    await _one_after_another(way, count - each * (AT_ONCE - 1))


async def _one_after_another(way: tuple[str, str], count: int) -> None:
    for _ in range(count):
        await crowd(*way, programs=1)


async def _not_once(folder: Path, wanted: int) -> int:
    """How many entries are missing from the ledger, or too many; some may still be on their way to it."""
    end = time.monotonic() + BOOKED_WITHIN
    while (found := _entries(folder)) != wanted and time.monotonic() < end:  # noqa: ASYNC110  # another process
        await asyncio.sleep(0.2)
    return abs(found - wanted)


def _entries(folder: Path) -> int:
    (file,) = folder.rglob("keytui.db")
    with sqlite3.connect(file, timeout=10) as database:
        (count,) = database.execute("SELECT count(*) FROM entry").fetchone()
    return int(count)
