"""Projects and what is set on them: models, hosted tools, service tiers, rate limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keytui.adapters.openai.admin.calling import Calling
from keytui.adapters.openai.rows import LIMITS, flag, limit, project, text, texts
from keytui.domain.organization.parts import ModelLimit, ModelPermissions, Project, ServiceTiers
from keytui.domain.plan_rules import HOSTED_TOOLS


class Projects(Calling):
    """The part of ``AdminPort`` that is about projects."""

    async def make_project(self, name: str, *, residency: str | None = None) -> Project:
        """See ``AdminPort.make_project``."""
        wanted: dict[str, Any] = {} if residency is None else {"residency": residency}
        return await self._read(lambda o: o.projects.with_raw_response.create(name=name, **wanted), project)

    async def rename_project(self, project_id: str, name: str) -> None:
        """See ``AdminPort.rename_project``."""
        await self._call(lambda o: o.projects.with_raw_response.update(project_id, name=name))

    async def archive_project(self, project_id: str) -> None:
        """See ``AdminPort.archive_project``."""
        await self._gone_or(lambda o: o.projects.with_raw_response.archive(project_id))

    async def model_permissions(self, project_id: str) -> ModelPermissions | None:
        """See ``AdminPort.model_permissions``."""
        row = await self._gone_or(lambda o: o.projects.model_permissions.with_raw_response.retrieve(project_id))
        models = texts(row, "api_model_ids")
        if row is None or models is None:
            return None
        deny = text(row, "mode") == "deny_list"
        if deny and not models:
            return None
        return ModelPermissions("deny_list" if deny else "allow_list", models)

    async def set_model_permissions(self, project_id: str, permissions: ModelPermissions | None) -> None:
        """See ``AdminPort.set_model_permissions``."""
        if permissions is None:
            await self._gone_or(lambda o: o.projects.model_permissions.with_raw_response.delete(project_id))
            return
        mode, models = permissions.mode, list(permissions.models)
        await self._call(
            lambda o: o.projects.model_permissions.with_raw_response.update(project_id, mode=mode, model_ids=models)
        )

    async def hosted_tools(self, project_id: str) -> Mapping[str, bool]:
        """See ``AdminPort.hosted_tools``."""
        row = await self._call(lambda o: o.projects.hosted_tool_permissions.with_raw_response.retrieve(project_id))
        told = {tool: flag(getattr(row, tool, None), "enabled") for tool in HOSTED_TOOLS}
        return {tool: on for tool, on in told.items() if on is not None}

    async def set_hosted_tools(self, project_id: str, tools: Mapping[str, bool]) -> None:
        """See ``AdminPort.set_hosted_tools``."""
        wanted: dict[str, Any] = {tool: {"enabled": on} for tool, on in tools.items()}
        if wanted:
            await self._call(
                lambda o: o.projects.hosted_tool_permissions.with_raw_response.update(project_id, **wanted)
            )

    async def service_tiers(self, project_id: str) -> ServiceTiers:
        """See ``AdminPort.service_tiers``."""
        row = await self._call(lambda o: o.projects.service_tier_settings.with_raw_response.retrieve(project_id))
        enabled = None if getattr(row, "enabled_tiers", None) == "all" else texts(row, "enabled_tiers") or ()
        return ServiceTiers(text(row, "default") or "standard", enabled)

    async def set_service_tiers(self, project_id: str, tiers: ServiceTiers) -> None:
        """See ``AdminPort.set_service_tiers``."""
        wanted: Any = {"default": tiers.default, "enabled_tiers": "all" if tiers.enabled is None else [*tiers.enabled]}
        await self._call(lambda o: o.projects.service_tier_settings.with_raw_response.update(project_id, **wanted))

    async def rate_limits(self, project_id: str) -> tuple[ModelLimit, ...]:
        """See ``AdminPort.rate_limits``."""
        return await self._every(
            lambda o, **page: o.projects.rate_limits.with_raw_response.list_rate_limits(project_id, **page), limit
        )

    async def set_rate_limit(self, project_id: str, limit: ModelLimit) -> None:
        """See ``AdminPort.set_rate_limit``."""
        figures = {name: getattr(limit, field) for field, name in LIMITS.items()}
        wanted: dict[str, Any] = {name: figure for name, figure in figures.items() if figure is not None}
        await self._call(
            lambda o: o.projects.rate_limits.with_raw_response.update_rate_limit(
                limit.id, project_id=project_id, **wanted
            )
        )
