"""What the app and its engine say to each other over pipes: frames of a header and a payload, in either direction.

Both sides are one program on one machine, so that numbers travel in the machine's own order. This module stays light,
for it is the first thing that both sides import.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from enum import IntEnum
from struct import Struct
from typing import NamedTuple

ENCODINGS = ("o200k_base", "cl100k_base", "o200k_harmony")
"""An encoding travels as its number in this list."""

_HEADER = Struct("=IIBB")
HEADER_SIZE = _HEADER.size


class Kind(IntEnum):
    """What a frame is."""

    COUNT = 1
    """Request: texts (``pack_texts``). Answer: the tokens of each, 32 bits a number."""
    PIECES = 2
    """Request: a text. Answer: the id of each token, 32 bits each, then the length of each in bytes, likewise."""
    FAILED = 3
    """Answer to a request that could not be met; no payload."""
    READY = 4
    """From the engine, unasked, once: the default vocabulary is loaded. Payload: the tokenizer's name."""
    PRACTICE = 5
    """Request: run the practice service, with these options (JSON). Answer, once it listens: its address and keys, as
    JSON; another, empty, when it has ended."""


class Frame(NamedTuple):
    """One message. ``number`` ties an answer to its request; 0 in what the engine says unasked."""

    kind: int
    number: int
    encoding: int
    payload: bytes


def pack(frame: Frame) -> bytes:
    """A frame as it travels."""
    return _HEADER.pack(len(frame.payload), frame.number, frame.kind, frame.encoding) + frame.payload


def unpack_header(header: bytes) -> tuple[int, int, int, int]:
    """(length of the payload, number, kind, encoding)."""
    length, number, kind, encoding = _HEADER.unpack(header)
    return length, number, kind, encoding


def pack_texts(texts: Sequence[str]) -> bytes:
    """Texts as one payload."""
    blobs = [encoded(text) for text in texts]
    return numbers([len(blobs), *map(len, blobs)]) + b"".join(blobs)


def unpack_texts(payload: bytes) -> list[str]:
    """The texts of a payload."""
    view = memoryview(payload)
    (amount,) = view[:4].cast("I")
    at = 4 * (amount + 1)
    texts = []
    for length in view[4:at].cast("I"):
        texts.append(str(view[at : at + length], "utf-8"))
        at += length
    return texts


def numbers(values: Sequence[int]) -> bytes:
    """Numbers, 32 bits each."""
    return array("I", values).tobytes()


def read_numbers(payload: bytes) -> list[int]:
    """The numbers of a payload."""
    return memoryview(payload).cast("I").tolist()


def encoded(text: str) -> bytes:
    """A text in UTF-8, lone surrogates replaced as the tokenizer would replace them."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


class Arrivals:
    """Bytes in, whole frames out."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def take(self, data: bytes) -> Iterator[Frame]:
        """The frames that are whole now that ``data`` has come."""
        self._bytes += data
        while len(self._bytes) >= HEADER_SIZE:
            length, number, kind, encoding = _HEADER.unpack_from(self._bytes)
            end = HEADER_SIZE + length
            if len(self._bytes) < end:
                return
            payload = bytes(self._bytes[HEADER_SIZE:end])
            del self._bytes[:end]
            yield Frame(kind, number, encoding, payload)
