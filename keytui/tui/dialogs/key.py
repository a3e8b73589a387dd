"""Choosing one key to look at, or all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from keytui.domain.keys import KeyRecord
from keytui.tui.dialogs.choose import Choice, ChooseDialog


@dataclass(frozen=True, slots=True)
class ChosenKey:
    """What was chosen; ``record`` None means all keys."""

    record: KeyRecord | None


class KeyDialog(ChooseDialog[ChosenKey]):
    """All keys together, then each by its name."""

    TITLE_TEXT: ClassVar[str] = "Key"

    def __init__(self, records: Sequence[KeyRecord], current: KeyRecord | None) -> None:
        each = [Choice(ChosenKey(one), one.name, f"····{one.last4}") for one in records]
        everything = Choice(ChosenKey(None), "all keys")
        now = next((choice.value for choice in each if current and choice.value.record == current), everything.value)
        super().__init__([everything, *each], current=now)
