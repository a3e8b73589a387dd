"""How far an answer has come: what can be told of it before the server has reported anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Phase = Literal["sent", "accepted", "thinking", "writing", "waiting"]


@dataclass(frozen=True, slots=True)
class Progress:
    """An answer at one moment, as this machine sees it."""

    phase: Phase
    output: int
    """Tokens of the visible text so far, counted on this machine."""
    seconds: float
    """Since it was asked for."""
    first_token: float | None
    """Seconds from asking to the first text; None before it."""
    wait: float = 0.0
    """Seconds until it is asked again, while ``waiting``."""

    @property
    def speed(self) -> float | None:
        """Visible tokens a second from the first text on; None when it cannot be told yet."""
        return speed(self.output, self.seconds, self.first_token)


def speed(visible: int, seconds: float, first_token: float | None) -> float | None:
    """Visible tokens a second from the first text on; None where there is too little to tell it from."""
    writing = seconds - (first_token or 0.0)
    return visible / writing if writing > 0.05 and visible > 1 else None
