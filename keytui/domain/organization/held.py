"""What holds for a project, or for the whole organisation: limits, alerts, models, rates, tools, tiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from keytui.domain.admin import AdminPort
from keytui.domain.organization.parts import ModelLimit, ModelPermissions, Project, ServiceTiers, SpendAlert
from keytui.domain.organization.reading import Together
from keytui.domain.plan import ALL, RateLimit
from keytui.domain.plan_lines import listed, models, monthly, rate, tiers


@dataclass(frozen=True, slots=True)
class Held:
    """What holds now. The organisation as a whole has a spend limit and alerts only."""

    spend_cents: int | None = None
    """The hard limit a month; None when there is none."""
    alerts: tuple[SpendAlert, ...] = ()
    permissions: ModelPermissions | None = None
    """None: every model is allowed."""
    rates: tuple[ModelLimit, ...] = ()
    tools: Mapping[str, bool] = field(default_factory=dict)
    """The hosted tools that the platform names, and whether they are on."""
    tiers: ServiceTiers | None = None
    """None for the organisation as a whole."""


async def held(admin: AdminPort, project: Project | None, *, together: Together) -> Held:
    """Read what holds for a project, or (None) for the organisation. Raises ``Refused``."""
    if project is None:
        return Held(await admin.spend_limit(), await admin.spend_alerts(None))
    told: list[Any] = await together(
        admin.spend_limit(project.id),
        admin.spend_alerts(project.id),
        admin.model_permissions(project.id),
        admin.rate_limits(project.id),
        admin.hosted_tools(project.id),
        admin.service_tiers(project.id),
    )
    return Held(*told)


def usd(cents: int | None) -> Decimal | None:
    """Cents as USD."""
    return None if cents is None else Decimal(cents) / 100


def full(cents: int, cost: Decimal | None) -> str:
    """How full a limit or an alert is, as half a sentence; empty while that is not known."""
    return "" if cost is None or not cents else f"{cost * 10_000 / cents:.0f} % reached"


def in_words(cents: int | None, cost: Decimal | None) -> str:
    """A spend limit in words, and how full it is."""
    parts = [monthly(usd(cents)), "" if cents is None else full(cents, cost)]
    return ", ".join(filter(None, parts))


def alert_words(alert: SpendAlert, cost: Decimal | None = None) -> str:
    """An alert in words, and how far away it is."""
    to = f"to {listed(alert.emails)}" if alert.emails else ""
    return ", ".join(filter(None, (monthly(usd(alert.cents)), full(alert.cents, cost), to)))


def models_words(permissions: ModelPermissions | None) -> str:
    """Which models are allowed, in words."""
    if permissions is None:
        return models(())
    if permissions.mode == "deny_list":
        return f"every model but {listed(permissions.models)}"
    return listed(permissions.models) if permissions.models else "no model"


def rate_words(limit: ModelLimit) -> str:
    """The rate limits of one model, in words."""
    words = [rate(RateLimit(limit.model, limit.requests_per_minute, limit.tokens_per_minute))]
    words = [] if words == ["none"] else words
    for figure, unit in (
        (limit.images_per_minute, "images a minute"),
        (limit.audio_megabytes_per_minute, "MB of audio a minute"),
        (limit.requests_per_day, "requests a day"),
        (limit.batch_tokens_per_day, "tokens in batches a day"),
    ):
        if figure is not None:
            words.append(f"{figure:,} {unit}")
    return ", ".join(words) or "none"


def tools_words(tools: Mapping[str, bool]) -> str:
    """Which hosted tools are on, in words."""
    return listed(tool for tool, on in sorted(tools.items()) if on)


def tiers_words(which: ServiceTiers) -> str:
    """Which service tiers may be asked for, in words."""
    default = "" if which.default == "standard" else f"; {which.default} unless asked otherwise"
    return tiers((ALL,) if which.enabled is None else which.enabled) + default
