"""Gauges drawn with characters."""

from __future__ import annotations

from textual.content import Content

FULL, EMPTY = "▓", "░"
FULL_ASCII, EMPTY_ASCII = "#", "-"


def bar(
    share: float, width: int, *, style: str = "$accent", track: str = "$track", ascii_only: bool = False
) -> Content:
    """A gauge of ``width`` cells; anything above nothing shows at least one cell, and only a full one shows all."""
    share = min(max(share, 0.0), 1.0)
    filled = round(share * width)
    if share > 0:
        filled = max(filled, 1)
    if share < 1:
        filled = min(filled, width - 1) if width > 1 else filled
    full, empty = (FULL_ASCII, EMPTY_ASCII) if ascii_only else (FULL, EMPTY)
    return Content.assemble((full * filled, style), (empty * (width - filled), track))
