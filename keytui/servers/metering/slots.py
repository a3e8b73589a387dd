"""The slots that requests run in, and wait for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class QueueFull(Exception):
    """Too many requests wait already."""


class Slots:
    """So many requests at once; the others wait in the order in which they came."""

    def __init__(self, parallel: int, waiting: int, changed: Callable[[int], None]) -> None:
        self._free = asyncio.Semaphore(parallel)
        self._room = waiting
        self._changed = changed

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a slot. Raises ``QueueFull``."""
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    async def _wait(self) -> None:
        if self._room <= 0:
            raise QueueFull
        self._room -= 1
        self._changed(1)
        try:
            await self._free.acquire()
        finally:
            self._room += 1
            self._changed(-1)
