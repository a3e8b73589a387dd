"""What ``keytui doctor`` finds: the values that its checks give."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum

from keytui.adapters.paths import Paths
from keytui.domain.settings import Settings
from keytui.domain.troubles import Exit

SECONDS = 3.8
"""What one check may take; the whole takes no longer, since all run at once."""


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
Check = Callable[[], Awaitable[Findings]]


@dataclass(slots=True)
class Patient:
    """What the checks share: where things lie, and the key that is looked at."""

    paths: Paths
    settings: Settings = field(default_factory=Settings)
    offline: bool = False
