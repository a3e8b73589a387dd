"""The engine: a process of its own that holds the tokenizer and, when wanted, the practice service.

Building the encoder holds the interpreter lock for 0.15 s, and both take memory and time that the interface has better
uses for. It ends when its input ends, and with its parent. It is started by the app, not by people.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keytui.adapters.engine.worker import Worker
    from keytui.domain.tokens import Tokenizer

_START = "import sys; sys.path.append(sys.argv.pop(1)); from keytui.cli.engine import run; run()"

_PR_SET_PDEATHSIG = 1
_SIGTERM = 15
_SWITCH = 0.0005
"""Seconds that a thread keeps the interpreter: a count must not wait long for the practice service."""


def command() -> list[str]:
    """The command that starts an engine with this interpreter and this keytui, whatever the current folder holds."""
    home = str(Path(__file__).resolve().parents[2])
    return [sys.executable, "-P", "-c", _START, home]


def run() -> None:
    """Serve until the input ends, then end the process at once, whatever its threads do."""
    import os
    import signal

    # Ctrl+C in a terminal reaches every process in it; the app decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Nothing that prints may come between the frames.
    answers = os.dup(1)
    os.dup2(2, 1)
    system = _System()
    system.die_with_parent()
    sys.setswitchinterval(_SWITCH)

    from keytui.adapters.engine.worker import Worker
    from keytui.adapters.paths import find

    cache = find().vocabulary

    def load(name: str) -> Tokenizer:
        from keytui.adapters.tokenizer import load

        return load(name, cache)

    worker = Worker(load, sys.stdin.buffer, answers, after=system.give_back_memory)
    tokenizer = worker.begin()
    worker.serve(lambda options: _practise(tokenizer, options, worker))
    os._exit(0)


def _practise(tokenizer: Tokenizer, options: Mapping[str, Any], worker: Worker) -> None:
    """Run the practice service in this thread, with the engine's own tokenizer, until the engine ends."""
    from decimal import Decimal

    from keytui.servers.practice import PracticeService

    wanted = dict(options)
    if "credit" in wanted:
        wanted["credit"] = Decimal(wanted["credit"])
    PracticeService(tokenizer, **wanted).run(lambda handshake: worker.say_practice(handshake.line))


class _System:
    """What only the C library can do. Without a call (on another system) the engine merely is less frugal."""

    def __init__(self) -> None:
        import ctypes

        self._library = ctypes.CDLL(None)

    def die_with_parent(self) -> None:
        """End with the parent even when something else still holds the other end of the input."""
        if hasattr(self._library, "prctl"):
            self._library.prctl(_PR_SET_PDEATHSIG, _SIGTERM)

    def give_back_memory(self) -> None:
        """Return to the system what is free: a third of the engine, once the encoder is built."""
        if hasattr(self._library, "malloc_trim"):
            self._library.malloc_trim(0)


if __name__ == "__main__":
    run()
