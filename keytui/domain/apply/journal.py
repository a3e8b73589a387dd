"""What applying a plan has done so far, kept so that nothing is lost or orphaned when it is ended at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from keytui.domain.plan import SetupPlan

Facts = Mapping[str, Any]
"""What a step must know to be taken up or undone: JSON's types only, and never a secret."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One step that was begun."""

    step: str
    """The step's name."""
    facts: Facts = field(default_factory=dict)
    done: bool = False


@dataclass(frozen=True, slots=True)
class Journal:
    """One application of a plan, from its beginning."""

    plan: SetupPlan
    base_url: str
    begun: datetime
    entries: tuple[Entry, ...] = ()
    """In the order in which they were begun."""
    undoing: bool = False
    """Whether it is being taken back."""
    finished: bool = False
    changed: bool = False
    """Whether anything on the platform was made or changed."""
    previous: Journal | None = None
    """The one before, which stays the one to undo when this one changes nothing."""

    def entry(self, step: str) -> Entry:
        """What is known of a step; an empty entry when it was not begun."""
        return next((entry for entry in self.entries if entry.step == step), Entry(step))

    def with_entry(self, entry: Entry) -> Journal:
        """The same with an entry written anew, or added."""
        others = tuple(entry if known.step == entry.step else known for known in self.entries)
        return replace(self, entries=others if entry in others else (*others, entry))

    def without(self, step: str) -> Journal:
        """The same without a step."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.step != step))


class JournalStore(Protocol):
    """Where the journal is kept. Blocking, but quick; every method raises ``StoreUnreadable``."""

    def load(self) -> Journal | None:
        """What was kept, or None."""
        ...

    def save(self, journal: Journal) -> None:
        """Keep it, whole and at once."""
        ...

    def forget(self) -> None:
        """There is nothing to take up or to undo any more."""
        ...

    def held(self) -> AbstractContextManager[None]:
        """A while in which no other keytui may write it; ends with the process as well."""
        ...
