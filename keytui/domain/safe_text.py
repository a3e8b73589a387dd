"""Making text from outside safe to show on a terminal and to store."""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and line feed: they drive a terminal
    "\u2028\u2029\u202a-\u202e\u2066-\u2069"  # line separators and writing-direction overrides: they rearrange a line
    "\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_BREAKS = re.compile("\r\n?|\x85|\u2028|\u2029")


def safe_text(text: str) -> str:
    """A text with line breaks as line feeds, surrogate pairs joined, and nothing in it that drives a terminal.

    A surrogate without its partner becomes U+FFFD; control characters and writing-direction overrides are taken out.
    """
    if not _UNSAFE.search(text):
        return text
    text = _BREAKS.sub("\n", text)
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _UNSAFE.sub("", joined)


class SafeStream:
    """Makes a text safe that comes in pieces, where a piece may end inside a pair that belongs together."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be shown now that ``piece`` has come; empty while it must wait for its other half."""
        if self._held:
            piece = self._held + piece
            self._held = ""
        if piece and ("\ud800" <= piece[-1] <= "\udbff" or piece[-1] == "\r"):
            self._held = piece[-1]
            piece = piece[:-1]
        return safe_text(piece)

    def finish(self) -> str:
        """What was held back, once no more comes."""
        held, self._held = self._held, ""
        return safe_text(held)
