"""Reading the organisation in: the projects first, then what everything costs, then what is in each project."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from keytui.domain.admin import Gone, OrganizationView
from keytui.domain.chat import Refused
from keytui.domain.organization.parts import Project
from keytui.domain.organization.rows import OrganizationRow, Section, section
from keytui.domain.troubles import Exit

AT_ONCE = 6
"""Projects that are read at the same time."""
TRIES = 4
"""How often a project is asked for while the platform says that it is asked too often."""
PAUSE = 5.0
"""Seconds before it is asked again, when the platform names none."""

T = TypeVar("T")


class Together(Protocol):
    """Waits for several things at once, as ``asyncio.gather`` does."""

    def __call__(self, *work: Awaitable[T]) -> Awaitable[list[T]]:
        """What came of each, in order; the first exception is raised."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the organisation has been read."""

    projects: tuple[Project, ...] = ()
    costs: Mapping[str, Decimal] | None = None
    """USD of this month by the id of a project or key; None while they are not read, or where they are not told."""
    sections: Mapping[str, Section] = field(default_factory=dict)
    """What is in each project that was read, by its id."""

    @property
    def complete(self) -> bool:
        """Whether every project is here with what is in it."""
        return all(project.id in self.sections for project in self.projects)

    @property
    def keys(self) -> int:
        """How many keys were read so far."""
        return sum(len(part.keys) for part in self.sections.values())

    def cost(self, subject: str | None) -> Decimal | None:
        """USD of this month of a project or key, or (None) of everything; None while that is not known."""
        if self.costs is None:
            return None
        if subject is None:
            return sum((self.costs.get(project.id, Decimal(0)) for project in self.projects), Decimal(0))
        return self.costs.get(subject, Decimal(0))

    def rows(self) -> list[OrganizationRow]:
        """The organisation, then all projects, each with what is below it as far as that is read."""
        rows = [OrganizationRow(cost=self.cost(None))]
        for project in self.projects:
            known = self.sections.get(project.id)
            rows += (OrganizationRow(project, cost=self.cost(project.id)),) if known is None else known.rows
        return rows


async def read(
    view: OrganizationView, now: datetime, *, together: Together, sleep: Callable[[float], Awaitable[None]]
) -> AsyncIterator[Sequence[Section] | Reading]:
    """The organisation, as it comes: a ``Reading`` with the projects, one with their costs, then sections.

    A platform that is asked too often is waited for. Raises ``Refused``.
    """
    projects = await view.projects()
    yield Reading(projects)
    costs = await _costs(view, now)
    yield Reading(projects, costs)

    async def one(project: Project) -> Section:
        return await patient(lambda: read_section(view, project, costs), sleep)

    for at in range(0, len(projects), AT_ONCE):
        yield await together(*(one(project) for project in projects[at : at + AT_ONCE]))


async def read_section(view: OrganizationView, project: Project, costs: Mapping[str, Decimal] | None) -> Section:
    """What is in one project now. Raises ``Refused``."""
    try:
        accounts = await view.service_accounts(project.id)
    except Gone:
        # A gateway without service accounts, or a project that was archived this moment.
        accounts = ()
    return section(project, accounts, await view.keys(project.id), costs)


async def _costs(view: OrganizationView, now: datetime) -> dict[str, Decimal] | None:
    """USD of this month by the id of a project or key; None where the platform does not tell them to this key."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    costs: dict[str, Decimal] = {}
    try:
        rows = await view.costs(first, group_by=("project_id", "api_key_id"))
    except Refused as refused:
        if refused.trouble.exit is Exit.NETWORK:
            raise
        return None
    for row in rows:
        for subject in (row.project_id, row.key_id):
            if subject is not None:
                costs[subject] = costs.get(subject, Decimal(0)) + row.amount
    return costs


async def patient(ask: Callable[[], Awaitable[T]], sleep: Callable[[float], Awaitable[None]]) -> T:
    """What a call gives; while the platform says that it is asked too often, it is asked again later."""
    for _ in range(TRIES - 1):
        try:
            return await ask()
        except Refused as refused:
            if refused.trouble.exit is not Exit.RATE:
                raise
            await sleep(PAUSE)
    return await ask()
