"""What all dialogs have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Button, Input

T = TypeVar("T")


class Dialog(ModalScreen[T]):
    """A window over the screen. What it asks is explained a key away, as everywhere; ``HELP`` has the words."""

    WHY: ClassVar[str] = ""
    """The explanation that help offers to go on with, by its name."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1,question_mark", "app.help", "help", key_display="f1", show=False, id="explain"),
    ]


class EntryDialog(Dialog[T | None]):
    """Lines that are taken together: by enter or the button ``go``; escape or another button changes nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", id="leave"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    @abstractmethod
    def take(self) -> None:
        """Answer with what the lines say, or say which of them cannot be taken."""

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.take()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "go":
            self.take()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)
