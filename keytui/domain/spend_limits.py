"""The platform's own spend limits, beside keytui's caps: they hold for every program, and are kept there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from keytui.domain.addresses import same_platform
from keytui.domain.admin import AdminPort
from keytui.domain.bill.reading import same_keys
from keytui.domain.keys import KeyRecord
from keytui.domain.organization.parts import Project
from keytui.domain.pricing import ZERO

LOOKED_AT = 50
"""Projects whose keys are looked through for keytui's; more would take too long."""


@dataclass(frozen=True, slots=True)
class SpendLimit:
    """What the platform lets a project, or the whole organisation, spend in a month (UTC)."""

    project: Project | None
    """None: the organisation."""
    amount: Decimal | None
    """USD; None when there is no limit."""
    spent: Decimal
    """USD of this month that the platform has counted; its figures come hours later."""

    @property
    def name(self) -> str:
        """Whose limit it is: ``project “docs”``, ``the organisation``."""
        return "the organisation" if self.project is None else f"project “{self.project.name}”"

    @property
    def left(self) -> Decimal | None:
        """USD that the platform still lets through; None when there is no limit."""
        return None if self.amount is None else max(self.amount - self.spent, ZERO)


async def read_spend_limits(admin: AdminPort, records: Sequence[KeyRecord], now: datetime) -> tuple[SpendLimit, ...]:
    """The limits of the projects that the keys belong to, and last that of the organisation. Raises ``Refused``."""
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    spent: dict[str | None, Decimal] = {}
    for row in await admin.costs(first, group_by=("project_id",)):
        spent[row.project_id] = spent.get(row.project_id, ZERO) + row.amount
    found = [
        SpendLimit(project, _usd(await admin.spend_limit(project.id)), spent.get(project.id, ZERO))
        for project in await _projects_of(admin, records)
    ]
    whole = SpendLimit(None, _usd(await admin.spend_limit()), sum(spent.values(), ZERO))
    return (*found, whole)


async def _projects_of(admin: AdminPort, records: Sequence[KeyRecord]) -> list[Project]:
    """The projects of keytui's keys at that address: as the keys say, else by looking for them there."""
    wanted = {record.id: record for record in records if same_platform(record.base_url, admin.base_url)}
    named = {record.project for record in wanted.values() if record.project}
    unnamed = [record for record in wanted.values() if not record.project]
    found = []
    for at, project in enumerate(await admin.projects()):
        mine = project.id in named
        if unnamed and not mine and at < LOOKED_AT:
            mine = bool(same_keys(await admin.keys(project.id), unnamed))
        if mine:
            found.append(project)
    return found


def _usd(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents) / 100
