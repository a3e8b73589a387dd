"""What every pane has in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import SystemCommand
from textual.reactive import var
from textual.widget import Widget

if TYPE_CHECKING:
    from keytui.domain.conversations import Conversation
    from keytui.domain.keys import KeyRecord
    from keytui.domain.ledger import Entry
    from keytui.tui.app import KeytuiApp
    from keytui.tui.services import Services

A_MOMENT = 0.05
"""Seconds after the first frame at which the rest begins. The frame is written by a thread of its own, which would have
to wait for the interpreter behind all that is begun, and so would the first keys."""


class Pane(Widget):
    """One of the four. The screen sets ``key`` and ``model``, and calls the methods below; all default to nothing."""

    WHY: ClassVar[str] = ""
    """The explanation that help offers to go on with, by its name."""

    key: var[KeyRecord | None] = var(None, init=False)
    model: var[str] = var("", init=False)

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services

    @property
    def keytui(self) -> KeytuiApp:
        """The app, by its own type."""
        return cast("KeytuiApp", self.app)

    def shown(self) -> None:
        """The pane was brought to the front: put the focus where the user wants it."""

    def services_started(self) -> None:
        """The engine, and in practice the practice service, are there."""

    def keys_changed(self) -> None:
        """The list of keys, or one of them, changed."""

    def setup_done(self) -> None:
        """The walk to a key was finished or left."""

    def entry_booked(self, entry: Entry) -> None:
        """A request was booked."""

    def save(self) -> None:
        """Keep what would be lost. Called by another thread: quick, blocking, and without touching widgets."""

    def open_conversation(self, head: Conversation) -> None:
        """Open a kept conversation; only the playground does."""

    def commands(self) -> Iterable[SystemCommand]:
        """What the palette offers while this pane is in front."""
        return ()
