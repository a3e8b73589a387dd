"""Rows of the screen that have moved: found, so that the terminal moves them instead of being sent them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from keytui.tui.private.cells import UNKNOWN, Line

_NARROWEST = 20
"""Columns that a part of the screen must have for its movement to be looked for."""

_TRIED = 3
"""Movements that are weighed against each other."""


def steps(shown: Sequence[Line], changed: Mapping[int, Line], columns: Counter[tuple[int, int]]) -> Sequence[int]:
    """By how many rows the changed text may have moved up (negative: down), the likeliest first; none when it has not.

    Args:
        shown: What the screen shows.
        changed: The rows that are to be another way, by their number.
        columns: Parts of rows that were drawn (first column, column after it), and how often.
    """
    for (low, high), times in columns.most_common(2):
        if times > 3 and high - low >= _NARROWEST and (found := _steps_between(shown, changed, low, high)):
            return found
    return ()


def _steps_between(shown: Sequence[Line], changed: Mapping[int, Line], low: int, high: int) -> Sequence[int]:
    was: dict[str, list[int]] = {}
    for y in range(min(changed), max(changed) + 1):
        text = "".join(shown[y].characters[low:high])
        if not text.isspace() and UNKNOWN not in text:
            was.setdefault(text, []).append(y)
    votes: Counter[int] = Counter()
    for y, line in changed.items():
        text = "".join(line.characters[low:high])
        if not text.isspace():
            votes.update(old - y for old in was.get(text, ())[:3])
    # Text that repeats itself has several answers, all of them right, but not all of them cheap.
    return [step for step, _ in votes.most_common(_TRIED) if step]
