"""A proxy that opens encrypted traffic and signs it anew, as those of companies do; small, but honest about TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.support.certificates import Authority
from tests.support.faulty import Faulty
from tests.support.listening import close, listening


@dataclass
class Intercepting:
    """The proxy: its port, whom it was asked for, and what it read of the traffic."""

    port: int = 0
    targets: list[str] = field(default_factory=list)
    read: bytearray = field(default_factory=bytearray)
    hangs: bool = False
    """Take connections and say nothing."""
    resets_after: int | None = None
    """Bytes of the answer after which the connection is reset."""


@asynccontextmanager
async def intercepting_proxy(signed_by: Authority, server: Faulty) -> AsyncIterator[Intercepting]:
    """Whatever host is asked for is played by ``server``, under a certificate made for that host on the spot."""
    proxy = Intercepting()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if proxy.hangs:
            await reader.read()
            return
        head = await reader.readuntil(b"\r\n\r\n")
        target = head.split(b" ")[1].decode()
        proxy.targets.append(target)
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await writer.drain()
        await writer.start_tls(signed_by.server(target.rpartition(":")[0]))
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", server.port)

        async def up() -> None:
            while data := await reader.read(65536):
                proxy.read += data
                far_writer.write(data)
                await far_writer.drain()
            far_writer.close()

        async def down() -> None:
            sent = 0
            while data := await far_reader.read(65536):
                if proxy.resets_after is not None and sent + len(data) > proxy.resets_after:
                    writer.write(data[: proxy.resets_after - sent])
                    await writer.drain()
                    writer.transport.abort()
                    return
                writer.write(data)
                sent += len(data)
                await writer.drain()
            writer.close()

        try:
            with suppress(ConnectionError, ssl.SSLError):
                await asyncio.gather(up(), down())
        finally:
            await close(far_writer)

    async with listening(serve) as proxy.port:
        yield proxy
