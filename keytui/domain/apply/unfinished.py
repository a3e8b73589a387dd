"""A plan that an earlier keytui left half made, or half taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from keytui.domain.apply.journal import Journal, JournalStore
from keytui.domain.apply.order import steps_of
from keytui.domain.apply.run import PlanStep
from keytui.domain.plan import SetupPlan


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A plan that was left half made, or half undone."""

    plan: SetupPlan
    base_url: str
    begun: datetime
    done: tuple[PlanStep, ...]
    not_done: tuple[PlanStep, ...]
    undoing: bool
    """Whether it was being taken back; then that is the only way on."""


class HalfMade(Exception):
    """Another plan was left half made: finish it or undo it first."""

    def __init__(self, unfinished: Unfinished) -> None:
        super().__init__(f"the plan for “{unfinished.plan.project.name}” was left half made")
        self.unfinished = unfinished


def unfinished(journal: JournalStore) -> Unfinished | None:
    """What an earlier keytui left half made; None when there is nothing. Raises ``StoreUnreadable``."""
    kept = journal.load()
    return None if kept is None or kept.finished else left_of(kept)


def left_of(kept: Journal) -> Unfinished:
    """What a journal that was not closed says of its plan."""
    order = steps_of(kept.plan)
    done = tuple(step.shown for step in order if kept.entry(step.shown.name).done)
    not_done = tuple(step.shown for step in order if step.shown not in done)
    return Unfinished(kept.plan, kept.base_url, kept.begun, done, not_done, kept.undoing)
