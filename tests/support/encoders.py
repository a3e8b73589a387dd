"""Real encoders, loaded once for all tests, and texts that are hard to count."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

from keytui.adapters.tokenizer import load
from keytui.domain.tokens import ROUGH, Tokenizer

NASTY = (
    "a", "B", "hello", " ", "  ", "\t", "\n", "\r\n", "\r", "\n\n", "/", "'s", "'LL", "don't", "1", "12345", "é",
    "e\u0301", "\u0301", "ß", "中文", "漢", "。", "，", "👩‍👩‍👧", "\u200d", "😀", "עברית", "العربية", "<|endoftext|>",
    "<|im_start|>", "_", "__", "-", "==", "ǅ", "ʰ", "\u3000", "\xa0", "\u2003", "²", "Ⅷ", "!", "(", ")", ".\n", "\n/",
    "//", "\x0b", "\x1c", "\x85", "\u2028", "\ufeff", "\0", "x" * 40, " " * 30, "\n" * 10,
)  # fmt: skip
"""Pieces that pattern and vocabulary treat each in its own way, and that do so otherwise beside each other."""


@cache
def encoder(name: str) -> Tokenizer:
    """The exact tokenizer of an encoding; it writes nothing, for its cache lies where no folder can be."""
    tokenizer = load(name, Path(__file__) / "no folder")
    assert tokenizer.name != ROUGH
    return tokenizer


def nasty(random: Random, pieces: int) -> str:
    """A text of so many hard pieces."""
    return "".join(random.choices(NASTY, k=pieces))
