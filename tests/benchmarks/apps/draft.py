"""A draft in a text field: ``python -m tests.benchmarks.apps.draft bare|composer prose|line BYTES``."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import TextArea

from keytui.tui.private.display import CellDiff
from keytui.tui.widgets.composer import Composer
from keytui.tui.widgets.transcript import Transcript

SENTENCE = "The quick brown fox counts tokens, and every count is exact to the last one. "


def text(kind: str, size: int) -> str:
    """About this many characters: lines of prose, or one single line."""
    if kind == "line":
        return (SENTENCE * (size // len(SENTENCE) + 1))[:size]
    paragraph = SENTENCE * 4 + "\n"
    return (paragraph * (size // len(paragraph) + 1))[:size]


class Bare(App[None]):
    """Textual's own text field, cursor in the middle."""

    def __init__(self, draft: str) -> None:
        super().__init__()
        self.draft = draft

    def compose(self) -> ComposeResult:
        yield TextArea(self.draft)

    def on_mount(self) -> None:
        middle(self.query_one(TextArea))
        self.title = "ready"


class Ours(CellDiff, App[None]):
    """A composer below a transcript, as in the playground."""

    def __init__(self, draft: str) -> None:
        super().__init__()
        self.draft = draft

    def compose(self) -> ComposeResult:
        yield Transcript()
        yield Composer(self.draft, placeholder="Write a message")

    def on_mount(self) -> None:
        self.query_one(Composer).focus()
        middle(self.query_one(Composer))


def middle(area: TextArea) -> None:
    """Put the cursor into the middle of the draft."""
    row = area.document.line_count // 2
    area.call_after_refresh(area.move_cursor, (row, len(area.document[row]) // 2))


if __name__ == "__main__":
    which, kind, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
    {"bare": Bare, "composer": Ours}[which](text(kind, size) if size else "").run()
