"""The journal of applying a plan, in one small JSON file of the user's alone. It holds no secret."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from keytui.adapters.files import NotPrivate, locked, read_private, write_private
from keytui.adapters.paths import Paths, make_private
from keytui.adapters.plan_file import PlanUnreadable, from_document, to_document
from keytui.domain.apply.journal import Entry, Journal
from keytui.domain.keys import StoreUnreadable

FORMAT = 1
LARGEST = 1_000_000
"""Bytes; far more than the file ever has."""


def journal_of(paths: Paths) -> ApplyJournal:
    """The journal of this user."""
    return ApplyJournal(paths.state / "plan.json")


class ApplyJournal:
    """A ``JournalStore`` in a file. A file that cannot be read is named and left as it is."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Journal | None:
        """See ``JournalStore.load``."""
        try:
            written = read_private(self._path, limit=LARGEST)
        except FileNotFoundError:
            return None
        except NotPrivate as why:
            raise StoreUnreadable(str(why)) from None
        except OSError as why:
            raise StoreUnreadable(f"{self._path} cannot be read ({why.strerror}): make it readable.") from None
        try:
            return decode(json.loads(written))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, PlanUnreadable):
            raise StoreUnreadable(
                f"{self._path} is damaged, and tells what a plan has made so far: put it right, "
                "or look at the projects page, then move it away."
            ) from None

    def save(self, journal: Journal) -> None:
        """See ``JournalStore.save``. On the disk when it returns."""
        data = json.dumps(encode(journal), ensure_ascii=False, indent=1).encode("utf-8", "replace")
        try:
            make_private(self._path.parent)
            write_private(self._path, data)
        except OSError as why:
            raise StoreUnreadable(f"{self._path} cannot be written ({why.strerror}).") from None

    def forget(self) -> None:
        """See ``JournalStore.forget``."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as why:
            raise StoreUnreadable(f"{self._path} cannot be deleted ({why.strerror}).") from None

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
        "format": FORMAT,
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
    if document["format"] != FORMAT:
        raise ValueError("another format")
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
