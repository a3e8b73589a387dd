"""What callers have read of each key, so that two keytui can change two things of one key."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from keytui.domain.keys import KeyRecord

VERSIONS_SEEN = 16
"""How many earlier readings of a record are remembered, to tell a caller's change from an older state."""


class Readings:
    """Earlier readings of each record, by its id."""

    def __init__(self) -> None:
        self._seen: dict[str, list[KeyRecord]] = {}

    def remember(self, record: KeyRecord) -> None:
        """Note a reading that a caller may start from."""
        seen = self._seen.setdefault(record.id, [])
        if record not in seen:
            seen.append(record)
            del seen[:-VERSIONS_SEEN]

    def __contains__(self, record: KeyRecord) -> bool:
        return record.id in self._seen

    def differences(self, record: KeyRecord) -> dict[str, Any]:
        """What a caller changed: against the nearest of the readings that it can have started from."""
        against = [
            {
                field.name: getattr(record, field.name)
                for field in fields(record)
                if getattr(record, field.name) != getattr(base, field.name)
            }
            for base in self._seen.get(record.id, ())
        ]
        changed = min(against, key=len, default={})
        return {name: value for name, value in changed.items() if name not in ("id", "place", "vault_entry")}
