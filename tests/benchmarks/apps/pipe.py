"""Passes bytes on to a port of this machine, unread: what any proxy in Python takes at least. Prints its own port."""

from __future__ import annotations

import asyncio
import sys


class End(asyncio.Protocol):
    """One end of a passing connection."""

    def __init__(self, port: int, other: End | None = None) -> None:
        self._port, self._other = port, other
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected, or the way on is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._other is None:
            self._opening = asyncio.ensure_future(self._open())

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        _, self._other = await loop.create_connection(lambda: End(self._port, self), "127.0.0.1", self._port)
        for data in self._early:
            self._other.write(data)

    def write(self, data: bytes) -> None:
        """Send to this end."""
        if self._transport is not None:
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Bytes have come at this end."""
        if self._other is None:
            self._early.append(data)
        else:
            self._other.write(data)


async def main(port: int) -> None:
    """Pass until the process is ended."""
    server = await asyncio.get_running_loop().create_server(lambda: End(port), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
