"""What a command says to the shell when it ends."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit status of ``keytui`` commands (design, section 5)."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    AUTHENTICATION = 3
    CREDIT = 4
    RATE = 5
    NETWORK = 6
    VAULT = 7
    INTERRUPTED = 130
