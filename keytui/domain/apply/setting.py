"""A setting of the project: read, changed when it differs, put back when the plan is undone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from keytui.domain.apply.project import NAME as PROJECT
from keytui.domain.apply.run import Outcome, PlanStep, Result, Run
from keytui.domain.plan_lines import NOTHING, Difference

T = TypeVar("T")


class SettingStep(ABC, Generic[T]):
    """What is the same for all settings; each kind says how it is read, written, told and remembered."""

    what: str
    """The setting in a word or two, as in a plan's lines."""
    name: str
    """The step's name."""

    @property
    def shown(self) -> PlanStep:
        """See ``Step.shown``."""
        return PlanStep(self.name, f"Set the {self.what}: {self.aim()}", f"Put back the {self.what}")

    @abstractmethod
    def aim(self) -> str:
        """What is planned, in words, before anything is known of the project."""

    @abstractmethod
    async def read(self, run: Run) -> T:
        """How it is set now."""

    @abstractmethod
    async def wanted(self, run: Run, now: T) -> T:
        """How it is to be set."""

    @abstractmethod
    async def write(self, run: Run, value: T) -> None:
        """Set it."""

    @abstractmethod
    def words(self, value: T) -> str:
        """A value in words."""

    @abstractmethod
    def encode(self, value: T) -> Any:
        """A value in JSON's types, equal when the values are."""

    @abstractmethod
    def decode(self, fact: Any) -> T:
        """The value from what ``encode`` made."""

    def remark(self, value: T) -> str:
        """What should be known besides, as half a sentence."""
        return ""

    async def difference(self, run: Run) -> Difference | None:
        """See ``Step.difference``."""
        if run.project is None:
            return Difference(self.what, NOTHING, self.aim())
        now = await self.read(run)
        wanted = await self.wanted(run, now)
        return None if now == wanted else Difference(self.what, self.words(now), self._told(wanted))

    async def do(self, run: Run) -> Result:
        """See ``Step.do``. What was set before anything of this plan is written down first."""
        now = await self.read(run)
        wanted = await self.wanted(run, now)
        begun = "earlier" in run.facts(self.name)
        if now == wanted:
            run.note(self.name, done=True, changes=False)
            return Result(Outcome.CHANGED if begun else Outcome.UNCHANGED, self._but(now))
        if not begun:
            run.note(self.name, earlier=self.encode(now), set=self.encode(wanted))
        else:
            run.note(self.name, set=self.encode(wanted))
        await self.write(run, wanted)
        run.note(self.name, done=True)
        return Result(Outcome.CHANGED, "; ".join(filter(None, (self._but(wanted), f"it was {self.words(now)}"))))

    async def undo(self, run: Run) -> Result:
        """See ``Step.undo``. What somebody else set meanwhile is left."""
        facts = run.facts(self.name)
        if "earlier" not in facts:
            return Result(Outcome.UNCHANGED, "it was not changed")
        if run.project is None or run.facts(PROJECT).get("made"):
            return Result(Outcome.UNDONE, "it goes with the project")
        now, earlier = await self.read(run), self.decode(facts["earlier"])
        if now == earlier:
            return Result(Outcome.UNDONE, f"{self.words(earlier)} again")
        if now != self.decode(facts["set"]):
            return Result(Outcome.UNCHANGED, f"somebody set it to {self.words(now)} meanwhile, and so it stays")
        await self.write(run, earlier)
        return Result(Outcome.UNDONE, f"{self.words(earlier)} again")

    def _told(self, value: T) -> str:
        return self._but(value) or self.words(value)

    def _but(self, value: T) -> str:
        """A value that is not quite what the plan says, in words; empty when it is."""
        remark = self.remark(value)
        return f"{self.words(value)}, {remark}" if remark else ""
