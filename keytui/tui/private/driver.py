"""The terminal driver: faster pastes, bad bytes survived, a vanished terminal noticed.

textual 8.2.8, ``LinuxDriver``: its input thread parses with a fixed parser, ends the app on a byte that is not UTF-8,
and spins when the terminal is gone. The thread's loop and two hooks around the terminal's modes are replaced here.
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from keytui.tui.private.paste import PasteParser

_READ = 65_536
"""Bytes asked for at once."""


class TerminalDriver(LinuxDriver):
    """A ``LinuxDriver`` for an app that remembers the screen."""

    _app: App[Any]

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except Exception as error:
            # The end of a thread has nobody above it; the app reports the error and ends.
            self._app.call_later(self._app._handle_exception, error)

    def start_application_mode(self) -> None:
        """Take the terminal, about which nothing is known then: at the start and after every suspension."""
        forget = getattr(self._app, "forget_screen", None)
        if forget is not None:
            forget()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back, in its own colours."""
        self.write("\x1b]8;;\x1b\\\x1b[0m")
        super().stop_application_mode()

    def run_input_thread(self) -> None:
        """Read what the user types until the app ends or the terminal is gone."""
        parser = PasteParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                for _ in selector.select(0.1):
                    try:
                        data = os.read(self.fileno, _READ)
                    except OSError:
                        data = b""
                    if not data:
                        # Nobody is at the other end any more; the hang-up guard sees it too, and ends the app.
                        return
                    for message in parser.feed(decode(data)):
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
