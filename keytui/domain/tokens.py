"""Counting tokens: what a count is, and how sure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

ROUGH = "characters/4"
"""The name of the encoding, and of its tokenizer, that counts a token for every four characters."""


class Exactness(Enum):
    """How well the encoding of a model is known."""

    EXACT = "exact"
    """The vocabulary of this model, as published."""
    ASSUMED = "assumed"
    """A newer OpenAI model: o200k_base is taken, as third parties found; the server's count settles it."""
    ROUGH = "rough"
    """Another vendor's model, or no vocabulary at hand."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """Which vocabulary counts for a model."""

    name: str
    """``o200k_base``, ``cl100k_base``, ``o200k_harmony``, or ``characters/4`` when there is none."""
    exactness: Exactness


class Tokenizer(Protocol):
    """The encoder of one vocabulary. ``count`` releases the interpreter lock and never fails on any text."""

    name: str

    def count(self, text: str) -> int:
        """Tokens of a text, special-token names counted as ordinary text."""
        ...

    def encode(self, text: str) -> list[int]:
        """Token ids of a text."""
        ...

    def pieces(self, text: str) -> list[bytes]:
        """The bytes of each token, in order; joined they are the text in UTF-8."""
        ...


def rough_count(text: str) -> int:
    """What counts when there is no vocabulary: a token for every four characters begun."""
    return -(-len(text) // 4)
