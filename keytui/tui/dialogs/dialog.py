"""What all dialogs have in common."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """A window over the screen. What it asks is explained a key away, as everywhere; ``HELP`` has the words."""

    WHY: ClassVar[str] = ""
    """The explanation that help offers to go on with, by its name."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "app.help", "help", key_display="f1", show=False, id="explain"),
    ]
