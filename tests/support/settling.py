"""How Textual's pilot waits: until what was sent has been handled, not until this machine has nothing else to do.

The pilot's own way watches the process's CPU time, up to a second for every pause. While a thread imports the SDK that
second is always spent, and on a busy machine a test takes a minute without proving any more.
"""

from __future__ import annotations

import asyncio

import pytest
import textual.app
import textual.pilot

_FRAME = 1 / 50
"""Seconds that Textual's own way waits at the least."""

_LONGEST = 1.0
"""Seconds after which something that never comes to rest (an animation) is waited for no longer, as in Textual."""


async def settled(min_sleep: float = 0.0, max_sleep: float = _LONGEST) -> None:
    """Wait until the event loop has nothing left that could run now; what is put off by a frame (a resize) is seen."""
    await asyncio.sleep(_FRAME)
    loop = asyncio.get_running_loop()
    ready = loop._ready  # type: ignore[attr-defined]  # the only place where a loop says what it has left to do
    end = loop.time() + max_sleep
    rounds_at_rest = 0
    while rounds_at_rest < 3 and loop.time() < end:
        await asyncio.sleep(0)
        rounds_at_rest = 0 if ready else rounds_at_rest + 1


@pytest.fixture(autouse=True, scope="session")
def settling() -> None:
    """Every pilot waits that way."""
    textual.app.wait_for_idle = settled  # type: ignore[attr-defined]
    textual.pilot.wait_for_idle = settled  # type: ignore[attr-defined]
