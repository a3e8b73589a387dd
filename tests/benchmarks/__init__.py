"""Measurements with goals. ``python -m tests.benchmarks [NAME …]`` runs them and prints one table.

Every module here with a function ``measure() -> list[Row]`` is a benchmark; its name is the module's. What counts are
ratios of two things measured in turn within one run, so that a busy machine slows both alike.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure and what it should be."""

    name: str
    value: float
    goal: float | None
    """The most that ``value`` may be, or with ``at_least`` the least; None: for orientation only."""
    unit: str = "x"
    """``x`` is a ratio; otherwise ``ms``, ``s``, ``MB``, ``%``, ``bytes`` …"""
    note: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the goal is met; true where there is none."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal
