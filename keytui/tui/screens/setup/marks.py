"""Signs that stand beside words, with letters in their place where the locale has no others."""

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
ASCII = Marks(
    done="+",
    current="*",
    ahead="o",
    left_out="-",
    wrong="x",
    line="|",
    before="<",
    after=">",
    dots="....",
    more=".",
    between=", ",
)


def marks(widget: Widget) -> Marks:
    """The signs that this terminal can show."""
    return ASCII if getattr(widget.app, "ascii_only", False) else UNICODE
