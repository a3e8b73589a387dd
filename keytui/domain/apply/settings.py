"""The settings that a plan makes: models, hosted tools, service tiers, rate limits, the spend limit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from keytui.domain.apply.run import Run, Stopped
from keytui.domain.apply.setting import SettingStep
from keytui.domain.organization.parts import ModelLimit, ModelPermissions, ServiceTiers
from keytui.domain.plan import ALL, RateLimit, SetupPlan
from keytui.domain.plan_lines import listed, models, monthly, rate, tiers
from keytui.domain.plan_rules import HOSTED_TOOLS, cents
from keytui.domain.troubles import Signal, recognise


class ModelsStep(SettingStep[ModelPermissions | None]):
    """Which models the project may use."""

    what, name = "models", "models"

    def __init__(self, plan: SetupPlan) -> None:
        self._models = plan.permissions.models

    def aim(self) -> str:
        """See ``SettingStep.aim``."""
        return models(self._models)

    async def read(self, run: Run) -> ModelPermissions | None:
        """See ``SettingStep.read``."""
        now = await run.admin.model_permissions(run.project_id)
        # The order of a list says nothing, and the platform need not keep it.
        return now and ModelPermissions(now.mode, tuple(sorted(now.models)))

    async def wanted(self, run: Run, now: ModelPermissions | None) -> ModelPermissions | None:
        """See ``SettingStep.wanted``."""
        return ModelPermissions("allow_list", tuple(sorted(self._models))) if self._models else None

    async def write(self, run: Run, value: ModelPermissions | None) -> None:
        """See ``SettingStep.write``."""
        await run.admin.set_model_permissions(run.project_id, value)

    def words(self, value: ModelPermissions | None) -> str:
        """See ``SettingStep.words``."""
        if value is None:
            return models(())
        return listed(value.models) if value.mode == "allow_list" else f"every model but {listed(value.models)}"

    def encode(self, value: ModelPermissions | None) -> Any:
        """See ``SettingStep.encode``."""
        return value and {"mode": value.mode, "models": list(value.models)}

    def decode(self, fact: Any) -> ModelPermissions | None:
        """See ``SettingStep.decode``."""
        return fact and ModelPermissions(fact["mode"], tuple(fact["models"]))


class ToolsStep(SettingStep[Mapping[str, bool]]):
    """Which hosted tools are on."""

    what, name = "hosted tools", "tools"

    def __init__(self, plan: SetupPlan) -> None:
        self._tools = plan.permissions.hosted_tools

    def aim(self) -> str:
        """See ``SettingStep.aim``."""
        return listed(self._tools)

    async def read(self, run: Run) -> Mapping[str, bool]:
        """See ``SettingStep.read``."""
        return dict(await run.admin.hosted_tools(run.project_id))

    async def wanted(self, run: Run, now: Mapping[str, bool]) -> Mapping[str, bool]:
        """See ``SettingStep.wanted``. A tool that the platform does not name is only named by us to switch it on."""
        on = set(HOSTED_TOOLS) | set(now) if self._tools == (ALL,) else set(self._tools)
        named = set(now) | (on if self._tools != (ALL,) else set())
        return {tool: tool in on for tool in sorted(named)}

    async def write(self, run: Run, value: Mapping[str, bool]) -> None:
        """See ``SettingStep.write``."""
        await run.admin.set_hosted_tools(run.project_id, value)

    def words(self, value: Mapping[str, bool]) -> str:
        """See ``SettingStep.words``."""
        return listed(tool for tool, on in sorted(value.items()) if on)

    def encode(self, value: Mapping[str, bool]) -> Any:
        """See ``SettingStep.encode``."""
        return dict(value)

    def decode(self, fact: Any) -> Mapping[str, bool]:
        """See ``SettingStep.decode``."""
        return dict(fact)


class TiersStep(SettingStep[ServiceTiers]):
    """Which service tiers may be asked for."""

    what, name = "service tiers", "tiers"

    def __init__(self, plan: SetupPlan) -> None:
        self._tiers = plan.permissions.service_tiers

    def aim(self) -> str:
        """See ``SettingStep.aim``."""
        return tiers(self._tiers)

    async def read(self, run: Run) -> ServiceTiers:
        """See ``SettingStep.read``."""
        now = await run.admin.service_tiers(run.project_id)
        return ServiceTiers(now.default, None if now.enabled is None else tuple(sorted(now.enabled)))

    async def wanted(self, run: Run, now: ServiceTiers) -> ServiceTiers:
        """See ``SettingStep.wanted``. A default that is not allowed any more gives way to Standard."""
        if self._tiers == (ALL,):
            return ServiceTiers(now.default, None)
        enabled = tuple(sorted(self._tiers))
        return ServiceTiers("standard" if now.default == "fast" and "fast" not in enabled else now.default, enabled)

    async def write(self, run: Run, value: ServiceTiers) -> None:
        """See ``SettingStep.write``."""
        await run.admin.set_service_tiers(run.project_id, value)

    def words(self, value: ServiceTiers) -> str:
        """See ``SettingStep.words``."""
        return tiers((ALL,) if value.enabled is None else value.enabled)

    def remark(self, value: ServiceTiers) -> str:
        """See ``SettingStep.remark``."""
        return "" if value.default == "standard" else f"{value.default} is the default"

    def encode(self, value: ServiceTiers) -> Any:
        """See ``SettingStep.encode``."""
        return {"default": value.default, "enabled": None if value.enabled is None else list(value.enabled)}

    def decode(self, fact: Any) -> ServiceTiers:
        """See ``SettingStep.decode``."""
        return ServiceTiers(fact["default"], None if fact["enabled"] is None else tuple(fact["enabled"]))


class SpendLimitStep(SettingStep[int | None]):
    """The hard limit of a month, in cents."""

    what, name = "spend limit", "spend limit"

    def __init__(self, plan: SetupPlan) -> None:
        assert plan.spend_limit is not None
        self._amount = plan.spend_limit

    def aim(self) -> str:
        """See ``SettingStep.aim``."""
        return monthly(self._amount)

    async def read(self, run: Run) -> int | None:
        """See ``SettingStep.read``."""
        return await run.admin.spend_limit(run.project_id)

    async def wanted(self, run: Run, now: int | None) -> int | None:
        """See ``SettingStep.wanted``."""
        return cents(self._amount)

    async def write(self, run: Run, value: int | None) -> None:
        """See ``SettingStep.write``."""
        await run.admin.set_spend_limit(run.project_id, value)

    def words(self, value: int | None) -> str:
        """See ``SettingStep.words``."""
        return monthly(None if value is None else Decimal(value) / 100)

    def encode(self, value: int | None) -> Any:
        """See ``SettingStep.encode``."""
        return value

    def decode(self, fact: Any) -> int | None:
        """See ``SettingStep.decode``."""
        return None if fact is None else int(fact)


class RateStep(SettingStep[ModelLimit]):
    """The rate limits of one model, lowered to what the organisation has."""

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit
        self.what = f"rate limit of {limit.model}"
        self.name = f"rate {limit.model}"

    def aim(self) -> str:
        """See ``SettingStep.aim``."""
        return rate(self._limit)

    async def read(self, run: Run) -> ModelLimit:
        """See ``SettingStep.read``. Raises ``Stopped`` for a model that the organisation does not have."""
        for row in await run.limits(run.project_id):
            if row.model == self._limit.model:
                return row
        host = run.admin.base_url
        raise Stopped(recognise(Signal("admin", code="model_not_found", model=self._limit.model, base_url=host)))

    async def wanted(self, run: Run, now: ModelLimit) -> ModelLimit:
        """See ``SettingStep.wanted``.

        No call tells the organisation's own limits. Every project has at most those, so the highest that this project
        and the oldest one have is certainly allowed; the oldest is the Default project, which has them whole.
        """
        oldest = next((each.id for each in await run.admin.projects() if each.id != run.project_id), None)
        rows = await run.limits(oldest) if oldest else ()
        there = [now, *(row for row in rows if row.model == now.model)]
        return ModelLimit(
            now.id,
            now.model,
            _lowered(self._limit.requests_per_minute, now.requests_per_minute, [r.requests_per_minute for r in there]),
            _lowered(self._limit.tokens_per_minute, now.tokens_per_minute, [r.tokens_per_minute for r in there]),
        )

    async def write(self, run: Run, value: ModelLimit) -> None:
        """See ``SettingStep.write``."""
        await run.admin.set_rate_limit(run.project_id, value)
        run.forget_limits()

    def words(self, value: ModelLimit) -> str:
        """See ``SettingStep.words``."""
        return rate(RateLimit(value.model, value.requests_per_minute, value.tokens_per_minute))

    def remark(self, value: ModelLimit) -> str:
        """See ``SettingStep.remark``: whether the plan wanted more than there is."""
        pairs = (
            (self._limit.requests_per_minute, value.requests_per_minute),
            (self._limit.tokens_per_minute, value.tokens_per_minute),
        )
        if any(planned is not None and set_to is not None and planned > set_to for planned, set_to in pairs):
            return "lowered to the organisation's own limit"
        return ""

    def encode(self, value: ModelLimit) -> Any:
        """See ``SettingStep.encode``."""
        return [value.id, value.model, value.requests_per_minute, value.tokens_per_minute]

    def decode(self, fact: Any) -> ModelLimit:
        """See ``SettingStep.decode``."""
        return ModelLimit(*fact)


def _lowered(planned: int | None, now: int | None, known: list[int | None]) -> int | None:
    """A planned figure, at most the highest that is known to be allowed; the present one when none is planned."""
    highest = max((figure for figure in known if figure is not None), default=None)
    if planned is None:
        return now
    return planned if highest is None else min(planned, highest)
