"""A terminal: a program in a real pty, its screen, and what it sent, byte by byte with the time of its arrival."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte
import pytest

from tests.support.sealed import clean

PATIENCE = 30.0
"""Seconds that are waited for anything before a test is given up: a bound for hangs, not a goal."""

KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "space": " ", "backspace": "\x7f",
    "delete": "\x1b[3~", "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H",
    "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR",
    "f4": "\x1bOS", "f5": "\x1b[15~", "f6": "\x1b[17~", "f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~",
    "f10": "\x1b[21~",
}  # fmt: skip

_SEQUENCE = re.compile(rb"\x1b\[([<=>?]?)([0-9;:]*)([ -/]*)([@-~])|\x1b[\]PX^_].*?(?:\x07|\x1b\\)", re.DOTALL)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_](?:(?!\x07|\x1b\\).)*)?$", re.DOTALL)
_KNOWN_TO_PYTE = b"@ABCDEFGHJKLMPXadefghlmr`"
_PRIVATE_MODE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")


class Terminal:
    """A program running in a pty of its own session. Ends it, and all it started in that session, when closed."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        columns: int = 110,
        rows: int = 32,
        folder: Path | None = None,
        synchronised: bool = True,
        bytes_per_second: int = 0,
    ) -> None:
        """Start ``command``.

        ``synchronised`` answers the question for mode 2026 as current terminals do. ``bytes_per_second`` takes the
        output no faster than that, as a slow line would; 0 is no limit.
        """
        self.columns, self.rows = columns, rows
        self._synchronised = synchronised
        self._rate = bytes_per_second
        self._chunks: list[tuple[float, bytes]] = []
        self._fed = 0
        self._rest = b""
        self._ended = False
        self._news = threading.Condition()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = pty.openpty()
        self._wake_reader, self._wake_writer = os.pipe()
        self._set_size()
        self.settings_before = termios.tcgetattr(slave)
        self.started = time.monotonic()
        try:
            self.process = subprocess.Popen(
                list(command),
                stdin=slave,
                stdout=slave,
                stderr=slave,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
                preexec_fn=_take_terminal,
            )
        finally:
            os.close(slave)
        self._reader = threading.Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and kind is not None and not issubclass(kind, GeneratorExit):
            error.add_note(f"the screen was:\n{self.text}")
        self.close()

    # What is typed

    def send(self, text: str | bytes) -> float:
        """Type these characters; gives the time at which they were sent (``time.monotonic``)."""
        data = text.encode() if isinstance(text, str) else text
        sent = time.monotonic()
        while data:
            data = data[os.write(self._master, data) :]
        return sent

    def press(self, *keys: str) -> float:
        """Press keys by name: ``enter``, ``ctrl+p``, ``alt+x``, ``a``. Gives the time of the last one."""
        return [self.send(_key(key)) for key in keys][-1]

    def paste(self, text: str) -> float:
        """Paste, bracketed as terminals do."""
        return self.send(f"\x1b[200~{text}\x1b[201~")

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as by dragging the window."""
        self._feed()
        self.columns, self.rows = columns, rows
        self._screen.resize(rows, columns)
        self._set_size()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program itself."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close the terminal under the program, as a dropped line or a closed window does."""
        self._stop_reading()
        os.close(self._master)
        self._master = -1

    # What is seen

    @property
    def lines(self) -> list[str]:
        """The screen, line by line, without blanks at the ends."""
        self._feed()
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    @property
    def raw(self) -> bytes:
        """Everything the program has sent."""
        with self._news:
            return b"".join(chunk for _, chunk in self._chunks)

    @property
    def chunks(self) -> list[tuple[float, bytes]]:
        """Everything the program has sent, as it came: time (``time.monotonic``) and bytes."""
        with self._news:
            return list(self._chunks)

    @property
    def private_modes(self) -> set[int]:
        """Private modes (mouse, alternate screen, bracketed paste …) that are switched on now."""
        switched: dict[int, bool] = {}
        for numbers, which in _PRIVATE_MODE.findall(self.raw):
            switched |= dict.fromkeys(map(int, numbers.split(b";")), which == b"h")
        return {number for number, on in switched.items() if on}

    @property
    def cursor_is_hidden(self) -> bool:
        """Whether the program left the cursor invisible."""
        raw = self.raw
        return raw.rfind(b"\x1b[?25l") > raw.rfind(b"\x1b[?25h")

    def settings_now(self) -> list[Any]:
        """The terminal's line settings (``termios``) as they are now."""
        return termios.tcgetattr(self._master)

    def wait_for(self, wanted: str | re.Pattern[str] | Callable[[str], object], seconds: float = PATIENCE) -> str:
        """Wait until a text, a pattern or a condition is true of the screen; gives the screen."""
        if callable(wanted):
            found: Callable[[str], object] = wanted
        elif isinstance(wanted, re.Pattern):
            found = wanted.search
        else:
            found = lambda text: wanted in text  # noqa: E731
        return self._wait(lambda: text if found(text := self.text) else None, seconds, wanted)

    def wait_gone(self, text: str, seconds: float = PATIENCE) -> str:
        """Wait until a text is no longer on the screen; gives the screen."""
        return self.wait_for(lambda screen: text not in screen, seconds)

    def wait_raw(self, wanted: bytes, after: float = 0.0, seconds: float = PATIENCE) -> float:
        """Wait until these bytes have arrived after a moment; gives the time at which their last one did."""
        return self._wait(lambda: self._arrived(wanted, after), seconds, wanted)

    def wait_quiet(self, quiet: float = 0.3, seconds: float = PATIENCE) -> None:
        """Wait until nothing has been sent for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self._news_since(len(self.chunks), quiet):
                return
        raise AssertionError(f"not quiet for {quiet} s within {seconds:.0f} s")

    def wait_exit(self, seconds: float = PATIENCE) -> int:
        """Wait until the program has ended and all its output is here; gives its exit status."""
        status = self.process.wait(seconds)
        with self._news:
            self._news.wait_for(lambda: self._ended, 1.0)
        return status

    def close(self) -> None:
        """End the program and whatever it left in its session."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._stop_reading()
        for descriptor in (self._master, self._wake_reader, self._wake_writer):
            if descriptor >= 0:
                with suppress(OSError):
                    os.close(descriptor)
        self._master = self._wake_reader = self._wake_writer = -1

    def _wait(self, look: Callable[[], Any], seconds: float, wanted: object) -> Any:
        end = time.monotonic() + seconds
        while True:
            with self._news:
                count, ended = len(self._chunks), self._ended
            if (found := look()) is not None:
                return found
            left = end - time.monotonic()
            if ended or left <= 0:
                why = "the program ended" if ended else f"{seconds:.0f} s went by"
                raise AssertionError(f"{why} before {wanted!r}; the screen was:\n{self.text}")
            # A condition may also depend on time: look again at times even when nothing arrives.
            self._news_since(count, min(left, 0.2))

    def _news_since(self, count: int, seconds: float) -> bool:
        """Wait until there are more than ``count`` chunks or the program has ended; whether there are more."""
        with self._news:
            self._news.wait_for(lambda: len(self._chunks) > count or self._ended, seconds)
            return len(self._chunks) > count

    def _arrived(self, wanted: bytes, after: float) -> float | None:
        tail = b""
        for at, chunk in self.chunks:
            if at < after:
                continue
            if wanted in tail + chunk:
                return at
            tail = (tail + chunk)[-len(wanted) :]
        return None

    def _set_size(self) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    def _feed(self) -> None:
        with self._news:
            fresh, self._fed = self._chunks[self._fed :], len(self._chunks)
        data = self._rest + b"".join(chunk for _, chunk in fresh)
        unfinished = _UNFINISHED.search(data)
        self._rest = unfinished[0] if unfinished else b""
        whole = data[: len(data) - len(self._rest)]
        self._stream.feed(_SEQUENCE.sub(_what_pyte_knows, whole))

    def _read(self) -> None:
        tail = b""
        while True:
            ready, _, _ = select.select([self._master, self._wake_reader], [], [])
            if self._wake_reader in ready:
                break
            try:
                data = os.read(self._master, 65536 if not self._rate else max(1, self._rate // 50))
            except OSError:
                break
            if not data:
                break
            with self._news:
                self._chunks.append((time.monotonic(), data))
                self._news.notify_all()
            tail = self._answer(tail + data)
            if self._rate:
                time.sleep(len(data) / self._rate)
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _answer(self, data: bytes) -> bytes:
        """Answer what the program asked its terminal; gives the end of the data that may be half a question."""
        answers = [
            (b"\x1b[?2026$p", b"\x1b[?2026;2$y" if self._synchronised else b"\x1b[?2026;0$y"),
            (b"\x1b[c", b"\x1b[?62;22c"),
            (b"\x1b[5n", b"\x1b[0n"),
        ]
        for question, answer in answers:
            for _ in range(data.count(question)):
                with suppress(OSError):
                    os.write(self._master, answer)
        unfinished = _UNFINISHED.search(data[-16:])
        return unfinished[0] if unfinished else b""

    def _stop_reading(self) -> None:
        if self._wake_writer >= 0:
            os.write(self._wake_writer, b"x")
        self._reader.join(5)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _key(name: str) -> str:
    if name in KEYS:
        return KEYS[name]
    if name.startswith("ctrl+") and len(name) == 6:
        return chr(ord(name[5].upper()) & 0x1F)
    if name.startswith("alt+"):
        return "\x1b" + _key(name[4:])
    if len(name) == 1:
        return name
    raise ValueError(f"there is no key {name!r}")


def _what_pyte_knows(sequence: re.Match[bytes]) -> bytes:
    """pyte draws the letters of sequences that it does not know, so these are left out."""
    prefix, parameters, between, final = sequence.groups()
    if final is None or between or prefix in (b"<", b"=", b">") or b":" in parameters or final not in _KNOWN_TO_PYTE:
        return b""
    if prefix and final not in b"hl":
        return b""
    return sequence[0]


@pytest.fixture
def terminal(sealed: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts programs in terminals: ``terminal("--practice", columns=80, rows=24)`` runs keytui with these arguments.

    ``command=[…]`` runs another program; ``environment={…}`` adds variables (None takes one away).
    """
    started: list[Terminal] = []

    def start(
        *arguments: str,
        command: Sequence[str] | None = None,
        environment: Mapping[str, str | None] | None = None,
        **options: Any,
    ) -> Terminal:
        variables: dict[str, str | None] = {**clean(os.environ, sealed), **(environment or {})}
        session = Terminal(
            command or [sys.executable, "-m", "keytui", *arguments],
            environment={name: value for name, value in variables.items() if value is not None},
            **options,
        )
        started.append(session)
        return session

    yield start
    for session in started:
        session.close()
        # Shown by pytest beside a failure only: why a program ended as it did stands on its last screen.
        print(f"the last screen of {session.process.args}:\n{session.text}")
