"""How far away the terminal is: it is asked a question once, and the time to its answer says so.

textual 8.2.8 asks for mode 2026 when it starts, and tells the app when the terminal has it; here it is asked again when
the app has come to rest. A terminal that does not answer is taken to be near.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

from textual import messages
from textual.app import App

_QUESTION = "\x1b[?2026$p"

FAR = 0.25
"""Seconds there and back from which a line is slow."""


class AskedTerminal(App[Any]):
    """An app that can find out how far away its terminal is. Put it before ``App`` among the bases."""

    round_trip: float | None = None
    """Seconds to the terminal and back; None while they are not known."""
    _asked: float | None = None

    def ask_terminal(self) -> None:
        """Ask; ``terminal_answered`` is called if it answers."""
        if self._driver is not None and not self.is_headless:
            self._asked = monotonic()
            self._driver.write(_QUESTION)
            self._driver.flush()

    def terminal_answered(self, seconds: float) -> None:
        """Told how long the answer took."""

    def _on_terminal_supports_synchronized_output(self, message: messages.TerminalSupportsSynchronizedOutput) -> None:
        if self._asked is not None:
            # The input thread dates what it reads: a busy app does not look like a slow line.
            self.round_trip = max(0.0, message.time - self._asked)
            self._asked = None
            self.terminal_answered(self.round_trip)
