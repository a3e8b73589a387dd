"""Small apps for tests in a real terminal: ``python -m tests.tui.private.apps crash|thread|guard|busy FILE``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import Static

from keytui.tui.private.crash import QuietCrash
from keytui.tui.private.display import CellDiff
from keytui.tui.private.hangup import HangupGuard
from keytui.tui.widgets.composer import Composer

KEY = "sk-proj-" + "Ab1" * 20


class Small(QuietCrash, CellDiff, App[None]):
    """A composer, and one way to end."""

    def __init__(self, mode: str, file: Path) -> None:
        super().__init__()
        self.mode, self.file = mode, file

    def compose(self) -> ComposeResult:
        yield Static("ready", id="title")
        yield Composer(placeholder="Write")

    def on_mount(self) -> None:
        self.query_one(Composer).focus()
        if self.mode in ("guard", "busy"):
            HangupGuard(self, lambda: self.file.write_text("saved"), grace=1.0).start()
        if self.mode == "busy":
            self.set_interval(0.02, self.flood)

    def flood(self) -> None:
        self.forget_screen()
        self.refresh(layout=True)

    def on_composer_submitted(self, message: Composer.Submitted) -> None:
        key = KEY
        if self.mode == "crash":
            raise RuntimeError(f"refused: {key}")
        if self.mode == "worker":
            self.run_worker(self.work(key))

    async def work(self, key: str) -> None:
        await asyncio.sleep(0)
        raise RuntimeError(f"refused: {key}")


if __name__ == "__main__":
    app = Small(sys.argv[1], Path(sys.argv[2]))
    app.run()
    sys.exit(app.return_code)
