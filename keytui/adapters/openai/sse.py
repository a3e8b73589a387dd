"""Server-sent events, read as fast as they come, and told apart from what is no event stream at all."""

from __future__ import annotations

_LONGEST = 16 * 1024 * 1024
"""Bytes that are read at most without an event's end (of a line, lines, comments), or of a whole document."""
_BLANK = b" \t\r\n"
_MARK = b"\xef\xbb\xbf"
"""The byte order mark that some servers begin with."""
_STRAY = 2_000


class NoEventStream(ValueError):
    """What came is neither an event stream nor a document that could be read."""


class SseReader:
    """Turns the bytes of a response into the data of its events.

    A body that begins like JSON or HTML is no event stream: it is gathered whole in ``document``. Some servers answer
    so although a stream was asked for.
    """

    def __init__(self) -> None:
        self._held: list[bytes] = []
        """The pieces of a line that has not ended."""
        self._after_return = False
        """Whether the last line ended with a carriage return, so that a line feed may follow that belongs to it."""
        self._unfinished = 0
        """Bytes since the last event that was complete."""
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
        if not chunk:
            return []
        if not self._began:
            self._unfinished += len(chunk)
            self._guard(self._unfinished)
            chunk = (b"".join(self._held) + chunk).lstrip(_BLANK)
            self._held.clear()
            if not chunk:
                return []
            if _MARK.startswith(chunk):
                self._held.append(chunk)  # the rest of the byte order mark is still to come
                return []
            chunk = chunk.removeprefix(_MARK).lstrip(_BLANK)
            if not chunk:
                return []
            self._began = True
            if chunk[:1] in (b"{", b"[", b"<"):
                self._document = bytearray()
        if self._document is not None:
            self._document += chunk
            self._guard(len(self._document))
            return []
        events: list[bytes] = []
        for line in self._lines(chunk):
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif not line:
                if self._data:
                    events.append(self._take())
            elif not line.startswith(b":"):
                self._field(line)
        self._unfinished = len(chunk) if events else self._unfinished + len(chunk)
        self._guard(self._unfinished)
        return events

    def _lines(self, chunk: bytes) -> list[bytes]:
        """The lines that have ended with this piece; they end with a line feed, a carriage return, or both."""
        if self._after_return:
            chunk = chunk.removeprefix(b"\n")
        self._after_return = chunk.endswith(b"\r")
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in chunk:
            self._held.append(chunk)
            return []
        *lines, rest = (b"".join(self._held) + chunk).split(b"\n")
        self._held = [rest] if rest else []
        return lines

    def finish(self) -> list[bytes]:
        """The data of an event that was not closed by an empty line before the end."""
        if self._document is not None or not self._began:
            return []
        events = self.feed(b"\n\n") if self._held or self._data else []
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
            raise NoEventStream("16 MB without an event")
