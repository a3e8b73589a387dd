"""Bodies of answers: out of their compression piece by piece, and never more of them than an answer can be."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import httpx2
import pytest

from keytui.adapters.network import body
from keytui.adapters.network.body import BoundedBody, bound

MB = 1024 * 1024
WORDS = b'{"object": "list"}' * 5_000


class _Sent(httpx2.AsyncByteStream):
    """What a server sends, in pieces."""

    def __init__(self, data: bytes, size: int = 65_536) -> None:
        self._data, self._size = data, size
        self.taken = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._data), self._size):
            piece = self._data[at : at + self._size]
            self.taken += len(piece)
            yield piece

    async def aclose(self) -> None:
        self.closed = True


def headless(data: bytes) -> bytes:
    """As zlib packs it when it is told to write no head."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def swelling(megabytes: int) -> bytes:
    """So much of nothing, packed to a thousandth of it."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(MB)) for _ in range(megabytes)) + packer.flush()


async def read(sent: _Sent, packing: str, longest: int = 4 * MB) -> bytes:
    return b"".join([piece async for piece in BoundedBody(sent, packing, longest)])


@pytest.mark.parametrize("size", [1, 7, 65_536])
@pytest.mark.parametrize(
    ("packing", "data"),
    [
        ("", WORDS),
        ("gzip", gzip.compress(WORDS)),
        ("x-gzip", gzip.compress(WORDS)),
        ("deflate", zlib.compress(WORDS)),
        ("deflate", headless(WORDS)),
    ],
    ids=["plain", "gzip", "x-gzip", "deflate", "deflate without its head"],
)
async def test_a_body_is_what_was_packed_however_it_is_torn(packing: str, data: bytes, size: int) -> None:
    assert await read(_Sent(data, size), packing) == WORDS


async def test_what_swells_is_given_up_at_the_bound_and_never_held_as_a_whole() -> None:
    sent = _Sent(swelling(512))
    tracemalloc.start()
    try:
        with pytest.raises(httpx2.DecodingError, match="more than 4 MB"):
            async for _ in BoundedBody(sent, "gzip", 4 * MB):
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * MB
    assert sent.taken <= 2 * 65_536


async def test_a_plain_body_has_the_same_bound() -> None:
    sent = _Sent(bytes(8 * MB))
    with pytest.raises(httpx2.DecodingError, match="more than 4 MB"):
        await read(sent, "")
    assert sent.taken <= 4 * MB + 65_536


@pytest.mark.parametrize(
    "data", [b"no gzip at all", gzip.compress(WORDS)[:30] + b"\xff" * 500], ids=["never packed", "garbled"]
)
async def test_what_cannot_be_unpacked_is_a_failure(data: bytes) -> None:
    with pytest.raises(httpx2.DecodingError):
        await read(_Sent(data), "gzip")


@pytest.mark.parametrize(
    ("method", "kind", "longest"),
    [
        ("POST", "text/event-stream; charset=utf-8", body.LONGEST_STREAM),
        ("POST", "application/json", body.LONGEST),
        ("GET", "text/event-stream", body.LONGEST),
    ],
)
async def test_a_stream_may_be_longer_than_a_document(
    method: str, kind: str, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    monkeypatch.setattr(body, "BoundedBody", lambda stream, packing, longest: made.append(longest) or stream)
    sent = _Sent(b"")
    bound(httpx2.Response(200, headers={"content-type": kind}, stream=sent), httpx2.Request(method, "http://localhost"))
    assert made == [longest]


async def test_an_answer_is_read_as_if_it_had_not_been_packed() -> None:
    sent = _Sent(gzip.compress(WORDS))
    response = httpx2.Response(200, headers={"content-encoding": "gzip"}, stream=sent)
    bound(response, httpx2.Request("GET", "http://localhost"))
    assert await response.aread() == WORDS
    assert sent.closed


async def test_what_was_packed_twice_is_refused_before_it_is_read() -> None:
    sent = _Sent(gzip.compress(swelling(1)))
    response = httpx2.Response(200, headers={"content-encoding": "gzip, gzip"}, stream=sent)
    with pytest.raises(httpx2.DecodingError, match="more than once"):
        bound(response, httpx2.Request("GET", "http://localhost"))
    assert sent.taken == 0
