"""What applying a plan tells while it is at it."""

from __future__ import annotations

from dataclasses import dataclass

from keytui.domain.apply.run import Outcome, PlanStep
from keytui.domain.keys import KeyRecord
from keytui.domain.probe import StageResult
from keytui.domain.troubles import Trouble


@dataclass(frozen=True, slots=True)
class Planned:
    """All steps, before the first one begins."""

    steps: tuple[PlanStep, ...]


@dataclass(frozen=True, slots=True)
class Began:
    """A step begins."""

    step: PlanStep


@dataclass(frozen=True, slots=True)
class Probed:
    """One stage of the check of the stored key. A check that begins anew sends its first stage again."""

    step: PlanStep
    stage: StageResult


@dataclass(frozen=True, slots=True)
class Waiting:
    """The step is tried again after some seconds."""

    step: PlanStep
    seconds: float
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Done:
    """A step is done."""

    step: PlanStep
    outcome: Outcome
    words: str = ""


@dataclass(frozen=True, slots=True)
class Stuck:
    """A step cannot be done, and nothing after it was tried. The last event."""

    step: PlanStep
    trouble: Trouble
    done: tuple[PlanStep, ...]
    not_done: tuple[PlanStep, ...]
    """This one and those after it."""


@dataclass(frozen=True, slots=True)
class Finished:
    """All is done. The last event."""

    record: KeyRecord | None
    """The stored key; None after ``undo``."""


Progress = Planned | Began | Probed | Waiting | Done | Stuck | Finished
