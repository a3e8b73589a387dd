"""Compressed bodies: what the standard library can take apart, and what programs may ask for because of that."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

_KNOWN = ("gzip", "x-gzip", "deflate")
_INFLATED = 1024 * 1024
"""Bytes that are taken out of a compressed body at once."""

Unpack = Callable[[bytes], Iterable[bytes]]


def acceptable(wanted: bytes) -> bytes:
    """What a program accepts (``accept-encoding``), without what nothing could be read in: no usage, no quoted key."""
    kept = [one for one in wanted.split(b",") if one.split(b";")[0].strip().decode("latin-1").lower() in _KNOWN]
    return b",".join(kept).strip() or b"identity"


def unpacking(encoding: str) -> Unpack | None:
    """Takes the compression off, and raises ``zlib.error`` where there is none; None for one that is not known."""
    if encoding in ("", "identity"):
        return lambda lump: (lump,)
    if encoding not in _KNOWN:
        return None
    inflater = zlib.decompressobj(wbits=47)  # gzip or zlib, by itself

    def unpack(lump: bytes) -> Iterator[bytes]:
        # One after another: a small lump may be a great deal unpacked, and is never held as a whole.
        yield inflater.decompress(lump, _INFLATED)
        while inflater.unconsumed_tail:
            yield inflater.decompress(inflater.unconsumed_tail, _INFLATED)

    return unpack


def unpacked(encoding: str) -> Unpack | None:
    """Like ``unpacking`` for a body that has to come through whatever it is; None where nothing is to be taken off."""
    unpack = unpacking(encoding)
    if unpack is None or encoding in ("", "identity"):
        return None
    as_told = True

    def plain(lump: bytes) -> Iterator[bytes]:
        nonlocal as_told
        if as_told:
            try:
                yield from unpack(lump)
                return
            except zlib.error:
                as_told = False
        yield lump

    return plain
