"""This session only: keys in the memory of this process."""

from __future__ import annotations

from keytui.domain.keys import KeyRecord, Place, PlaceReport
from keytui.domain.secrets import Secret
from keytui.domain.vaults import KeyGone


class SessionVault:
    """Keeps keys until this process ends."""

    place = Place.SESSION

    def __init__(self) -> None:
        self._kept: dict[str, Secret] = {}

    async def report(self) -> PlaceReport:
        """Always usable."""
        return PlaceReport(Place.SESSION, True, "this session only")

    async def secret(self, record: KeyRecord) -> Secret:
        """The characters of a key. Raises ``KeyGone``."""
        kept = self._kept.get(record.kept_as)
        if kept is None:
            raise KeyGone("This key was kept for an earlier session only; paste it again, or make a new one.")
        return kept

    async def keep(self, key_id: str, secret: Secret) -> None:
        """Keep the characters until the process ends."""
        self._kept[key_id] = secret

    async def forget(self, key_id: str) -> None:
        """Drop the characters."""
        self._kept.pop(key_id, None)
