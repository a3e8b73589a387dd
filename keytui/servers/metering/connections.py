"""The ways to servers, and the turns that requests wait for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from keytui.servers.metering.settings import Upstream


class Ways:
    """The way to each address that was asked for."""

    def __init__(self, connect: Callable[[str], Upstream]) -> None:
        self._connect = connect
        self._made: dict[str, Upstream] = {}

    def to(self, base_url: str) -> Upstream:
        """The way to an address."""
        if base_url not in self._made:
            self._made[base_url] = self._connect(base_url)
        return self._made[base_url]

    async def close(self) -> None:
        """Give all connections back."""
        for way in self._made.values():
            way.close()
        self._made.clear()


class QueueFull(Exception):
    """Too many requests wait already."""


class Turns:
    """So many requests at once; the others wait in the order in which they came."""

    def __init__(self, parallel: int, waiting: int, changed: Callable[[int], None]) -> None:
        self._free = asyncio.Semaphore(parallel)
        self._room = waiting
        self._changed = changed

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn. Raises ``QueueFull``."""
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
