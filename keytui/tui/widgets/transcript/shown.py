"""One message, as the transcript is given it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """One message, ready to be drawn; replaced, never changed."""

    id: str
    role: str
    """``user``: the text is drawn as it was typed. Anything else: it is read as Markdown."""
    title: str
    """Who speaks; at the left of the header line."""
    figures: str = ""
    """What it took and cost; at the right of the header line."""
    text: str = ""
    thinking: str = ""
    """The model's summary of its reasoning; drawn dim, folded to one line until it is asked for."""
    state: str = "finished"
    """``streaming`` while the answer comes; otherwise how it ended."""
    note: str = ""
    """What went wrong, in words; drawn below the text."""
