"""Clients for the server, and the turns that requests wait for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

EACH = 80
"""Requests that share a client. It holds 100 connections, and one that waits for a free one would give up too soon."""


class Clients:
    """As many clients for each address as its requests need."""

    def __init__(self, connect: Callable[[str], httpx2.AsyncClient]) -> None:
        self._connect = connect
        self._busy: dict[str, list[tuple[httpx2.AsyncClient, list[None]]]] = {}
        self._building = asyncio.Lock()

    @asynccontextmanager
    async def one(self, base_url: str) -> AsyncIterator[httpx2.AsyncClient]:
        """A client for one request. Raises ``Refused`` when the way there cannot be taken."""
        client, requests = self._free(base_url) or await self._another(base_url)
        requests.append(None)
        try:
            yield client
        finally:
            requests.pop()

    async def close(self) -> None:
        """Give all connections back."""
        for clients in self._busy.values():
            for client, _ in clients:
                await client.aclose()
        self._busy.clear()

    def _free(self, base_url: str) -> tuple[httpx2.AsyncClient, list[None]] | None:
        return next((pair for pair in self._busy.get(base_url, ()) if len(pair[1]) < EACH), None)

    async def _another(self, base_url: str) -> tuple[httpx2.AsyncClient, list[None]]:
        async with self._building:
            if pair := self._free(base_url):
                return pair
            # Certificates are read for it, which takes a while.
            made = await asyncio.to_thread(self._connect, base_url)
            pair = (made, [])
            self._busy.setdefault(base_url, []).append(pair)
            return pair


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
