"""Marks in the index of keys: what was about to happen to a key, for the case that the process is ended before."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from keytui.adapters.keystore.index import Document, decode, encode
from keytui.domain.keys import KeyRecord, Place

LONGEST_WORK = timedelta(minutes=10)
"""After this a mark is nobody's work any more, whatever process has its number now."""


class Work(Enum):
    """What was begun; the value completes "was left half …"."""

    ADD = "stored"
    FORGET = "forgotten"
    MOVE = "moved"


@dataclass(frozen=True, slots=True)
class Mark:
    """One piece of work that was begun."""

    work: Work
    record: KeyRecord
    """The key as it shall be: for a move, with the new place."""
    source: Place | None
    """For a move: the place it comes from."""
    begun: datetime
    process: int
    machine: str

    @classmethod
    def new(cls, work: Work, record: KeyRecord, now: datetime, *, source: Place | None = None) -> Mark:
        """A mark of this process."""
        return cls(work, record, source, now, os.getpid(), platform.node())

    @classmethod
    def read(cls, entry: Document) -> Mark | None:
        """A mark as it stands in the index; None for one that a newer keytui made, which is then left alone."""
        try:
            return cls(
                Work(entry["work"]),
                decode(entry["key"]),
                Place(entry["source"]) if entry.get("source") else None,
                datetime.fromisoformat(entry["begun"]),
                int(entry["process"]),
                str(entry["machine"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def put(self, document: Document) -> None:
        """Write the mark into the index."""
        document["pending"].append(
            {
                "work": self.work.value,
                "key": encode(self.record),
                "source": self.source and self.source.value,
                "begun": self.begun.isoformat(),
                "process": self.process,
                "machine": self.machine,
            }
        )

    def drop(self, document: Document) -> None:
        """Take the mark out of the index."""
        document["pending"] = [entry for entry in document["pending"] if Mark.read(entry) != self]

    def in_progress(self, now: datetime) -> bool:
        """Whether the process that made the mark may still be at work."""
        return still_at_work(self.process, self.machine, self.begun, now)


def still_at_work(process: int, machine: str, begun: datetime, now: datetime) -> bool:
    """Whether a process that began something may still be at it."""
    if now - begun >= LONGEST_WORK:
        return False
    if machine != platform.node() or os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # The number belongs to another user's process now, so ours is gone.
        return False
    return True
