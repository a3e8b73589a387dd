"""The engine's process as seen by the app: started, spoken to without waiting, ended."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from keytui.adapters.engine.frames import Arrivals, Frame, pack

CLOSING = 1.0
"""Seconds an engine has to end by itself once its input is closed."""
_READ = 1 << 18


class EngineProcess:
    """A child process that is sent frames and sends frames. No method but ``wait`` and ``end`` ever waits.

    Args:
        command: What starts it.
        log: Where its error output goes; None: nowhere. Never to the terminal, which the interface draws on.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self, command: Sequence[str], log: Path | None = None) -> None:
        start = partial(subprocess.Popen[bytes], command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        if log is None:
            self._process = start(stderr=subprocess.DEVNULL)
        else:
            with open(log, "ab", opener=lambda name, flags: os.open(name, flags, 0o600)) as errors:
                self._process = start(stderr=errors)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.pid = self._process.pid
        self.input = self._process.stdin.fileno()
        self.output = self._process.stdout.fileno()
        os.set_blocking(self.input, False)
        os.set_blocking(self.output, False)
        self._outgoing = bytearray()
        self._arrivals = Arrivals()

    def send(self, frame: Frame) -> bool:
        """Send a frame, or as much of it as the pipe takes now; answers whether something is left for ``flush``."""
        self._outgoing += pack(frame)
        return self.flush()

    def flush(self) -> bool:
        """Send what is left; answers whether something still is."""
        try:
            while self._outgoing:
                del self._outgoing[: os.write(self.input, self._outgoing)]
        except BlockingIOError:
            return True
        except OSError:
            # It has ended: ``receive`` says so, once what it had still said is read.
            self._outgoing.clear()
        return False

    def receive(self) -> tuple[list[Frame], bool]:
        """The frames that have come, and whether the process can still say more."""
        frames: list[Frame] = []
        try:
            while data := os.read(self.output, _READ):
                frames += self._arrivals.take(data)
        except BlockingIOError:
            return frames, True
        except OSError:
            pass
        return frames, False

    def wait(self, seconds: float) -> None:
        """Wait until something has come, or what is left can be sent."""
        waiting = select.poll()
        waiting.register(self.output, select.POLLIN)
        if self._outgoing:
            waiting.register(self.input, select.POLLOUT)
        waiting.poll(max(1, seconds * 1000))

    def end(self, *, grace: float = CLOSING) -> None:
        """End it: its input is closed, and what has not ended after ``grace`` seconds is killed."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
