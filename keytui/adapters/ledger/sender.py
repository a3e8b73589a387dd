"""Who has sent something: a process on a machine, told from a later one that has the same number."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path

Sender = tuple[str, int, str]
"""Machine, number of the process, and when that began, in the system's own terms."""


def me() -> Sender:
    """This process."""
    return _host(), os.getpid(), _born(os.getpid())


def is_gone(sender: Sender) -> bool:
    """Whether a process has surely ended; of another machine's nobody here can say so."""
    host, process, born = sender
    return host == _host() and not _alive(process, born)


def _alive(process: int, born: str) -> bool:
    if process == os.getpid():
        return born == _born(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's process has the number now, or the system does not say
        return True
    return born == _born(process)


def _born(process: int) -> str:
    """When a process began; empty where the system does not say."""
    try:
        # The name in brackets may itself hold brackets and spaces, so count from the last one.
        fields = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return fields[19]
    except (OSError, IndexError):
        return ""


@cache
def _host() -> str:
    return socket.gethostname()
