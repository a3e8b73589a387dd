"""The bytes of an answer, everything that is there at once in one piece."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2


async def lumps(response: httpx2.Response) -> AsyncIterator[bytes]:
    """Pieces of an answer's body as they come."""
    async for piece in response.aiter_raw():
        yield piece
