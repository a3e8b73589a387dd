"""How far set-up has come, in one small JSON file: choices, never a secret.

Light to import: the form of a plan is loaded when a walk is kept or taken up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

from keytui.adapters.files import locked
from keytui.adapters.json_file import JsonFile
from keytui.domain.keys import StoreUnreadable
from keytui.domain.setup import Habit, Progress, Step

LIMIT = 100_000
"""Bytes; far more than the file ever has."""

T = TypeVar("T")


class SetupState:
    """A ``ProgressStore`` in a file. A file that cannot be read is named and left as it is."""

    def __init__(self, path: Path) -> None:
        self._file = JsonFile(
            path,
            limit=LIMIT,
            unreadable="; set-up begins anew.",
            damaged="; set-up begins anew. Delete the file to keep your progress again.",
        )

    def load(self) -> Progress | None:
        """See ``ProgressStore.load``."""
        return self._file.read(decode)

    def save(self, progress: Progress) -> None:
        """See ``ProgressStore.save``."""
        self.load()
        path = self._file.path
        try:
            with locked(path):
                self._file.write(encode(progress))
        except (OSError, TimeoutError) as why:
            raise StoreUnreadable(
                f"Your progress cannot be kept in {path} ({why}); the walk goes on without."
            ) from None

    def forget(self) -> None:
        """See ``ProgressStore.forget``."""
        self._file.forget()


def encode(progress: Progress) -> dict[str, Any]:
    """The progress in JSON's types; amounts as text, so that they stay what they are."""
    from keytui.adapters.plan_file import to_document

    return {
        "step": progress.step.name,
        "way": progress.way,
        "plan": to_document(progress.plan),
        "habit": asdict(progress.habit),
        "ticked": list(progress.ticked),
        "left_out": [step.name for step in progress.left_out],
        "key_id": progress.key_id,
    }


def decode(document: Mapping[str, Any]) -> Progress:
    """The progress from what ``encode`` made; what is missing gets its default. Raises whatever a wrong shape does."""
    from keytui.adapters.plan_file import from_document

    return Progress(
        step=Step[document["step"]],
        way=str(document["way"]),
        plan=from_document(document["plan"]),
        habit=_part(Habit, document.get("habit", {})),
        ticked=tuple(map(str, document.get("ticked", ()))),
        left_out=tuple(Step[name] for name in document.get("left_out", ())),
        key_id=document.get("key_id"),
    )


def _part(kind: type[T], written: Mapping[str, Any]) -> T:
    """A value of a dataclass; entries it does not know (of a newer keytui) are left out."""
    known = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    return kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in written.items() if name in known}
    )
