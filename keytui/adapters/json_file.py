"""One small JSON document in a file of the user's alone, explained in one way when it cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from keytui.adapters.files import NotPrivate, read_private, write_private
from keytui.domain.keys import StoreUnreadable

FORMAT = 1
"""What every such document says of itself, so that a later keytui can tell an older one."""

T = TypeVar("T")


class JsonFile:
    """A document with ``format``. A file that cannot be read is named and left as it is."""

    def __init__(self, path: Path, *, limit: int, unreadable: str, damaged: str) -> None:
        """``limit`` in bytes; ``unreadable`` and ``damaged`` end the sentences that say so, with the next step."""
        self.path = path
        self._limit = limit
        self._unreadable = unreadable
        self._damaged = damaged

    def read(self, decode: Callable[[Any], T]) -> T | None:
        """What ``decode`` makes of the document, whatever it raises over a wrong shape; None while there is no file.

        Raises ``StoreUnreadable``.
        """
        try:
            written = read_private(self.path, limit=self._limit)
        except FileNotFoundError:
            return None
        except NotPrivate as why:
            raise StoreUnreadable(str(why)) from None
        except OSError as why:
            raise StoreUnreadable(f"{self.path} cannot be read ({why.strerror}){self._unreadable}") from None
        try:
            document = json.loads(written)
            if document["format"] != FORMAT:
                raise ValueError("another format")
            return decode(document)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise StoreUnreadable(f"{self.path} is damaged{self._damaged}") from None

    def write(self, document: dict[str, Any]) -> None:
        """Put a document in the place of the one that is there. Raises ``OSError``."""
        data = json.dumps({"format": FORMAT, **document}, ensure_ascii=False, indent=1)
        write_private(self.path, data.encode("utf-8", "replace"))

    def forget(self) -> None:
        """Delete the file, if there is one. Raises ``StoreUnreadable``."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as why:
            raise StoreUnreadable(f"{self.path} cannot be deleted ({why.strerror}).") from None
