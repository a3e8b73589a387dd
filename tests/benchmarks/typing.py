"""A key and a paste in keytui's draft, all counters on, against Textual's own text field."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import Row
from tests.benchmarks.apps.draft import text
from tests.benchmarks.harness import KEYTUI, PROBE, compile_everything, home, in_turn, latency, running
from tests.support.terminal import Terminal

_BARE = [sys.executable, "-m", "tests.benchmarks.apps.draft"]
_PRACTICE = [*KEYTUI, "--practice"]
_ROUNDS, _KEYS = 4, 10
_END = "that-was-all"
_PAGE_UP = "\x1b[5~"


@dataclass
class Field:
    """A program with a draft in it, and what was measured of it."""

    terminal: Terminal
    seconds: list[float] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)

    def type(self, keys: int = _KEYS) -> None:
        """Type some characters, one after the other."""
        for _ in range(keys):
            before = len(self.terminal.raw)
            self.seconds.append(latency(self.terminal, PROBE))
            self.terminal.wait_quiet(0.12)
            self.bytes.append(len(self.terminal.raw) - before)

    @property
    def echo(self) -> float:
        """Median seconds from a key to its echo."""
        return statistics.median(self.seconds)


def measure() -> list[Row]:
    """Key to echo, paste, and bytes to the terminal for a key."""
    compile_everything()
    with home() as folder, ExitStack() as running_all:
        fields = {
            "empty": Field(_bare(running_all, folder, 0)),
            "bare 10 KB": Field(_bare(running_all, folder, 10_000)),
            "10 KB": Field(_ours(running_all, folder / "1", text("prose", 10_000))),
            "1 MB": Field(_ours(running_all, folder / "2", text("prose", 1_000_000))),
            "line": Field(_ours(running_all, folder / "3", text("line", 1_000_000))),
        }
        for one in fields.values():
            one.type(3)
            one.seconds.clear()
            one.bytes.clear()
        for _ in range(_ROUNDS):
            for one in fields.values():
                one.type()
        pastes = in_turn({"bare": lambda: _paste(_BARE, folder), "ours": lambda: _paste(_PRACTICE, folder)}, 3)
    empty, bare = fields["empty"].echo, fields["bare 10 KB"].echo
    ten, prose, line = fields["10 KB"], fields["1 MB"], fields["line"]
    paste, bare_paste = pastes["ours"][0], pastes["bare"][0]
    return [
        Row("key in 10 KB, to a bare TextArea's", ten.echo / bare, 1.5, note=_ms(ten.echo, bare)),
        Row("key in 1 MB, to an empty bare TextArea's", prose.echo / empty, 2.0, note=_ms(prose.echo, empty)),
        Row("key in one line of 1 MB, to the same", line.echo / empty, 2.0, note=_ms(line.echo, empty)),
        Row("bytes for a key in 10 KB, 120x40", statistics.median(ten.bytes), 250, "bytes"),
        Row("bytes for a key in 1 MB", statistics.median(prose.bytes), 250, "bytes"),
        Row("paste of 1 MB, to a bare TextArea's", paste / bare_paste, 0.35, note=_ms(paste, bare_paste)),
    ]


def _ms(ours: float, theirs: float) -> str:
    return f"{ours * 1000:.1f} ms; {theirs * 1000:.1f} ms"


def _bare(stack: ExitStack, folder: Path, size: int) -> Terminal:
    """A bare text field, its cursor in the middle."""
    terminal = stack.enter_context(running([*_BARE, str(size)], folder))
    terminal.wait_raw(b"\x1b[?2004h")
    terminal.wait_quiet(0.5)
    return terminal


def _ours(stack: ExitStack, folder: Path, draft: str) -> Terminal:
    """keytui with this draft, counted, its cursor in the middle."""
    folder.mkdir()
    terminal = stack.enter_context(running(_PRACTICE, folder))
    _ready(terminal)
    terminal.paste(draft.replace("\n", "\r"))
    terminal.wait_for(lambda screen: "~0 tokens" not in screen and "and counting" not in screen)
    terminal.wait_quiet(1.0)
    # Eight rows of 86 cells are seen at a time.
    terminal.send(_PAGE_UP * (len(draft) // 86 // 8 // 2))
    terminal.wait_quiet(1.5, 120)
    return terminal


def _ready(terminal: Terminal) -> None:
    terminal.wait_for("practice ····")
    terminal.wait_for("~0 tokens")
    terminal.wait_quiet(0.5)


def _paste(command: Sequence[str], folder: Path) -> float:
    """Seconds from the beginning of a paste to its end on the screen."""
    draft = text("prose", 1_000_000) + _END
    arguments = [*command, "0"] if command is _BARE else command
    with running(arguments, folder) as terminal:
        if command is _BARE:
            terminal.wait_raw(b"\x1b[?2004h")
            terminal.wait_quiet(0.5)
        else:
            _ready(terminal)
        begun = time.monotonic()
        terminal.paste(draft.replace("\n", "\r"))
        seen = terminal.wait_raw(_END.encode(), after=begun) - begun
        terminal.wait_quiet(0.5)
        return seen
