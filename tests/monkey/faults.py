"""What the network does to whatever the app asks while the monkey is at it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from unittest.mock import patch

import httpx2

from keytui.adapters.network import wire
from keytui.adapters.network.transport import PatientTransport

LATE = 2.0
"""Seconds that a late answer lets the app wait: longer than it may keep a key waiting."""

_FAULTS = (
    httpx2.ConnectError("refused"), httpx2.ConnectTimeout("late"), httpx2.ReadError("cut"), httpx2.ReadTimeout("late"),
    httpx2.RemoteProtocolError("no HTTP"), 400, 401, 403, 404, 429, 500, 503, "<html>", "", "null", "[1, {", "{}",
    "late", "late and cut", "cut", "garbled", "drip",
)  # fmt: skip
_UNREACHABLE = (ConnectionRefusedError("refused"), TimeoutError("late"), OSError("no route"))


class _Spoiled(httpx2.AsyncByteStream):
    """An answer whose body goes wrong on its way."""

    def __init__(self, stream: httpx2.AsyncByteStream, how: str, pieces: int) -> None:
        self._stream, self._how, self._pieces = stream, how, pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        number = 0
        async for piece in self._stream:
            number += 1
            if self._how == "drip":
                for at in range(0, min(len(piece), 40), 8):
                    yield piece[at : at + 8]
                    await asyncio.sleep(0.01)
                yield piece[40:]
            elif number < self._pieces:
                yield piece
            elif self._how == "garbled":
                yield bytes(reversed(piece))
            else:
                raise httpx2.ReadError("cut")

    async def aclose(self) -> None:
        await self._stream.aclose()


@contextmanager
def faulty_network(chance: random.Random, share: float) -> Iterator[None]:
    """Let this share of all requests fail, in one way or another."""
    send, connect = PatientTransport.handle_async_request, wire.connect

    async def sometimes(self: PatientTransport, request: httpx2.Request) -> httpx2.Response:
        fault = chance.choice(_FAULTS) if chance.random() < share else None
        if isinstance(fault, Exception):
            raise fault
        if isinstance(fault, int):
            error = {"message": "as chance has it", "code": None}
            return httpx2.Response(fault, json={"error": error}, headers={"retry-after": "1"}, request=request)
        if fault in (None, "late", "late and cut", "cut", "garbled", "drip"):
            if fault in ("late", "late and cut"):
                await asyncio.sleep(LATE)
            answer = await send(self, request)
            if fault in ("late and cut", "cut", "garbled", "drip"):
                assert isinstance(answer.stream, httpx2.AsyncByteStream)
                answer.stream = _Spoiled(answer.stream, fault.rpartition(" ")[2], chance.randrange(1, 6))
            return answer
        kind = "text/html" if "<" in fault else "application/json"
        return httpx2.Response(200, text=fault, headers={"content-type": kind}, request=request)

    async def at_times(numbers: list[str], port: int) -> wire.Line:
        if chance.random() < share:
            await asyncio.sleep(chance.choice((0.0, LATE)))
            raise chance.choice(_UNREACHABLE)
        return await connect(numbers, port)

    with (
        patch.object(PatientTransport, "handle_async_request", sometimes),
        patch.object(wire, "connect", at_times),
    ):
        yield
