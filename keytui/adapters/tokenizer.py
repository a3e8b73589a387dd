"""The encoder: tiktoken's own, with vocabulary files from this machine. Imports tiktoken: import it lazily."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

from tiktoken._tiktoken import CoreBPE

from keytui.adapters.vocabulary import VOCABULARIES, ranks, read
from keytui.domain.tokens import ROUGH, Tokenizer, rough_count

if TYPE_CHECKING:
    from typing_extensions import Buffer

_O200K = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
_CL100K = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)

_ENCODINGS = {
    "o200k_base": ("o200k_base", _O200K),
    "o200k_harmony": ("o200k_base", _O200K),
    "cl100k_base": ("cl100k_base", _CL100K),
}
"""Encoding -> its vocabulary and the pattern that cuts a text into pieces. They are tiktoken 0.14.0's, and a test
compares them; its own ``Encoding`` would fetch the vocabulary, parse it at half the speed and keep a second copy."""

_LONG_BLANK = re.compile(r"[\t\v\f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{65536,}")
"""White space without line ends that the pattern may be unable to walk back through (it gives up near 1,000,000)."""


def load(name: str, cache: Path) -> Tokenizer:
    """The encoder of ``o200k_base``, ``cl100k_base`` or ``o200k_harmony``; takes about 0.2 s, half of it in one piece.

    Without a vocabulary on this machine the result is a ``RoughTokenizer``, to be known by its name
    (``keytui.domain.tokens.ROUGH``). Raises ``KeyError`` for any other encoding.
    """
    vocabulary, pattern = _ENCODINGS[name]
    contents = read(VOCABULARIES[vocabulary], cache)
    if contents is None:
        return RoughTokenizer()
    return ExactTokenizer(name, CoreBPE(ranks(contents), {}, pattern))


class ExactTokenizer:
    """One vocabulary's encoder. Every method takes any text; safe to be called from several threads at once.

    Lone surrogates count as U+FFFD, which is what they become on their way to a server.
    """

    def __init__(self, name: str, core: CoreBPE) -> None:
        self.name = name
        self._core = core

    def count(self, text: str) -> int:
        """Tokens of a text. Neither holds the interpreter lock nor builds a list."""
        return sum(map(_length, self._encoded(text)))

    def encode(self, text: str) -> list[int]:
        """Token ids of a text."""
        # The encoder's buffer states its length in bytes right and its shape wrong: by way of bytes it is read right.
        return [token for part in self._encoded(text) for token in memoryview(part).cast("B").cast("I")]

    def pieces(self, text: str) -> list[bytes]:
        """The bytes of each token, in order; joined they are the text in UTF-8."""
        return [*map(self._core.decode_single_token_bytes, self.encode(text))]

    def _encoded(self, text: str) -> list[Buffer]:
        """The ids of a text as 32-bit numbers, in one part or several."""
        # encode_ordinary would raise a panic for the texts that are cut below, and write it to the terminal.
        try:
            return [self._core.encode_to_tiktoken_buffer(text, set())]
        except UnicodeEncodeError:
            return self._encoded(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        except ValueError:
            return [*self._around_blanks(text)]

    def _around_blanks(self, text: str) -> Iterator[Buffer]:
        """The same, with each overlong run of blanks cut out by hand, at the places where the pattern cuts.

        A run is one piece, but for its last character when something other than white space follows: that one
        belongs to what follows. A run before a line end is left in its place, for there the pattern does not walk back.
        """
        start = 0
        for run in _LONG_BLANK.finditer(text):
            end = run.end()
            if end < len(text):
                if text[end] in "\r\n":
                    continue
                end -= 1
            yield self._core.encode_to_tiktoken_buffer(text[start : run.start()], set())
            yield array("I", self._core.encode_single_piece(text[run.start() : end].encode()))
            start = end
        yield self._core.encode_to_tiktoken_buffer(text[start:], set())


def _length(ids: Buffer) -> int:
    return memoryview(ids).nbytes // 4


class RoughTokenizer:
    """What counts when there is no vocabulary: four characters are a token."""

    name = ROUGH

    def count(self, text: str) -> int:
        """A quarter of the characters, rounded up."""
        return rough_count(text)

    def encode(self, text: str) -> list[int]:
        """A number for each four characters, equal for equal ones."""
        return [crc32(piece) for piece in self.pieces(text)]

    def pieces(self, text: str) -> list[bytes]:
        """Four characters each, in UTF-8."""
        return [text[at : at + 4].encode("utf-8", "replace") for at in range(0, len(text), 4)]
