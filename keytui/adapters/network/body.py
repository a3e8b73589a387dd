"""The body of an answer, taken out of its compression a little at a time, and never more of it than an answer can be.

The HTTP library takes each piece apart as a whole, and a thousandth of it may be all that was sent: 64 kB from the
network can become 64 MB at once, and what is gathered has no bound. Imports the HTTP library.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator

import httpx2

LONGEST = 16 * 1024 * 1024
"""Bytes of a document: of a list of models, a page of costs, a refusal, an answer in one piece."""
LONGEST_STREAM = 1024 * 1024 * 1024
"""Bytes of a stream of events, which are not gathered: the longest answers take some hundred for each token."""
_PIECE = 256 * 1024
"""Bytes that are taken out of the compression at once."""
_PACKED = ("gzip", "x-gzip", "deflate")
_ANY_HEAD, _NO_HEAD = 47, -15
"""zlib's names for data that begins as gzip or as zlib, and for data that begins as neither."""


class BoundedBody(httpx2.AsyncByteStream):
    """The plain bytes of a body. Raises ``httpx2.DecodingError`` for one that is too long or cannot be unpacked."""

    def __init__(self, stream: httpx2.AsyncByteStream, packing: str, longest: int) -> None:
        """``packing``: as ``content-encoding`` names it; empty for none."""
        self._stream = stream
        self._longest = longest
        self._inflater = _Inflater() if packing else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Pieces of any size."""
        passed = 0
        async for lump in self._stream:
            for piece in (lump,) if self._inflater is None else self._inflater.pieces(lump):
                passed += len(piece)
                if passed > self._longest:
                    raise httpx2.DecodingError(f"an answer of more than {self._longest // 2**20} MB")
                yield piece

    async def aclose(self) -> None:
        """Let go of the answer."""
        await self._stream.aclose()


class _Inflater:
    """Takes one packed body apart."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_ANY_HEAD)
        self._begun = False
        self._first = b""
        """The first byte, which does not say yet whether there is a head."""

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """What comes out, at most ``_PIECE`` at a time."""
        if not self._begun:
            packed = self._first + packed
            if len(packed) < 2:
                self._first = packed
                return
        while packed:
            try:
                plain = self._zlib.decompress(packed, _PIECE)
            except zlib.error as error:
                if self._begun:
                    raise httpx2.DecodingError(str(error)) from error
                # Some servers send what they call "deflate" without the head that belongs to it.
                self._zlib, self._begun = zlib.decompressobj(_NO_HEAD), True
                continue
            self._begun = True
            packed = self._zlib.unconsumed_tail
            if plain:
                yield plain


def bound(response: httpx2.Response, request: httpx2.Request) -> None:
    """Bound the body of an answer that has not been read yet; it has no compression afterwards."""
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    names = [name.strip().lower() for name in response.headers.get("content-encoding", "").split(",")]
    packing = [name for name in names if name in _PACKED]
    if len(packing) > 1:
        raise httpx2.DecodingError("an answer that was packed more than once")
    gathered = request.method == "GET" or "event-stream" not in response.headers.get("content-type", "")
    longest = LONGEST if gathered else LONGEST_STREAM
    response.stream = BoundedBody(response.stream, "".join(packing), longest)
    if packing:
        del response.headers["content-encoding"]
