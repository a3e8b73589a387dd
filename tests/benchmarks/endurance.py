"""Memory after an hour of mixed use against that after five minutes: a minute's use is done in a second or two."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks import Row, own_server
from tests.benchmarks.apps.answer import DONE
from tests.benchmarks.harness import KEYTUI, compile_everything, home, load, running
from tests.support.terminal import Terminal

EARLY, LATE = 5, 60
"""Minutes."""

_PANES = {"1": "v verify", "3": "Forecast", "4": "The route to the API", "2": "Write a message"}


def measure() -> list[Row]:
    """All processes, at rest each time."""
    compile_everything()
    with home() as folder, own_server.serving(folder):
        figures = _use(folder)
    note = f"{figures[LATE] / 2**20:.0f} MB; {figures[EARLY] / 2**20:.0f} MB"
    growth = figures[LATE] / figures[EARLY]
    return [Row(f"memory after {LATE} minutes of mixed use to {EARLY}", growth, 1.10, note=note)]


def _use(folder: Path) -> dict[int, int]:
    figures: dict[int, int] = {}
    with running(["env", f"OPENAI_API_KEY={own_server.KEY}", *KEYTUI], folder) as terminal:
        terminal.wait_for("bench ····")
        terminal.wait_for("~0 tokens")
        for minute in range(1, LATE + 1):
            _minute(terminal, minute)
            if minute in (EARLY, LATE):
                terminal.wait_quiet(2.0)
                figures[minute] = load(terminal.process.pid).resident_bytes
    return figures


def _minute(terminal: Terminal, minute: int) -> None:
    """A draft changed and sent, its answer, every pane, the palette, the list, now and then another conversation."""
    question = f"{150 + minute} pieces"
    terminal.send("something else " * 20 + "\x7f" * 300)
    terminal.send(question)
    terminal.wait_for(question)
    terminal.press("enter")
    terminal.wait_for("esc stop")
    terminal.wait_for(lambda screen: DONE in screen and "esc stop" not in screen)
    for number, seen in _PANES.items():
        terminal.press(f"alt+{number}")
        terminal.wait_for(seen)
    terminal.press("ctrl+p")
    terminal.wait_for("Search for commands")
    terminal.press("escape")
    terminal.wait_gone("Search for commands")
    terminal.press("ctrl+o")
    terminal.wait_for("ctrl+r renames")
    terminal.press("escape")
    terminal.wait_gone("ctrl+r renames")
    if minute % 10 == 0:
        terminal.press("ctrl+n")
        terminal.wait_for("Welcome")
        terminal.resize(*((100, 30) if minute % 20 else (120, 40)))
        terminal.wait_quiet(0.5)
