"""Keeping what is in this process's memory out of core files and away from other programs of the same user."""

from __future__ import annotations

import sys

_SET_DUMPABLE = 4
"""``PR_SET_DUMPABLE`` (source: linux/prctl.h)."""


def keep_memory_private() -> None:
    """From now on no core file is written, and no program without root's rights can attach to this process.

    On Linux programs that are started from here are as they always are; elsewhere they write no core files either.
    Where the system offers neither, nothing happens.
    """
    if sys.platform == "linux":
        import ctypes

        try:
            done = ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0) == 0
        except (AttributeError, OSError):
            done = False  # a C library without prctl, or none that can be opened (a static Python)
        if done:
            return
        # A container may forbid it as well: the limit below is left.
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))
