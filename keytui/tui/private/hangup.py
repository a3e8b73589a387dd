"""When the terminal vanishes or the system asks to end: everything is saved, and the process is gone in seconds.

textual 8.2.8 has no handlers of its own: by default a hang-up kills before anything is saved, and with a handler the
app lives on for ever once its writer's queue (30 frames) is full: the event loop then waits in ``Queue.put``, and no
signal wakes it. So the watching is done by a thread, which sees signals through their wake-up pipe.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from textual.app import App

_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL


class HangupGuard:
    """Watches over an app from the time that ``start`` is called in its event loop."""

    def __init__(self, app: App[Any], save: Callable[[], None], *, grace: float = 3.0) -> None:
        """Make a guard.

        Args:
            app: The app that is told to exit.
            save: Keeps what would be lost. Called in another thread: it must be quick and leave widgets alone.
            grace: Seconds that the app has for ending well; after them the process ends in any case.
        """
        self._app, self._save, self._grace = app, save, grace
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to watch; from the main thread, with the app's loop running."""
        self._loop = asyncio.get_running_loop()
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        for number in (signal.SIGHUP, signal.SIGTERM):
            # The handler has nothing to do: the byte in the pipe is what counts.
            signal.signal(number, lambda *_: None)
        threading.Thread(target=self._watch, args=(reader,), daemon=True, name="hang-up guard").start()

    def _watch(self, reader: int) -> None:
        poll = select.poll()
        poll.register(reader, select.POLLIN)
        terminal = sys.__stdin__.fileno() if sys.__stdin__ else -1
        if terminal >= 0 and os.isatty(terminal):
            # No events are asked for: only the end of the terminal is reported.
            poll.register(terminal, 0)
        while True:
            for descriptor, event in poll.poll():
                if descriptor == terminal and event & _GONE:
                    self._leave(128 + signal.SIGHUP)
                    return
                if descriptor == reader:
                    for number in os.read(reader, 256):
                        if number in (signal.SIGHUP, signal.SIGTERM):
                            self._leave(128 + number)
                            return

    def _leave(self, status: int) -> None:
        ending = threading.Thread(target=self._end, args=(status,), daemon=True, name="hang-up guard, last resort")
        ending.start()
        try:
            self._save()
        finally:
            assert self._loop is not None
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(lambda: self._app.exit(return_code=status))
            ending.join()

    def _end(self, status: int) -> None:
        """The last resort: a terminal that takes no more characters keeps the app from ending by itself."""
        time.sleep(self._grace)
        os._exit(status)
