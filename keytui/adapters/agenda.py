"""What is due with keys, in one small JSON file. It holds ids and dates, never a secret."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from keytui.adapters.files import locked
from keytui.adapters.json_file import JsonFile
from keytui.adapters.keystore.pending import still_at_work
from keytui.domain.keys import StoreUnreadable
from keytui.domain.making import Making
from keytui.domain.rotation import Rotation

LIMIT = 1_000_000
"""Bytes; far more than the file ever has."""

Document = dict[str, Any]


class AgendaFile:
    """An ``Agenda`` in a file. A file that cannot be read is named and left as it is."""

    def __init__(self, path: Path) -> None:
        self._file = JsonFile(
            path,
            limit=LIMIT,
            unreadable="; mend its permissions.",
            damaged=", or a newer keytui wrote it. It is left as it is; move it away to go on.",
        )

    def rotations(self) -> tuple[Rotation, ...]:
        """See ``Agenda.rotations``."""
        return tuple(_rotation(entry) for entry in self._read()["rotations"])

    def keep(self, rotation: Rotation) -> None:
        """See ``Agenda.keep``."""

        def put(document: Document) -> None:
            others = [entry for entry in document["rotations"] if entry["key"] != rotation.key_id]
            document["rotations"] = [*others, _entry(rotation)]

        self._change(put)

    def drop(self, rotation: Rotation) -> None:
        """See ``Agenda.drop``."""

        def take(document: Document) -> None:
            document["rotations"] = [e for e in document["rotations"] if e["successor"] != rotation.successor_id]

        self._change(take)

    def makings(self) -> tuple[Making, ...]:
        """See ``Agenda.makings``."""
        now = datetime.now(UTC)
        return tuple(_making(entry) for entry in self._read()["makings"] if not _at_work(entry, now))

    def begin_making(self, making: Making) -> None:
        """See ``Agenda.begin_making``."""
        entry = _making_entry(making)
        self._change(lambda document: document["makings"].append(entry))

    def end_making(self, making: Making) -> None:
        """See ``Agenda.end_making``."""

        def take(document: Document) -> None:
            document["makings"] = [e for e in document["makings"] if e["record"] != making.record_id]

        self._change(take)

    def next_review(self) -> datetime | None:
        """See ``Agenda.next_review``."""
        written = self._read()["next_review"]
        return None if written is None else datetime.fromisoformat(written)

    def reviewed(self, following: datetime) -> None:
        """See ``Agenda.reviewed``."""
        self._change(lambda document: document.update(next_review=following.isoformat()))

    def _read(self) -> Document:
        return self._file.read(_checked) or {"rotations": [], "makings": [], "next_review": None}

    def _change(self, edit: Callable[[Document], None]) -> None:
        path = self._file.path
        try:
            with locked(path):
                document = self._read()
                edit(document)
                self._file.write(document)
        except (OSError, TimeoutError) as why:
            raise StoreUnreadable(
                f"{path} cannot be written ({why}); make its folder writable for you, then try again."
            ) from None


def _checked(document: Document) -> Document:
    """A document in which every entry can be read. Raises whatever a wrong shape does."""
    for entry in document["rotations"]:
        _rotation(entry)
    for entry in document.setdefault("makings", []):
        _making(entry)
    if document.setdefault("next_review", None) is not None:
        datetime.fromisoformat(document["next_review"])
    return document


def _entry(rotation: Rotation) -> Document:
    return {
        "key": rotation.key_id,
        "successor": rotation.successor_id,
        "begun": rotation.begun.isoformat(),
        "until": rotation.until.isoformat(),
        "project": rotation.project_id,
        "old_key": rotation.old_key_id,
        "end_set": rotation.end_set,
    }


def _rotation(entry: Document) -> Rotation:
    begun, until = (datetime.fromisoformat(entry[name]) for name in ("begun", "until"))
    project, old_key = entry.get("project"), entry.get("old_key")
    end_set = entry.get("end_set") is True
    return Rotation(str(entry["key"]), str(entry["successor"]), begun, until, project, old_key, end_set)


def _making_entry(making: Making) -> Document:
    return {
        "base_url": making.base_url,
        "project": making.project_id,
        "account": making.account_id,
        "name": making.name,
        "before": list(making.before),
        "record": making.record_id,
        "begun": making.begun.isoformat(),
        "process": os.getpid(),
        "machine": platform.node(),
    }


def _making(entry: Document) -> Making:
    words = [str(entry[name]) for name in ("base_url", "project", "account", "name")]
    before = tuple(str(each) for each in entry["before"])
    return Making(words[0], words[1], words[2], words[3], before, str(entry["record"]), _begun(entry))


def _begun(entry: Document) -> datetime:
    return datetime.fromisoformat(entry["begun"])


def _at_work(entry: Document, now: datetime) -> bool:
    """Whether the process that wrote the entry may still be making that key; this one knows what it is doing."""
    process = int(entry.get("process", 0))
    return process != os.getpid() and still_at_work(process, str(entry.get("machine", "")), _begun(entry), now)
