"""Bodies of requests: JSON is read whole, since it says what is asked for; anything else passes as it comes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

LONGEST = 64 * 1024 * 1024
"""Bytes of JSON that are read; a context of a million tokens with pictures in it stays below."""


class ClientGone(Exception):
    """The program went away."""


class TooLarge(Exception):
    """The body is longer than ``LONGEST``."""


class Body:
    """The body of one request, to be read once: ``whole``, or in ``parts``. ``gone`` waits for the program to leave."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read = asyncio.Event()

    async def whole(self) -> bytes:
        """All of it. Raises ``ClientGone`` and ``TooLarge``."""
        message = await self._next()
        if not message.get("more_body"):
            return bytes(message.get("body", b""))
        parts = bytearray(message.get("body", b""))
        while message.get("more_body"):
            message = await self._next()
            parts += message.get("body", b"")
            if len(parts) > LONGEST:
                raise TooLarge
        return bytes(parts)

    async def parts(self) -> AsyncIterator[bytes]:
        """It as it comes. Raises ``ClientGone``."""
        more = True
        while more:
            message = await self._next()
            more = bool(message.get("more_body"))
            if part := message.get("body"):
                yield part

    async def gone(self) -> None:
        """Return when the program goes away before its answer is whole; call it once the body is being read."""
        await self._read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _next(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        if not message.get("more_body"):
            self._read.set()
        return message


def parsed(body: bytes) -> Mapping[str, Any] | None:
    """A body as a JSON object, or None when it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
