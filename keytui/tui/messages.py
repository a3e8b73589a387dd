"""What panes tell the screen above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from keytui.domain.conversations import Conversation
    from keytui.domain.keys import KeyRecord
    from keytui.domain.ledger import Entry


class SetupWanted(Message):
    """The user wants the walk to a key; ``at`` names the step to begin with, or the one it was left at."""

    def __init__(self, at: str | None = None) -> None:
        super().__init__()
        self.at = at


class KeysChanged(Message):
    """A key was added, changed or forgotten; ``active`` is the one to use now, or None."""

    def __init__(self, active: KeyRecord | None) -> None:
        super().__init__()
        self.active = active


class ModelChosen(Message):
    """Another model is to answer from now on."""

    def __init__(self, model: str) -> None:
        super().__init__()
        self.model = model


class EntryBooked(Message):
    """A request was booked; sums shown anywhere are old now."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry


class ConversationWanted(Message):
    """A kept conversation is to be opened in the playground."""

    def __init__(self, head: Conversation) -> None:
        super().__init__()
        self.head = head
