"""Textual's own text field with a draft, its cursor in the middle: ``python -m tests.benchmarks.apps.draft BYTES``."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widgets import TextArea

SENTENCE = "The quick brown fox counts tokens, and every count is exact to the last one. "


def text(kind: str, size: int) -> str:
    """About this many characters: lines of ``prose``, or one single ``line``."""
    if kind == "line":
        return (SENTENCE * (size // len(SENTENCE) + 1))[:size]
    paragraph = SENTENCE * 4 + "\n"
    return (paragraph * (size // len(paragraph) + 1))[:size]


class Bare(App[None]):
    """A text field and nothing else."""

    def __init__(self, draft: str) -> None:
        super().__init__()
        self.draft = draft

    def compose(self) -> ComposeResult:
        yield TextArea(self.draft)

    def on_mount(self) -> None:
        area = self.query_one(TextArea)
        row = area.document.line_count // 2
        area.call_after_refresh(area.move_cursor, (row, len(area.document[row]) // 2))


if __name__ == "__main__":
    size = int(sys.argv[1])
    Bare(text("prose", size) if size else "").run()
