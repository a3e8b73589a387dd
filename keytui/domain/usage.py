"""How many tokens a request took, and how sure that number is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """How a number of tokens came to be known. The three are never mixed."""

    ESTIMATED = "estimated"
    """Counted on this machine, shown as ``~812``."""
    COUNTED = "counted"
    """Counted by the server before sending, shown as ``812 ✓``."""
    BILLED = "billed"
    """Reported by the server with the answer, shown as ``812 billed``."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of one request.

    ``cached`` and ``written`` are parts of ``input``; ``written_12h`` is a part of ``written``;
    ``reasoning`` is a part of ``output`` (source: usage objects of the API, openai-facts 3.2).
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0
    written_12h: int = 0
    reasoning: int = 0
    mark: Mark = Mark.ESTIMATED

    @property
    def total(self) -> int:
        """Input and output together."""
        return self.input + self.output
