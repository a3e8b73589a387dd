"""What is due with keys, in one small JSON file. It holds ids and dates, never a secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from keytui.adapters.files import NotPrivate, locked, read_private, write_private
from keytui.domain.keys import StoreUnreadable
from keytui.domain.rotation import Rotation

FORMAT = 1
LIMIT = 1_000_000
"""Bytes; far more than the file ever has."""

Document = dict[str, Any]


class AgendaFile:
    """An ``Agenda`` in a file. A file that cannot be read is named and left as it is."""

    def __init__(self, path: Path) -> None:
        self._path = path

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

    def next_review(self) -> datetime | None:
        """See ``Agenda.next_review``."""
        written = self._read()["next_review"]
        return None if written is None else datetime.fromisoformat(written)

    def reviewed(self, following: datetime) -> None:
        """See ``Agenda.reviewed``."""
        self._change(lambda document: document.update(next_review=following.isoformat()))

    def _read(self) -> Document:
        try:
            document: Document = json.loads(read_private(self._path, limit=LIMIT))
            if document["format"] != FORMAT:
                raise ValueError("another format")
            for entry in document["rotations"]:
                _rotation(entry)
            if document.setdefault("next_review", None) is not None:
                datetime.fromisoformat(document["next_review"])
        except FileNotFoundError:
            return {"format": FORMAT, "rotations": [], "next_review": None}
        except NotPrivate as why:
            raise StoreUnreadable(str(why)) from None
        except OSError as why:
            raise StoreUnreadable(f"{self._path} cannot be read ({why.strerror}); mend its permissions.") from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise StoreUnreadable(
                f"{self._path} is damaged, or a newer keytui wrote it. It is left as it is; move it away to go on."
            ) from None
        return document

    def _change(self, edit: Callable[[Document], None]) -> None:
        try:
            with locked(self._path):
                document = self._read()
                edit(document)
                write_private(self._path, json.dumps(document, indent=1).encode())
        except (OSError, TimeoutError) as why:
            raise StoreUnreadable(
                f"{self._path} cannot be written ({why}); make its folder writable for you, then try again."
            ) from None


def _entry(rotation: Rotation) -> Document:
    return {
        "key": rotation.key_id,
        "successor": rotation.successor_id,
        "begun": rotation.begun.isoformat(),
        "until": rotation.until.isoformat(),
    }


def _rotation(entry: Document) -> Rotation:
    begun, until = (datetime.fromisoformat(entry[name]) for name in ("begun", "until"))
    return Rotation(str(entry["key"]), str(entry["successor"]), begun, until)
