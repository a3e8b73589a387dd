"""Server-sent events, read as fast as they come, and told apart from what is no event stream at all."""

from __future__ import annotations

_LONGEST = 32 * 1024 * 1024
"""Bytes of one line, or of a whole document, that are read at most."""
_STRAY = 2_000


class NoEventStream(ValueError):
    """What came is neither an event stream nor a document that could be read."""


class SseReader:
    """Turns the bytes of a response into the data of its events.

    A body that begins like JSON or HTML is no event stream: it is gathered whole in ``document``. Some servers answer
    so although a stream was asked for.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._event = b""
        self._began = False
        self._document: bytearray | None = None
        self.stray = ""
        """The first lines that belong to no event; what a garbled answer said."""

    @property
    def document(self) -> bytes | None:
        """The whole body, when it is no event stream."""
        return bytes(self._document) if self._document is not None else None

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that are complete with this piece of the body. Raises ``NoEventStream``."""
        if not self._began:
            chunk = (self._rest + chunk).lstrip(b"\xef\xbb\xbf \t\r\n")
            self._rest = b""
            if not chunk:
                return []
            self._began = True
            if chunk[:1] in (b"{", b"[", b"<"):
                self._document = bytearray()
        if self._document is not None:
            self._document += chunk
            self._guard(len(self._document))
            return []
        chunk = self._rest + chunk
        if b"\r" in chunk:
            held = chunk.endswith(b"\r")  # its line feed may come with the next piece
            chunk = (chunk[:-1] if held else chunk).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            tail = b"\r" if held else b""
        else:
            tail = b""
        *lines, rest = chunk.split(b"\n")
        self._rest = rest + tail
        self._guard(len(self._rest))
        events: list[bytes] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif not line:
                if self._data:
                    events.append(self._take())
            elif not line.startswith(b":"):
                self._field(line)
        return events

    def finish(self) -> list[bytes]:
        """The data of an event that was not closed by an empty line before the end."""
        if self._document is not None:
            return []
        events = self.feed(b"\n\n") if self._rest or self._data else []
        return [*events, self._take()] if self._data else events

    def _take(self) -> bytes:
        data = b"\n".join(self._data)
        self._data.clear()
        event, self._event = self._event, b""
        # Some gateways tell of an error by the event's name alone.
        return b'{"error":' + data + b"}" if event == b"error" and b'"error"' not in data else data

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name == b"event":
            self._event = value.strip()
        elif name not in (b"id", b"retry") and len(self.stray) < _STRAY:
            self.stray += line[:_STRAY].decode("utf-8", "replace") + "\n"

    def _guard(self, size: int) -> None:
        if size > _LONGEST:
            raise NoEventStream("a line longer than 32 MB")
