"""Choosing one of the messages of a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.widgets import Static

from keytui.domain.conversations import StoredMessage
from keytui.tui.dialogs.choose import Choice, ChooseDialog


class MessagesDialog(ChooseDialog[StoredMessage]):
    """Messages by their first words, the newest first."""

    EMPTY_TEXT: ClassVar[str] = "There is none yet."

    def __init__(self, title: str, messages: Sequence[StoredMessage], note: str = "") -> None:
        super().__init__([Choice(message, _words(message.text), _when(message)) for message in messages])
        self._title_text, self._note = title, note

    def on_mount(self) -> None:
        """Show all."""
        super().on_mount()
        self.query_one("#title", Static).update(self._title_text)
        self.query_one("#note", Static).update(self._note)


def _words(text: str) -> str:
    return " ".join(text[:400].split()) or "(empty)"


def _when(message: StoredMessage) -> str:
    return f"{message.at.astimezone():%d %b %H:%M}"
