"""Signs that stand beside words."""

from __future__ import annotations

from dataclasses import dataclass

from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Marks:
    """One set of signs, each a single cell."""

    done: str = "✓"
    current: str = "●"
    ahead: str = "○"
    left_out: str = "–"
    wrong: str = "✗"
    warned: str = "!"
    line: str = "│"
    before: str = "‹"
    after: str = "›"
    dots: str = "····"
    more: str = "…"
    between: str = " · "


UNICODE = Marks()
ASCII = Marks(between=", ")
"""A dot on the line would read as a full stop. The other signs are put into ASCII cell by cell, as all is."""


def marks(widget: Widget) -> Marks:
    """The signs for this terminal."""
    return ASCII if getattr(widget.app, "ascii_only", False) else UNICODE
