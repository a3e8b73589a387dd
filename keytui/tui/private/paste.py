"""What the terminal sends: bracketed paste read in pieces instead of characters, and alt with a digit.

textual 8.2.8: ``XTermParser`` takes a paste character by character, about 0.7 s for a megabyte, in a thread that fights
the event loop for the interpreter. Here the end of the paste is searched for; everything else is left to Textual.
It also takes escape with a digit, which is how terminals send alt with it, for the sign that a Mac's keyboard has
there (``¡`` for ``alt+1``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

_START, _END = "\x1b[200~", "\x1b[201~"


class PasteParser(XTermParser):
    """A terminal input parser for which a paste is one piece of text."""

    def __init__(self, debug: bool = False) -> None:
        self._pasted: list[str] | None = None
        self._tail = ""
        super().__init__(debug)

    def feed(self, data: str) -> Iterator[Message]:
        """Messages for what the terminal has sent; an empty text is its end."""
        if not data:
            yield from super().feed(data)
            return
        while data:
            if self._pasted is None:
                before, start, data = data.partition(_START)
                if before:
                    yield from super().feed(before)
                if start:
                    self._pasted = []
            else:
                message, data = self._more(self._pasted, self._tail + data)
                if message is not None:
                    yield message

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if len(sequence) == 2 and sequence[0] == "\x1b" and sequence[1] in "0123456789":
            return [events.Key(f"alt+{sequence[1]}", None)]
        return super()._sequence_to_key_events(sequence, alt)

    def _more(self, pasted: list[str], data: str) -> tuple[Message | None, str]:
        """The paste's message once its end has come, and what stands after it."""
        text, end, after = data.partition(_END)
        self._tail = ""
        if end:
            whole = "".join([*pasted, text])
            self._pasted = None
            return events.Paste(whole.replace("\x00", "")), after
        # The mark of its end may have been cut in two.
        escape = text.rfind("\x1b", max(0, len(text) - len(_END) + 1))
        if escape >= 0:
            text, self._tail = text[:escape], text[escape:]
        pasted.append(text)
        return None, ""
