"""A slow line: a relay on the loopback with a delay each way and so many bytes a second towards the client."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PIECE = 4096
_WAITING = 16
"""Pieces under way: a line holds little, so what is sent too fast has to wait at its sender, as on a real one."""


@contextmanager
def slow_line(port: int, *, delay: float, bytes_per_second: float) -> Iterator[int]:
    """Relay to ``port`` of this machine until the block ends; gives the port to connect to.

    Args:
        port: Where the real server listens.
        delay: Seconds one way.
        bytes_per_second: What comes back to the client at most; the other direction is not limited.
    """
    loop = asyncio.new_event_loop()
    relay = _Relay(port, delay, bytes_per_second)
    server = loop.run_until_complete(asyncio.start_server(relay.serve, "127.0.0.1", 0, limit=_PIECE))
    thread = threading.Thread(target=loop.run_forever, name="slow line", daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


class _Relay:
    def __init__(self, port: int, delay: float, rate: float) -> None:
        self._port, self._delay, self._rate = port, delay, rate

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", self._port, limit=_PIECE)
        for end in (writer, forth):
            _hold_little(end)
        try:
            await asyncio.gather(self._pass(reader, forth, 0.0), self._pass(back, writer, self._rate))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            forth.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rate: float) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_WAITING)
        now = asyncio.get_running_loop().time

        async def take() -> None:
            data = b"x"
            while data:
                data = await reader.read(_PIECE)
                await under_way.put((now() + self._delay, data))

        async def give() -> None:
            free = 0.0
            while True:
                due, data = await under_way.get()
                if not data:
                    with suppress(OSError):
                        writer.write_eof()
                    return
                free = max(free, due, now()) + (len(data) / rate if rate else 0)
                await asyncio.sleep(max(0.0, free - now()))
                writer.write(data)
                await writer.drain()

        async with asyncio.TaskGroup() as both:
            both.create_task(take())
            both.create_task(give())


def _hold_little(writer: asyncio.StreamWriter) -> None:
    end = writer.get_extra_info("socket")
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * _PIECE)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * _PIECE)
    writer.transport.set_write_buffer_limits(_PIECE)


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
