"""A plan in words: what it will make, line by line, and how that differs from what exists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from keytui.domain.plan import ALL, RateLimit, SetupPlan


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One line of a plan."""

    what: str
    value: str
    why: str
    """One short sentence, without the full stop."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that applying a plan would make or change."""

    what: str
    now: str
    planned: str


NOTHING = "nothing yet"
"""How things stand that a plan will make."""


def lines(plan: SetupPlan) -> tuple[PlanLine, ...]:
    """The whole plan, in the order in which it is applied."""
    project, allowed, key = plan.project, plan.permissions, plan.key
    found = [
        PlanLine("project", project.name, "its keys, limits and spending stay apart from everything else"),
        *_written("description", project.description, "kept by keytui: the API has no field for it"),
        *_written("intended use", project.intended_use, "kept by keytui: the API has no field for it"),
        *_written("residency", project.residency or "", "where the platform keeps and handles the data"),
        PlanLine("models", models(allowed.models), "a key that leaks cannot be used for others"),
        PlanLine("hosted tools", listed(allowed.hosted_tools), "what is off can neither run nor cost anything"),
        PlanLine("service tiers", tiers(allowed.service_tiers), "dearer and cheaper ways to be served"),
    ]
    found += [
        PlanLine(f"rate limit of {limit.model}", rate(limit), "a runaway loop ends early") for limit in plan.rate_limits
    ]
    found += [
        PlanLine("spend limit", monthly(plan.spend_limit), "the platform refuses what would cost more"),
        *(
            PlanLine("alert", f"{monthly(alert)}, mailed to {mailed(plan.alert_emails)}", "a mail before the limit")
            for alert in plan.alerts
        ),
        PlanLine("service account", key.service_account, "the key belongs to no person, and outlives nobody's account"),
        PlanLine("key", key.name, "stored before anything is called done"),
        PlanLine("permissions", listed(key.scopes, empty="everything"), "the key can do what it needs, and no more"),
        PlanLine("expires", expiry(key.expires_days), "a forgotten key ends by itself"),
        PlanLine("cap in keytui", monthly(plan.cap), "keytui refuses before it sends what would cost more"),
        PlanLine("default model", plan.default_model, "what keytui asks unless told otherwise"),
    ]
    return tuple(found)


def _written(what: str, value: str, why: str) -> Iterable[PlanLine]:
    return (PlanLine(what, value.strip(), why),) if value.strip() else ()


def models(names: tuple[str, ...]) -> str:
    """The models of an allow-list in words."""
    return listed(names, empty="every model")


def listed(names: Iterable[str], *, empty: str = "none") -> str:
    """Names in a row; what an empty list means, when there are none."""
    return ", ".join("every one" if name == ALL else name for name in names) or empty


def tiers(names: tuple[str, ...]) -> str:
    """The service tiers in words; Standard is always there."""
    return "Standard only" if not names else f"Standard and {listed(names)}"


def rate(limit: RateLimit) -> str:
    """A rate limit in words."""
    parts = [
        f"{figure:,} {unit} a minute"
        for figure, unit in ((limit.requests_per_minute, "requests"), (limit.tokens_per_minute, "tokens"))
        if figure is not None
    ]
    return ", ".join(parts) or "none"


def monthly(amount: Decimal | None) -> str:
    """An amount of USD a month in words."""
    return "none" if amount is None else f"${amount:,.2f} a month"


def mailed(emails: tuple[str, ...]) -> str:
    """Who gets an alert's mail, in words."""
    return listed(emails, empty="the organisation's owners")


def expiry(days: int | None) -> str:
    """A key's life in words."""
    return "never" if days is None else "after 1 day" if days == 1 else f"after {days} days"
