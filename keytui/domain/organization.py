"""The organisation as rows that can be filtered: its projects, and under each its keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from keytui.domain.admin import AdminPort, ModelPermissions, OrganizationView, Project, ProjectKey, SpendAlert


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    """A project, or (with ``key``) one of its keys."""

    project: Project
    key: ProjectKey | None = None
    cost: Decimal | None = None
    """USD this month, as the platform has it; None while that is not known."""

    @property
    def text(self) -> str:
        """What a filter looks in, in small letters."""
        parts = [self.project.name, self.project.id]
        if self.key is not None:
            parts += [self.key.name, self.key.owner, self.key.redacted, self.key.id]
        return " ".join(parts).casefold()


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the organisation has been read."""

    projects: tuple[Project, ...]
    costs: Mapping[str, Decimal] | None
    """USD of this month by the id of a project or key; None while they are not read."""
    keys: Mapping[str, tuple[ProjectKey, ...]]
    """Keys by the id of their project, for those that were read."""

    @property
    def complete(self) -> bool:
        """Whether the keys of every project are here."""
        return len(self.keys) == len(self.projects)

    def cost(self, subject: str) -> Decimal | None:
        """USD of this month of a project or key; None while that is not known."""
        return None if self.costs is None else self.costs.get(subject, Decimal(0))

    def rows(self) -> tuple[OrganizationRow, ...]:
        """All projects, each with its keys below it."""
        rows: list[OrganizationRow] = []
        for project in self.projects:
            rows.append(OrganizationRow(project, None, self.cost(project.id)))
            rows += [OrganizationRow(project, key, self.cost(key.id)) for key in self.keys.get(project.id, ())]
        return tuple(rows)


async def read(view: OrganizationView, now: datetime) -> AsyncIterator[Reading]:
    """The organisation, growing: the projects first, then what they cost, then their keys one project after another.

    Every step is one or a few requests. Raises ``Refused``.
    """
    projects = await view.projects()
    costs: dict[str, Decimal] = {}
    keys: dict[str, tuple[ProjectKey, ...]] = {}
    yield Reading(projects, None, keys)
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for row in await view.costs(first, group_by=("project_id", "api_key_id")):
        for subject in (row.project_id, row.key_id):
            if subject is not None:
                costs[subject] = costs.get(subject, Decimal(0)) + row.amount
    for project in projects:
        keys[project.id] = await view.keys(project.id)
        yield Reading(projects, costs, keys)


def matching(rows: Sequence[OrganizationRow], wanted: str) -> tuple[OrganizationRow, ...]:
    """The rows that hold every word of a filter; all of them when it is empty."""
    words = wanted.casefold().split()
    return tuple(row for row in rows if all(word in row.text for word in words)) if words else tuple(rows)


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds for one project."""

    spend_cents: int | None
    """The hard limit a month; None when there is none."""
    alerts: tuple[SpendAlert, ...]
    permissions: ModelPermissions | None
    """None: every model is allowed."""


async def limits(admin: AdminPort, project: Project) -> Limits:
    """Read what holds for a project. Raises ``Refused``."""
    return Limits(
        await admin.spend_limit(project.id),
        await admin.spend_alerts(project.id),
        await admin.model_permissions(project.id),
    )
