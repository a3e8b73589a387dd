from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from keytui.adapters.bounded import bounded


async def test_results_and_exceptions_come_through() -> None:
    assert await bounded(lambda: 41 + 1, 5) == 42
    with pytest.raises(ZeroDivisionError):
        await bounded(lambda: 1 / 0, 5)


async def test_stuck_work_ends_the_waiting_and_not_the_loop() -> None:
    release = threading.Event()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.ensure_future(tick())
    with pytest.raises(TimeoutError):
        await bounded(release.wait, 0.05)
    ticking.cancel()
    release.set()
    assert ticks > 100


def test_stuck_work_does_not_hold_up_the_end_of_the_process() -> None:
    program = """
import asyncio, threading
from keytui.adapters.bounded import bounded
async def main():
    try:
        await bounded(threading.Event().wait, 0.05)
    except TimeoutError:
        print("gave up", flush=True)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr, done.returncode) == ("gave up\n", "", 0)
