"""The journal that the app applies plans with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from keytui.adapters.apply_journal import journal_of
from keytui.adapters.paths import Paths
from keytui.domain.apply.journal import Journal, JournalStore


def journal_for(paths: Paths, *, practice: bool) -> JournalStore:
    """The user's journal; in practice one in memory, since its organisation ends with the app as well."""
    return PassingJournal() if practice else journal_of(paths)


class PassingJournal:
    """A ``JournalStore`` of this process alone."""

    def __init__(self) -> None:
        self._kept: Journal | None = None

    def load(self) -> Journal | None:
        """See ``JournalStore.load``."""
        return self._kept

    def save(self, journal: Journal) -> None:
        """See ``JournalStore.save``."""
        self._kept = journal

    def forget(self) -> None:
        """See ``JournalStore.forget``."""
        self._kept = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """See ``JournalStore.held``: nobody else can write it."""
        yield
