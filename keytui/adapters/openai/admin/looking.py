"""Looking at the organisation: projects, accounts, keys, people, usage and costs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from keytui.adapters.openai.admin.calling import Calling
from keytui.adapters.openai.rows import account, cost, key, member, project, usage
from keytui.domain.organization.parts import CostRow, Member, Project, ProjectKey, ServiceAccount, UsageRow


class Looking(Calling):
    """Implements ``OrganizationView``."""

    async def projects(self, *, archived: bool = False) -> tuple[Project, ...]:
        """See ``OrganizationView.projects``."""
        found = await self._every(
            lambda o, **page: o.projects.with_raw_response.list(include_archived=archived, **page), project
        )
        # A server that ignores the parameter lists them all.
        kept = [each for each in found if archived or not each.archived]
        return tuple(sorted(kept, key=lambda each: each.created or datetime.max.replace(tzinfo=UTC)))

    async def service_accounts(self, project_id: str) -> tuple[ServiceAccount, ...]:
        """See ``OrganizationView.service_accounts``."""
        return await self._every(
            lambda o, **page: o.projects.service_accounts.with_raw_response.list(project_id, **page), account
        )

    async def keys(self, project_id: str) -> tuple[ProjectKey, ...]:
        """See ``OrganizationView.keys``."""
        return await self._every(lambda o, **page: o.projects.api_keys.with_raw_response.list(project_id, **page), key)

    async def members(self) -> tuple[Member, ...]:
        """See ``OrganizationView.members``."""
        return await self._every(lambda o, **page: o.users.with_raw_response.list(**page), member)

    async def usage(
        self, since: datetime, until: datetime | None = None, *, group_by: tuple[str, ...] = ()
    ) -> tuple[UsageRow, ...]:
        """See ``OrganizationView.usage``."""
        asked = _period(since, until, group_by)
        return await self._buckets(
            lambda o, **page: o.usage.with_raw_response.completions(**asked, limit=31, **page), usage
        )

    async def costs(
        self, since: datetime, until: datetime | None = None, *, group_by: tuple[str, ...] = ()
    ) -> tuple[CostRow, ...]:
        """See ``OrganizationView.costs``."""
        asked = _period(since, until, group_by)
        return await self._buckets(lambda o, **page: o.usage.with_raw_response.costs(**asked, limit=180, **page), cost)


def _period(since: datetime, until: datetime | None, group_by: tuple[str, ...]) -> dict[str, Any]:
    asked: dict[str, Any] = {"start_time": int(since.timestamp()), "bucket_width": "1d"}
    if until is not None:
        asked["end_time"] = int(until.timestamp())
    if group_by:
        asked["group_by"] = list(group_by)
    return asked
