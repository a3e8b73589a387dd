"""The bytes of an answer, everything that is there at once in one piece.

A server sends a stream in many small HTTP chunks, of which one read from the network brings dozens. Passed one by one,
each would cost a piece of its own on the way out and at the program; nothing is held back for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import httpx2

MOST = 256 * 1024
"""Bytes that are taken from the server ahead of the program; a slow program slows the server down."""


async def lumps(response: httpx2.Response) -> AsyncGenerator[bytes, None]:
    """Pieces of an answer's body as they come. Close it (``aclosing``) when not all are taken.

    Raises what reading from the server raises, after all that came before.
    """
    if "content-length" in response.headers:  # it comes in one piece as it is
        async for piece in response.aiter_raw():
            yield piece
        return
    arrived: list[bytes] = []
    held, ended = 0, False
    something, room = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        nonlocal held, ended
        try:
            async for piece in response.aiter_raw():
                arrived.append(piece)
                held += len(piece)
                something.set()
                if held >= MOST:
                    room.clear()
                    await room.wait()
        finally:
            ended = True
            something.set()

    reader = asyncio.ensure_future(read())
    try:
        while True:
            if arrived:
                lump = b"".join(arrived)
                arrived.clear()
                held = 0
                room.set()
                yield lump
            elif ended:
                await reader
                return
            else:
                something.clear()
                await something.wait()
    finally:
        if not reader.done():
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
