"""One connection over which requests of other programs pass: bytes go by, and as little as possible is done to each.

The general HTTP library takes a few milliseconds of work for a request, and several calls for each piece of a stream.
A program whose every request goes through keytui would feel that, so passing has a way of its own. It raises the
library's exceptions, by which everything else knows what a failure means.

Imports the HTTP library: import this module only where something is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import httptools
import httpx2

from keytui.adapters.network.wire import Line

MOST = 256 * 1024
"""Bytes that are taken from the server ahead of the program; a slow program slows the server down."""
WRITTEN_WITHIN = 60.0
"""Seconds in which the server must take some of a request."""
_LONGEST_HEAD = 256 * 1024
_MOST_INTERIM = 100
"""Words in between (``100 Continue``) after which no answer is waited for."""
_EMPTY = (204, 304)
"""Statuses whose answers have no body (RFC 9110, 6.4.1)."""

Content = bytes | AsyncIterator[bytes]


class Lane(asyncio.Protocol):
    """A connection: one request after another, each followed by its answer.

    Ask with ``ask``, read with ``lump`` until it is empty, then ``free`` says whether it may be used again; ``drop`` it
    at any time.
    """

    def __init__(self, line: Line, patience: float) -> None:
        """Takes a connection over. ``patience``: seconds without a byte before an answer is given up."""
        self._line = line  # its writer would close the connection when it is forgotten
        self._transport = cast("asyncio.Transport", line.writer.transport)
        self._patience = patience
        self._waiting: asyncio.Future[None] | None = None
        self._go_on = asyncio.Event()
        self._go_on.set()
        self._parser = httptools.HttpResponseParser(self)
        # What the general library takes as well; none of it lets one answer pass for another.
        self._parser.set_dangerous_leniencies(
            lenient_data_after_close=True,
            lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )
        self.closed = False
        self._asking = False
        self._clear("")
        self._transport.set_protocol(self)

    def _clear(self, method: str) -> None:
        self._method = method
        self._head = self._ended = self._interim = self._until_close = False
        self._keep = True
        self._failure: Exception | None = None
        self._size = self._interims = 0
        self._arrived: list[bytes] = []
        self._held = 0
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        """Of the answer, as they came."""

    @property
    def free(self) -> bool:
        """Whether the answer has ended so that another request may follow."""
        return self._ended and self._keep and not self.closed

    async def ask(self, method: str, head: bytes, content: Content, *, chunked: bool = False) -> None:
        """Send a request and wait for the head of its answer. ``chunked``: frame the parts of the content.

        Raises ``httpx2.TransportError``, and whatever the parts raise.
        """
        self._clear(method)
        self._asking = True
        if isinstance(content, bytes):
            self._transport.write(head + content)
        else:
            self._transport.write(head)
            await self._upload(content, chunked)
        while not self._head:
            if self._failure is not None:
                raise self._failure
            await self._wait()

    async def lump(self) -> bytes:
        """The next bytes of the body, everything that is there at once in one piece; empty at its end.

        A server sends a stream in many small chunks, of which one read from the network brings dozens. Passed one by
        one, each would cost a piece of its own on the way out and at the program; nothing is held back for it.
        Raises ``httpx2.TransportError`` after all that came before.
        """
        while True:
            if self._arrived:
                lump = self._arrived[0] if len(self._arrived) == 1 else b"".join(self._arrived)
                self._arrived.clear()
                if self._held >= MOST:
                    self._transport.resume_reading()
                self._held = 0
                return lump
            if self._ended:
                return b""
            if self._failure is not None:
                raise self._failure
            await self._wait()

    def done(self) -> None:
        """The answer is not wanted any more."""
        self._asking = False
        if self._held >= MOST:
            self._transport.resume_reading()
        self._arrived.clear()
        self._held = 0

    def drop(self) -> None:
        """Close the connection at once."""
        self.closed = True
        self._transport.abort()

    async def _upload(self, parts: AsyncIterator[bytes], chunked: bool) -> None:
        async for part in parts:
            if self._head or self._failure is not None:
                # The server has said already what it thinks of it; the rest would be taken for another request.
                self._keep = False
                return
            self._transport.write(b"%x\r\n%s\r\n" % (len(part), part) if chunked else part)
            if not self._go_on.is_set():
                try:
                    async with asyncio.timeout(WRITTEN_WITHIN):
                        await self._go_on.wait()
                except TimeoutError:
                    raise httpx2.WriteTimeout("the server takes nothing more") from None
        if chunked:
            self._transport.write(b"0\r\n\r\n")

    async def _wait(self) -> None:
        """Until something has happened."""
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        late = loop.call_later(self._patience, self._give_up, self._waiting)
        try:
            await self._waiting
        finally:
            late.cancel()
            self._waiting = None

    def _give_up(self, waiting: asyncio.Future[None]) -> None:
        if not waiting.done():
            waiting.set_exception(httpx2.ReadTimeout(f"not a byte within {self._patience:.0f} s"))

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _fail(self, failure: Exception) -> None:
        if not self._ended and self._failure is None:
            self._failure = failure
        self._keep = False
        self._wake()

    # What the connection tells.

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if not self._asking:
            # Nobody asked: whatever this is, it must not be taken for the answer to the next request.
            self._keep = False
            self._transport.abort()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(httpx2.RemoteProtocolError(f"what came is no answer in HTTP/1.1 ({error})"))
            self._transport.abort()
            return
        if self._held >= MOST:
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self.closed = True
        if self._head and self._until_close and exc is None:
            self._ended = True
        elif exc is not None:
            failure = httpx2.ReadError(str(exc))
            failure.__cause__ = exc
            self._fail(failure)
        elif self._head:
            self._fail(httpx2.RemoteProtocolError("peer closed connection without sending complete message body"))
        else:
            self._fail(httpx2.RemoteProtocolError("Server disconnected without sending a response."))
        self._go_on.set()
        self._wake()

    def pause_writing(self) -> None:
        """The server takes no more for now."""
        self._go_on.clear()

    def resume_writing(self) -> None:
        """The server takes more."""
        self._go_on.set()

    # What the parser tells.

    def on_message_begin(self) -> None:
        """An answer begins; a second one was not asked for, and must not be taken for that to the next request."""
        if self._head:
            self._keep = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header, or after the body a trailer, which is dropped as in any proxy."""
        self._size += len(name) + len(value)
        if self._size > _LONGEST_HEAD:
            raise ValueError("its head is too long")
        if not self._head:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """All headers are there."""
        self.status = self._parser.get_status_code()
        if self.status < 200:
            self._interim = True
            self._interims += 1
            if self._interims > _MOST_INTERIM:
                raise ValueError("it says that it goes on, and does not")
            self.headers.clear()
            return
        self._head = True
        self._keep = self._keep and self._parser.should_keep_alive()
        if self._method == "HEAD":
            # The parser cannot be told that no body follows, whatever the headers say.
            self._ended, self._keep = True, False
        told = dict(self.headers)
        chunked = b"chunked" in told.get(b"transfer-encoding", b"").lower()
        self._until_close = not chunked and b"content-length" not in told and self.status not in _EMPTY
        self._go_on.set()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if not self._ended:
            self._arrived.append(body)
            self._held += len(body)

    def on_message_complete(self) -> None:
        """The end of the answer, or of a word in between (``100 Continue``)."""
        if self._interim:
            self._interim = False
        else:
            self._ended = True
