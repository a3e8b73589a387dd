"""Answers that were stored (``store``), so that a later request can go on from them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from keytui.servers.practice.prompt import Message

KEPT = 200
"""Answers kept; the oldest leave."""
CHARACTERS = 8_000_000
"""Characters of conversations kept, all answers together; the oldest leave."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored answer: what was returned, and the conversation up to and including it."""

    project_id: str
    value: Mapping[str, object]
    messages: tuple[Message, ...]

    @property
    def size(self) -> int:
        """Characters of the conversation."""
        return sum(len(message.text) for message in self.messages)


@dataclass(slots=True)
class Shelf:
    """Stored answers by their id."""

    size: int = 0
    _kept: OrderedDict[str, Stored] = field(default_factory=OrderedDict)

    def put(self, name: str, stored: Stored) -> None:
        """Keep an answer."""
        self._kept[name] = stored
        self.size += stored.size
        while len(self._kept) > KEPT or self.size > CHARACTERS:
            self.drop(next(iter(self._kept)))

    def get(self, name: str, project_id: str) -> Stored | None:
        """An answer of this project, or None."""
        stored = self._kept.get(name)
        return stored if stored is not None and stored.project_id == project_id else None

    def drop(self, name: str) -> None:
        """Forget an answer."""
        stored = self._kept.pop(name, None)
        self.size -= 0 if stored is None else stored.size
