"""Step 4, keeping: where the key is to be kept, told before it is; then it is stored."""

from __future__ import annotations

from typing import cast

from keytui.domain.keeping import Candidate, Checked, keep, known_as
from keytui.domain.keys import KeyRecord, Place
from keytui.domain.places import PlacesHere, places_here
from keytui.domain.setup import Progress
from keytui.tui.background import in_background
from keytui.tui.dialogs.passphrase import open_file
from keytui.tui.dialogs.place import PLACES
from keytui.tui.screens.setup.field import Row
from keytui.tui.screens.setup.picker import Picker
from keytui.tui.services import Services


class PlaceRow(Row):
    """The places that there are; a key that is stored already has one."""

    known: KeyRecord | None = None
    """The record of the offered key, when it is stored already."""
    _here: PlacesHere | None = None

    def __init__(self, services: Services) -> None:
        super().__init__("Where", Picker([(Place.SESSION, "", "")], id="place"), id="place-row")
        self._services = services

    async def offer(self, candidate: Candidate) -> None:
        """The places for a key. Raises ``VaultTrouble`` and ``StoreUnreadable``."""
        known = await known_as(self._services.keys, candidate)
        self._here = await places_here(self._services.keys)
        self.known = known
        if known is not None:
            self._picker.offer([(known.place, PLACES[known.place], "")])
            return
        choices = list(self._here.choices)
        if there := candidate.readable_there:
            assert there.place is not None
            choices.insert(0, (there.place, f"where it is: {there.where}", ""))
        self._picker.offer(choices)

    @property
    def _picker(self) -> Picker[Place]:
        return cast("Picker[Place]", self.query_one("#place", Picker))

    @property
    def remark(self) -> str:
        """What should be known before a key is kept in the chosen place; empty when there is nothing."""
        assert self._here is not None
        return self._here.remark(self._picker.value)

    async def keep(
        self, candidate: Candidate, progress: Progress, *, name: str, checked: Checked
    ) -> tuple[KeyRecord, str] | None:
        """Store a key in the chosen place: its record, and what to say; None when the encrypted file stays closed.

        Raises ``VaultTrouble`` and ``StoreUnreadable``.
        """
        place, where, known = self._picker.value, self._picker.words, self.known
        keys = self._services.keys
        if place is Place.FILE and known is None and not await open_file(self.app, keys):
            return None
        record = await keep(
            keys,
            candidate,
            progress,
            place=place,
            name=name,
            checked=checked,
            now=self._services.now(),
            background=in_background,
        )
        if known is not None:
            said = f"keytui has this key already, as “{known.name}”: {where}. Your choices are noted with it."
        else:
            how = "It is read from there whenever it is needed." if place.read_only else "It was written and read back."
            said = f"Kept as “{record.name}”: {where}. {how}"
        return record, said
