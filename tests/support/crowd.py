"""Many programs that stream at once, each answer compared with what the server said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from tests.support.listening import listening

LONGEST = 60.0
"""Seconds after which one answer that does not end is given up."""


def said(number: int) -> list[bytes]:
    """The events of the answer to request ``number``: each its own, in sizes of its own."""
    piece = b'data: {"model": "gpt-6-luna", "choices": [{"index": 0, "delta": {"content": "%d.%d %s"}}]}\n\n'
    texts = [piece % (number, at, b"x" * ((number * 7 + at * 31) % 400)) for at in range(10)]
    usage = b'data: {"model": "gpt-6-luna", "choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": %d}}\n\n'
    return [*texts, usage % (number % 50 + 1), b"data: [DONE]\n\n"]


@asynccontextmanager
async def speaker(pause: float) -> AsyncIterator[str]:
    """A server that answers each request by the number in its path, ``pause`` seconds between pieces; its base URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            number = int(await reader.readexactly(length) and head.split(b"number=")[1].split(b" ")[0])
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
            for event in said(number):
                writer.write(b"%x\r\n%s\r\n" % (len(event), event))
                await writer.drain()
                await asyncio.sleep(pause)
            writer.write(b"0\r\n\r\n")

    async with listening(serve) as port:
        yield f"http://127.0.0.1:{port}/v1"


async def crowd(base_url: str, key: str, *, programs: int, seconds: float = 0.0) -> int:
    """Stream with so many programs at once, one answer after another until the time is up; how many answers came.

    Each asks once at least. Raises ``AssertionError`` for an answer that is another than the server's.
    """
    end = time.monotonic() + seconds
    numbers = iter(range(10_000_000))
    parts = urlsplit(base_url)

    async def program() -> int:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        count = 0
        try:
            while not count or time.monotonic() < end:
                number = next(numbers)
                async with asyncio.timeout(LONGEST + seconds):
                    assert await _ask(reader, writer, key, number) == b"".join(said(number)), f"answer {number}"
                count += 1
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        return count

    return sum(await asyncio.gather(*(program() for _ in range(programs))))


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str, number: int) -> bytes:
    body = b'{"model": "gpt-6-luna", "stream": true, "messages": [{"role": "user", "content": "%d"}]}' % number
    writer.write(
        b"POST /v1/chat/completions?number=%d HTTP/1.1\r\nhost: crowd\r\nauthorization: Bearer %s\r\n"
        b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (number, key.encode(), len(body), body)
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    answer = b""
    while size := int(await reader.readline(), 16):
        answer += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return answer
