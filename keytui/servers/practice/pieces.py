"""Cutting a text into the pieces that are streamed: one token each, whole characters only."""

from __future__ import annotations

from codecs import getincrementaldecoder
from dataclasses import dataclass

from keytui.domain.tokens import Tokenizer


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text in pieces, and how many tokens each of them is."""

    texts: tuple[str, ...] = ()
    tokens: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """All tokens."""
        return sum(self.tokens)

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self.texts)

    def first(self, tokens: int) -> Pieces:
        """As many pieces from the beginning as fit into a number of tokens."""
        used = 0
        for index, count in enumerate(self.tokens):
            if used + count > tokens:
                return Pieces(self.texts[:index], self.tokens[:index])
            used += count
        return self


def cut(text: str, tokenizer: Tokenizer) -> Pieces:
    """A text in pieces. A character that several tokens share comes in one piece, with all of them."""
    decoder = getincrementaldecoder("utf-8")(errors="replace")
    texts: list[str] = []
    tokens: list[int] = []
    waiting = 0
    for piece in tokenizer.pieces(text):
        waiting += 1
        if shown := decoder.decode(piece):
            texts.append(shown)
            tokens.append(waiting)
            waiting = 0
    if rest := decoder.decode(b"", final=True):
        texts.append(rest)
        tokens.append(waiting)
    return Pieces(tuple(texts), tuple(tokens))
