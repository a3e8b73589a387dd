"""What is due with keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keytui.domain.agenda import due
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, KeyState, Place
from keytui.domain.making import Making
from keytui.domain.review.reviewing import EVERY
from keytui.domain.rotation import Rotation, exchanged

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = KeyRecord("k", "work", KeyKind.PROJECT, OPENAI_BASE_URL, Place.KEYRING, "1111", NOW)
NEW = KeyRecord("n", "work (new)", KeyKind.PROJECT, OPENAI_BASE_URL, Place.KEYRING, "2222", NOW, state=KeyState.WORKS)
TAKEN, OLD = exchanged(KEY, NEW)
MAKING = Making(OPENAI_BASE_URL, "p1", "sa_1", "ci", (), "r1", NOW)
REVIEW = "Your keys are due for a review: press w in the Keys pane."


@dataclass
class Agenda:
    until: datetime | None = None
    making: Making | None = None
    review: datetime | None = None

    def rotations(self) -> list[Rotation]:
        return [Rotation("k", "n", NOW, self.until)] if self.until else []

    def makings(self) -> list[Making]:
        return [self.making] if self.making else []

    def next_review(self) -> datetime | None:
        return self.review


SOON, LATE = NOW + timedelta(days=1), NOW - timedelta(days=1)


@pytest.mark.parametrize(
    ("agenda", "records", "says"),
    [
        (Agenda(), [KEY], []),
        (Agenda(until=SOON), [KEY], []),
        (Agenda(until=SOON), [TAKEN, OLD], []),
        (Agenda(until=NOW), [TAKEN, OLD], ["The old key of “work” is to be revoked now"]),
        (Agenda(until=SOON), [KEY, NEW], ["The rotation of “work” was interrupted"]),
        (Agenda(making=MAKING), [KEY], ["keytui was ended while it made the key “ci”"]),
        (Agenda(making=Making("http://127.0.0.1:1/v1", "p", "a", "n", (), "r", NOW)), [KEY], []),
    ],
)
def test_what_was_left_open_is_due(agenda: Agenda, records: list[KeyRecord], says: list[str]) -> None:
    book: Any = agenda
    assert [one.what[: len(words)] for one, words in zip(due(book, records, NOW), says, strict=True)] == says


@pytest.mark.parametrize(
    ("review", "records", "at", "says"),
    [
        (None, [KEY], NOW + EVERY - timedelta(seconds=1), []),
        (None, [KEY], NOW + EVERY, [REVIEW]),
        (SOON, [KEY], SOON, [REVIEW]),
        (SOON + EVERY, [KEY], SOON + EVERY - timedelta(seconds=1), []),
        (None, [], NOW + 2 * EVERY, []),
        (LATE, [], NOW, []),
    ],
)
def test_a_review_is_due_after_the_last_one_or_once_a_key_is_kept_for_a_while(
    review: datetime | None, records: list[KeyRecord], at: datetime, says: list[str]
) -> None:
    book: Any = Agenda(review=review)
    assert [one.what for one in due(book, records, at)] == says
