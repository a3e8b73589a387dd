"""What the checks of ``keytui doctor`` share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from keytui.adapters.keystore import Keys
from keytui.adapters.paths import Paths
from keytui.domain.findings import Findings

SECONDS = 3.8
"""What one check may take; the whole takes no longer, since all run at once."""

Check = Callable[[], Awaitable[Findings]]


@dataclass(slots=True)
class Patient:
    """Where things lie on this machine, and what is to be left alone."""

    paths: Paths
    keys: Keys
    offline: bool = False
    practice: bool = False
