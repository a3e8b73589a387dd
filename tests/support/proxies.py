"""Two small proxies for tests: HTTP with sign-in, and SOCKS5 with sign-in."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.support.listening import close, listening


@dataclass
class Passing:
    """A proxy that runs: its port, and where it was asked to connect to."""

    port: int = 0
    targets: list[str] = field(default_factory=list)


@asynccontextmanager
async def http_proxy(*, sign_in: str | None = None, forbid: bool = False) -> AsyncIterator[Passing]:
    """An HTTP proxy; ``sign_in`` is ``user:password``. Tunnels, and plain requests that close."""
    passing = Passing()
    wanted = base64.b64encode(sign_in.encode()).decode() if sign_in else None

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        if wanted and f"basic {wanted}".lower() not in head.decode("latin-1").lower():
            writer.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm=x\r\n"
                b"content-type: text/html\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>"
            )
        elif forbid:
            writer.write(
                b"HTTP/1.1 403 Filtered\r\nserver: tinyproxy/1.11\r\ncontent-type: text/html\r\n"
                b"content-length: 34\r\nconnection: close\r\n\r\n<html>Access denied by tinyproxy.\r\n"
            )
        else:
            passing.targets.append(target)
            await _pass(method, target, head, reader, writer)

    async with listening(serve) as passing.port:
        yield passing


@asynccontextmanager
async def socks_proxy(*, sign_in: str | None = None, reply: int = 0) -> AsyncIterator[Passing]:
    """A SOCKS5 proxy; ``reply`` other than 0 refuses with that code."""
    passing = Passing()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        method = 2 if sign_in else 0
        if method not in offered:
            writer.write(b"\x05\xff")
            return
        writer.write(bytes([5, method]))
        if sign_in:
            await reader.readexactly(1)
            user = await reader.readexactly((await reader.readexactly(1))[0])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            right = f"{user.decode()}:{password.decode()}" == sign_in
            writer.write(bytes([1, 0 if right else 1]))
            if not right:
                return
        _, _, _, kind = await reader.readexactly(4)
        size = 4 if kind == 1 else 16 if kind == 4 else (await reader.readexactly(1))[0]
        raw = await reader.readexactly(size)
        port = int.from_bytes(await reader.readexactly(2), "big")
        host = ".".join(map(str, raw)) if kind == 1 else raw.decode()
        passing.targets.append(f"{host}:{port}")
        writer.write(bytes([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        if not reply:
            await _join(reader, writer, host, port)

    async with listening(serve) as passing.port:
        yield passing


async def _pass(
    method: str, target: str, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if method == "CONNECT":
        host, _, port = target.rpartition(":")
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await _join(reader, writer, host, int(port))
        return
    address = target.removeprefix("http://").split("/", 1)
    host, _, port = address[0].rpartition(":")
    path = "/" + (address[1] if len(address) > 1 else "")
    await _join(reader, writer, host, int(port), head.replace(target.encode(), path.encode(), 1))


async def _join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int, first: bytes = b""
) -> None:
    far_reader, far_writer = await asyncio.open_connection(host, port)
    far_writer.write(first)

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
            sink.close()

    try:
        await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))
    finally:
        await close(far_writer)
