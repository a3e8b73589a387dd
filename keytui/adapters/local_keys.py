"""The local keys of programs behind the metering proxy: a private file that holds their hashes only."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from keytui.adapters.files import NotPrivate, locked, read_private, write_private
from keytui.adapters.paths import make_private
from keytui.domain.keys import StoreUnreadable
from keytui.domain.metering import Program, new_local_key
from keytui.domain.secrets import Secret

_LARGEST = 1024 * 1024
_VERSION = 1


class LocalKeys:
    """Implements ``ProgramKeys`` in one file; a change by another process is seen at the next look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._salt = b""
        self._names: dict[str, str] = {}

    def programs(self) -> Sequence[Program]:
        """All programs, oldest first. Raises ``StoreUnreadable``."""
        rows = self._read()["programs"]
        return [Program(row["name"], datetime.fromisoformat(row["added"])) for row in rows]

    def add(self, name: str, now: datetime) -> Secret:
        """A local key for a new program. Raises ``ValueError`` for a name that is taken, ``StoreUnreadable``."""
        key = new_local_key()
        make_private(self._path.parent)
        with locked(self._path):
            document = self._read()
            if any(row["name"] == name for row in document["programs"]):
                raise ValueError(f"there is a program “{name}” already; remove it first, or choose another name")
            row = {"name": name, "hash": _hash(document["salt"], key.reveal()), "added": now.isoformat()}
            document["programs"].append(row)
            self._write(document)
        return key

    def remove(self, name: str) -> bool:
        """Whether there was such a program; its local key opens nothing any more. Raises ``StoreUnreadable``."""
        if not self._path.exists():
            return False
        with locked(self._path):
            document = self._read()
            kept = [row for row in document["programs"] if row["name"] != name]
            found = len(kept) < len(document["programs"])
            if found:
                self._write({**document, "programs": kept})
        return found

    def program_of(self, key: str) -> str | None:
        """The name of the program with this local key, or None. Raises ``StoreUnreadable``."""
        try:
            about = os.stat(self._path)
        except FileNotFoundError:
            return None
        seen = (about.st_mtime_ns, about.st_size, about.st_ino)
        if seen != self._seen:
            document = self._read()
            self._salt = document["salt"]
            self._names = {row["hash"]: row["name"] for row in document["programs"]}
            self._seen = seen
        return self._names.get(_hash(self._salt, key))

    def _read(self) -> dict[str, Any]:
        try:
            document = json.loads(read_private(self._path, limit=_LARGEST))
            salt = document["salt"] = bytes.fromhex(document["salt"])
            rows = document["programs"]
            known = document["version"] == _VERSION and len(salt) >= 16
            for row in rows:
                datetime.fromisoformat(row["added"])
                known = known and isinstance(row["name"], str) and isinstance(row["hash"], str)
        except FileNotFoundError:
            return {"version": _VERSION, "salt": os.urandom(32), "programs": []}
        except NotPrivate as trouble:
            raise StoreUnreadable(str(trouble)) from None
        except OSError as error:
            raise StoreUnreadable(
                f"{self._path} cannot be read ({error.strerror or error}); make it readable for you, then try again."
            ) from None
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise StoreUnreadable(
                f"{self._path} is damaged, or a newer keytui wrote it; move it away and add the programs again."
            )
        return dict(document)

    def _write(self, document: dict[str, Any]) -> None:
        data = json.dumps({**document, "salt": document["salt"].hex()}, indent=1).encode()
        try:
            write_private(self._path, data)
        except OSError as error:
            raise StoreUnreadable(
                f"{self._path} cannot be written ({error.strerror or error}); make its folder writable for you."
            ) from None


def _hash(salt: bytes, key: str) -> str:
    # Local keys hold 256 random bits, so one round is enough: there is nothing to guess.
    return hmac.digest(salt, key.encode("utf-8", "surrogateescape"), "sha256").hex()
