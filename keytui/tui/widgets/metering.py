"""What the metering proxy shows of itself: how programs reach it, and which do."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from keytui.domain.keys import KeyRecord
from keytui.domain.metering import PREFIX, Handshake, ProgramUse, Snapshot
from keytui.domain.money import dollars
from keytui.tui.widgets.rows import Rows
from keytui.tui.widgets.sheet import Line, Sheet

OFF = (
    "Off. Press o, and programs on this machine can use your key without having it: they get a local key, keytui puts "
    "in the real one, books what they spend under their names, and keeps your caps."
)
NOBODY = "Nobody has asked yet."

_SOMETIMES: tuple[tuple[str, Callable[[ProgramUse], int]], ...] = (
    ("hits", lambda use: use.hits),
    ("refused", lambda use: use.refused),
)
"""Columns that are there when one program has something in them."""


class MeteringView(Vertical):
    """The metering proxy at one moment. It never asks by itself: whoever owns it calls ``show``."""

    DEFAULT_CSS = """
    MeteringView {
        height: auto;
        Sheet { margin-bottom: 1; }
        Rows { height: auto; max-height: 12; }
        &.-off Sheet, &.-off Rows, &.-quiet Rows { display: none; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="-off")
        self._snapshot: Snapshot | None = None

    def compose(self) -> ComposeResult:
        """What to know, who asks, and a sentence where nobody does."""
        yield Static("For other programs: the metering proxy", classes="head", markup=False)
        yield Sheet()
        yield Rows(id="programs")
        yield Static(OFF, id="quiet", classes="dim", markup=False)

    def show(self, handshake: Handshake | None, snapshot: Snapshot, key: KeyRecord | None) -> None:
        """Show it as it is now; without a handshake it is off. ``key`` is the one that it puts in."""
        quiet = handshake is None or not snapshot.programs
        self.set_class(handshake is None, "-off")
        self.set_class(quiet, "-quiet")
        line = self.query_one("#quiet", Static)
        line.update(OFF if handshake is None else NOBODY)
        line.display = quiet
        self._snapshot = None if handshake is None else snapshot
        if handshake is not None:
            self.query_one(Sheet).lines = self._lines(handshake, snapshot, key)
            self.call_after_refresh(self._fill)

    def on_resize(self, event: events.Resize) -> None:
        """Another width has room for other columns."""
        self._fill()

    def _lines(self, handshake: Handshake, snapshot: Snapshot, key: KeyRecord | None) -> tuple[Line, ...]:
        dots = "····" if not self.app.ascii_only else "...."  # type: ignore[attr-defined]
        local = f"{PREFIX}{dots}{handshake.api_key.last4}"
        real = f"{snapshot.key_name} {dots}{key.last4}" if key is not None else snapshot.key_name
        lines = [
            Line("address", handshake.base_url),
            Line("local key", f"{local}, which opens this proxy only; c copies it"),
            Line("puts in", f"{real}, which no program gets to see"),
            Line("use it", "OPENAI_BASE_URL=… OPENAI_API_KEY=… CMD; l copies it, without CMD"),
            Line("or", "keytui exec --proxy -- CMD, which starts one of its own"),
        ]
        if snapshot.waiting:
            lines.append(Line("waiting", f"{snapshot.waiting:,} for their turn"))
        if snapshot.problem:
            lines.append(Line("note", snapshot.problem, "$warning"))
        return tuple(lines)

    def _fill(self) -> None:
        if self._snapshot is None or not self._snapshot.programs:
            return
        programs = self._snapshot.programs
        more = [(head, count) for head, count in _SOMETIMES if any(map(count, programs))]
        heads = ["program", "now", "requests", *(head for head, _ in more), "tokens", "spend"]
        rows: list[tuple[str, tuple[str | Text, ...]]] = [
            (
                use.name,
                (
                    Text(use.name),
                    str(use.now or ""),
                    f"{use.requests:,}",
                    *(str(count(use) or "") for _, count in more),
                    f"{use.tokens:,}",
                    dollars(use.spend, at_least=use.unpriced > 0),
                ),
            )
            for use in programs
        ]
        self.query_one(Rows).fill(heads, rows, droppable=("refused", "hits", "tokens"))
