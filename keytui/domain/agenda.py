"""What is due with keys: rotations that are not over, and the next review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from keytui.domain.keys import KeyRecord
    from keytui.domain.making import Making
    from keytui.domain.rotation import Rotation


class Agenda(Protocol):
    """Remembers what is due, between one start and the next. Quick and blocking; raises ``StoreUnreadable``."""

    def rotations(self) -> tuple[Rotation, ...]:
        """Rotations that have begun and are not over, oldest first."""
        ...

    def keep(self, rotation: Rotation) -> None:
        """Remember a rotation, or another moment for its end."""
        ...

    def drop(self, rotation: Rotation) -> None:
        """A rotation is over."""
        ...

    def makings(self) -> tuple[Making, ...]:
        """Keys that an ended process was making; one that is still at work keeps its own to itself."""
        ...

    def begin_making(self, making: Making) -> None:
        """A key is about to be made."""
        ...

    def end_making(self, making: Making) -> None:
        """The key is kept, or there is none."""
        ...

    def next_review(self) -> datetime | None:
        """When all keys are to be reviewed again; None when they never were."""
        ...

    def reviewed(self, following: datetime) -> None:
        """All keys were reviewed; ``following`` is when they should be again."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be reminded of."""

    what: str
    """One sentence with the next step."""


def due(agenda: Agenda, records: Sequence[KeyRecord], now: datetime) -> tuple[Due, ...]:
    """What is due now. A review is only due where there was one, or where a key has been kept for a while."""
    from keytui.domain.addresses import is_loopback
    from keytui.domain.review.reviewing import EVERY
    from keytui.domain.rotation import Phase, phase

    names = {record.id: record.name for record in records}
    found = []
    for rotation in agenda.rotations():
        name, stands = names.get(rotation.key_id, ""), phase(rotation, records, now)
        if stands is Phase.REVOKE:
            found.append(Due(f"The old key of “{name}” is to be revoked now: press r on it in the Keys pane."))
        elif stands in (Phase.CHECK, Phase.SWAP):
            found.append(Due(f"The rotation of “{name}” was interrupted: press r on it in the Keys pane to go on."))
    for making in agenda.makings():
        if not is_loopback(making.base_url):
            words = (
                f"keytui was ended while it made the key “{making.name}”: open the organisation (o in the Keys pane)"
            )
            found.append(Due(f"{words}, and it is revoked if it was left over."))
    oldest = min((record.created for record in records), default=None)
    planned = agenda.next_review() or (oldest + EVERY if oldest is not None else None)
    if planned is not None and planned <= now and records:
        found.append(Due("Your keys are due for a review: press w in the Keys pane."))
    return tuple(found)
