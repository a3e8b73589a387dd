"""Where a new key can be kept here, best first."""

from __future__ import annotations

from typing import Any

import pytest

from keytui.domain.keys import FileState, Place, PlaceReport
from keytui.domain.places import FORGOTTEN, KEPT, in_a_word, places_here

FILE = PlaceReport(Place.FILE, True, "the encrypted file")
KEYRING = PlaceReport(Place.KEYRING, True, "the system keyring (Secret Service)")
NO_KEYRING = PlaceReport(Place.KEYRING, False, "the system keyring", "No keyring answers here.")


class Keys:
    def __init__(self, *reports: PlaceReport, file: FileState = FileState.OPEN) -> None:
        self.reports = reports
        self.file_state = file

    async def places(self) -> tuple[PlaceReport, ...]:
        return self.reports


@pytest.mark.parametrize(
    ("reports", "passing", "offered", "missing"),
    [
        ((KEYRING, FILE), False, [Place.KEYRING, Place.FILE, Place.SESSION], ""),
        ((NO_KEYRING, FILE), False, [Place.FILE, Place.SESSION], "No keyring answers here."),
        ((FILE,), False, [Place.FILE, Place.SESSION], ""),
        ((KEYRING,), False, [Place.KEYRING, Place.SESSION], ""),
        ((NO_KEYRING, FILE), True, [Place.SESSION], ""),
    ],
)
async def test_the_best_place_comes_first(
    reports: tuple[PlaceReport, ...], passing: bool, offered: list[Place], missing: str
) -> None:
    keys: Any = Keys(*reports)
    here = await places_here(keys, passing=passing)
    assert [place for place, *_ in here.choices] == offered
    assert here.missing == missing


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (FileState.MISSING, "you choose its passphrase next"),
        (FileState.LOCKED, "its passphrase is asked for next"),
        (FileState.OPEN, "it is open"),
    ],
)
async def test_the_file_says_whether_it_asks_for_a_passphrase(state: FileState, words: str) -> None:
    keys: Any = Keys(FILE, file=state)
    here = await places_here(keys)
    assert here.choices[0] == (Place.FILE, "the encrypted file", words)
    assert (here.remark(Place.FILE), here.remark(Place.SESSION)) == (FORGOTTEN, "")


def test_every_place_has_its_words() -> None:
    assert set(KEPT) == set(Place)
    assert [in_a_word(place) for place in (Place.KEYRING, Place.DOTENV)] == ["keyring", ".env"]
