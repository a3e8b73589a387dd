"""The project: adopted by its name, or made."""

from __future__ import annotations

from keytui.domain.admin_troubles import gone
from keytui.domain.apply.found import find_or_make, in_use, made_by
from keytui.domain.apply.run import Outcome, PlanStep, Result, Run, Stopped
from keytui.domain.organization.parts import Project
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import NOTHING, Difference

NAME = "project"


class ProjectStep:
    """Makes the project, unless there is one of its name."""

    def __init__(self, plan: SetupPlan) -> None:
        self._plan = plan

    @property
    def shown(self) -> PlanStep:
        """See ``Step.shown``."""
        name = self._plan.project.name
        return PlanStep(NAME, f"Make the project “{name}”", f"Archive the project “{name}”", needed=True)

    async def difference(self, run: Run) -> Difference | None:
        """See ``Step.difference``; it also tells the other steps whether there is a project."""
        there = await self._there(run)
        run.project = there[0] if there else None
        wanted = self._plan.project.residency
        if run.project is None:
            return Difference("project", NOTHING, self._plan.project.name)
        if wanted and run.project.residency != wanted:
            # Residency is chosen when a project is made; the API has no way to change it.
            return Difference("residency", f"{run.project.residency or 'none'}, which stays", wanted)
        return None

    async def do(self, run: Run) -> Result:
        """See ``Step.do``."""
        there = await self._there(run)
        known = run.facts(NAME).get("id")
        if known and all(project.id != known for project in there):
            # Its steps so far are there, not in whatever else has that name.
            raise Stopped(gone(f"project {known}"))
        wanted = self._plan.project
        project, outcome = await find_or_make(
            run, NAME, there, lambda: run.admin.make_project(wanted.name, residency=wanted.residency)
        )
        run.project = project
        words = project.id
        if len(there) > 1:
            words += f"; {len(there)} projects have that name, this is the oldest"
        if wanted.residency and project.residency not in (None, wanted.residency):
            words += f"; its residency stays {project.residency}"
        return Result(outcome, words)

    async def undo(self, run: Run) -> Result:
        """See ``Step.undo``."""
        ours = made_by(run, NAME, await self._there(run))
        if not ours:
            return Result(Outcome.UNCHANGED, "it was there before, or is gone already")
        if others := [key for project in ours for key in await run.admin.keys(project.id)]:
            return Result(Outcome.UNCHANGED, f"it stays, with its limits: {in_use(len(others))}")
        for project in ours:
            await run.admin.archive_project(project.id)
        return Result(Outcome.UNDONE, "archived: the platform deletes no projects")

    async def find(self, run: Run) -> None:
        """Tell the other steps which project is to be put back; none when it was never made, or is archived.

        Raises ``Stopped`` when this admin key does not see it at all: then it is another organisation's.
        """
        there = await self._there(run)
        known = run.facts(NAME).get("id")
        if known is None:
            run.project = next(iter(made_by(run, NAME, there)), None)
            return
        run.project = next((project for project in there if project.id == known), None)
        if run.project is None and all(project.id != known for project in await run.admin.projects(archived=True)):
            raise Stopped(gone(f"project {known}"))

    async def _there(self, run: Run) -> list[Project]:
        return [each for each in await run.admin.projects() if each.name == self._plan.project.name]
