"""The journal of applying a plan, in one small JSON file of the user's alone. It holds no secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from keytui.adapters.files import locked
from keytui.adapters.json_file import JsonFile
from keytui.adapters.paths import Paths, make_private
from keytui.adapters.plan_file import from_document, to_document
from keytui.domain.apply.journal import Entry, Journal
from keytui.domain.keys import StoreUnreadable

LARGEST = 1_000_000
"""Bytes; far more than the file ever has."""


def journal_of(paths: Paths) -> ApplyJournal:
    """The journal of this user."""
    return ApplyJournal(paths.state / "plan.json")


class ApplyJournal:
    """A ``JournalStore`` in a file. A file that cannot be read is named and left as it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = JsonFile(
            path,
            limit=LARGEST,
            unreadable=": make it readable.",
            damaged=", and tells what a plan has made so far: put it right, or look at the projects page, then move it "
            "away.",
        )

    def load(self) -> Journal | None:
        """See ``JournalStore.load``."""
        return self._file.read(decode)

    def save(self, journal: Journal) -> None:
        """See ``JournalStore.save``. On the disk when it returns."""
        try:
            make_private(self._path.parent)
            self._file.write(encode(journal))
        except OSError as why:
            raise StoreUnreadable(f"{self._path} cannot be written ({why.strerror}).") from None

    def forget(self) -> None:
        """See ``JournalStore.forget``."""
        self._file.forget()

    @contextmanager
    def held(self) -> Iterator[None]:
        """See ``JournalStore.held``."""
        with ExitStack() as stack:
            try:
                make_private(self._path.parent)
                stack.enter_context(locked(self._path, seconds=0.0))
            except TimeoutError:
                raise StoreUnreadable("Another keytui is applying a plan just now: let it finish.") from None
            except OSError as why:
                raise StoreUnreadable(f"{self._path} cannot be written ({why.strerror}).") from None
            yield


def encode(journal: Journal) -> dict[str, Any]:
    """A journal in JSON's types."""
    return {
        "plan": to_document(journal.plan),
        "base_url": journal.base_url,
        "begun": journal.begun.isoformat(),
        "undoing": journal.undoing,
        "finished": journal.finished,
        "changed": journal.changed,
        "entries": [{"step": each.step, "done": each.done, "facts": dict(each.facts)} for each in journal.entries],
        "previous": None if journal.previous is None else encode(journal.previous),
    }


def decode(document: Mapping[str, Any]) -> Journal:
    """The journal from what ``encode`` made. Raises whatever a wrong shape does."""
    previous = document.get("previous")
    return Journal(
        plan=from_document(document["plan"]),
        base_url=str(document["base_url"]),
        begun=datetime.fromisoformat(document["begun"]),
        entries=tuple(
            Entry(str(each["step"]), dict(each["facts"]), bool(each["done"])) for each in document["entries"]
        ),
        undoing=bool(document["undoing"]),
        finished=bool(document["finished"]),
        changed=bool(document["changed"]),
        previous=None if previous is None else decode(previous),
    )
