"""One application of a plan on its way: the ports it works with, and its journal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from keytui.domain.admin import AdminPort
from keytui.domain.apply.journal import Entry, Facts, Journal, JournalStore
from keytui.domain.keys import KeyRecord, KeyStore, Place
from keytui.domain.organization.parts import ModelLimit, Project
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import Difference
from keytui.domain.probe import Prober, StageResult
from keytui.domain.troubles import Trouble


@dataclass(frozen=True, slots=True)
class Means:
    """What applying a plan works with."""

    admin: AdminPort
    keep: KeyStore
    """Unlocked as far as ``place`` needs it."""
    place: Place
    """Where the key will be kept."""
    probe: Prober
    journal: JournalStore
    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step, as it is shown."""

    name: str
    """Stable: ``project``, ``models``, ``rate gpt-6-luna`` …"""
    title: str
    """What it does, as an order: "Make the project “work”"."""
    back: str = ""
    """What taking it back does, as an order; empty when there is nothing to take back."""
    needed: bool = False
    """Whether the rest is impossible without it."""


class Outcome(Enum):
    """How a step ended."""

    MADE = "made"
    ADOPTED = "adopted"
    """It was there, and is used as it is."""
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT_OUT = "left out"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Result:
    """What a step came to."""

    outcome: Outcome
    words: str = ""


class Stopped(Exception):
    """A step cannot be done; ``trouble`` says why and what to do."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.title)
        self.trouble = trouble


class Run:
    """The ports, the journal, and what steps learned from one another. Every note is on the disk before it counts."""

    def __init__(self, journal: Journal, means: Means) -> None:
        self.journal = journal
        self.means = means
        self.project: Project | None = None
        self.account_id = ""
        self.record: KeyRecord | None = None
        self.stages: list[StageResult] = []
        self._limits: dict[str, tuple[ModelLimit, ...]] = {}

    @property
    def plan(self) -> SetupPlan:
        """The plan that is applied."""
        return self.journal.plan

    @property
    def admin(self) -> AdminPort:
        """The organisation."""
        return self.means.admin

    @property
    def project_id(self) -> str:
        """The id of the plan's project; only after its step."""
        if self.project is None:
            raise LookupError("the project's step comes first")
        return self.project.id

    def facts(self, step: str) -> Facts:
        """What is known of a step from before; empty when it was not begun."""
        return self.journal.entry(step).facts

    def note(self, step: str, *, done: bool = False, changes: bool = True, **facts: Any) -> None:
        """Write down that a step is begun or done, with what it must know; what it knew before stays.

        ``changes`` says that something on the platform is being made or changed. Raises ``StoreUnreadable``.
        """
        entry = Entry(step, {**self.facts(step), **facts}, done)
        self.keep(replace(self.journal.with_entry(entry), changed=self.journal.changed or changes))

    def drop(self, step: str) -> None:
        """Write down that there is nothing left of a step. Raises ``StoreUnreadable``."""
        self.keep(self.journal.without(step))

    def keep(self, journal: Journal) -> None:
        """Write the journal. Raises ``StoreUnreadable``; what could not be written does not count."""
        self.means.journal.save(journal)
        self.journal = journal

    async def limits(self, project_id: str) -> tuple[ModelLimit, ...]:
        """The rate limits of a project, asked for once."""
        if project_id not in self._limits:
            self._limits[project_id] = await self.admin.rate_limits(project_id)
        return self._limits[project_id]

    def forget_limits(self) -> None:
        """The rate limits have changed: ask for them anew."""
        self._limits.clear()


class Step(Protocol):
    """One step of a plan. Its methods raise ``Refused``, ``VaultTrouble``, ``StoreUnreadable`` and ``Stopped``."""

    @property
    def shown(self) -> PlanStep:
        """The step as it is shown."""
        ...

    async def difference(self, run: Run) -> Difference | None:
        """What doing it would make or change; None when nothing. Changes nothing.

        ``run.project`` is None while there is no project yet.
        """
        ...

    async def do(self, run: Run) -> Result:
        """Do it, or find that it is done. Whatever was interrupted before is taken up."""
        ...

    async def undo(self, run: Run) -> Result:
        """Take back what this application of the plan did, and nothing else."""
        ...
