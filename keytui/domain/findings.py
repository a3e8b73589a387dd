"""What an examination of this machine finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from keytui.domain.troubles import Exit


class State(Enum):
    """How a check went."""

    GOOD = "good"
    NOTED = "noted"
    """It works, but something should be known."""
    BAD = "bad"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. Holds no secret."""

    name: str
    state: State
    detail: str = ""
    remedy: str = ""
    exit: Exit = Exit.DONE
    """What the command's exit status is when this is the first bad finding."""
    page: str | None = None


Findings = list[Finding]
