"""What a plan must be like before anything is done with it: every rule has the field's name and one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from keytui.domain.plan import ALL, RateLimit, SetupPlan
from keytui.domain.shapes import resembles_key

LONGEST_NAME = 60
"""Characters of a name."""
LONGEST_LIFE = 365
"""Days that a key can live at most (openai-facts 2.3)."""
MOST = Decimal(10_000_000)
"""USD a month; above it an amount is a slip of the hand."""
DEFAULT_PROJECT = "default project"
"""The project that every organisation has; it takes no service accounts (first-key-troubles 15)."""

HOSTED_TOOLS = ("code_interpreter", "file_search", "image_generation", "mcp", "web_search")
"""Tools that run on the platform (openai-facts 2.3)."""
OPTIONAL_TIERS = ("flex", "fast", "ultrafast")
"""Service tiers beside Standard that a project can allow (openai-facts 2.3)."""

_SCOPE = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """One thing that is wrong with a plan."""

    field: str
    """As in the plan's file: ``key.expires_days``."""
    says: str
    """What the field takes, to be read after its name: "takes a whole number of days from 1 to 365"."""

    def __str__(self) -> str:
        return f"{self.field} {self.says}."


_FIELDS = {
    "project.name": "The name",
    "key.name": "The name",
    "key.service_account": "The name",
    "alerts": "The alert",
    "spend_limit": "The cap",
    "cap": "The cap",
}
"""Fields of a plan by the names that they have in the project's step."""


def problem_of(plan: SetupPlan) -> str:
    """What is wrong with a plan, as one sentence in the words of the project's step; empty when it can be applied."""
    found = problems(plan)
    return f"{_FIELDS.get(found[0].field, found[0].field)} {found[0].says}." if found else ""


def problems(plan: SetupPlan) -> tuple[PlanProblem, ...]:
    """Everything that is wrong with a plan, in the order of its fields; empty when it can be applied."""
    return tuple(problem for rule in _RULES for problem in rule(plan))


def cents(amount: Decimal) -> int:
    """An amount of USD in the unit of spend limits and alerts."""
    return int(amount * 100)


def _names(plan: SetupPlan) -> Iterator[PlanProblem]:
    for field, name in (
        ("project.name", plan.project.name),
        ("key.name", plan.key.name),
        ("key.service_account", plan.key.service_account),
    ):
        if resembles_key(name):
            yield PlanProblem(field, "takes a name, not a key")
        elif name != name.strip() or not name.isprintable() or not 0 < len(name) <= LONGEST_NAME or name[0] == "-":
            yield PlanProblem(
                field, f"takes 1 to {LONGEST_NAME} printable characters, without “-” or a space at its beginning"
            )
    if plan.project.name.strip().casefold() == DEFAULT_PROJECT:
        yield PlanProblem("project.name", "takes another name: the Default project takes no service accounts")
    if plan.project.residency is not None and not re.fullmatch(r"[A-Z][A-Z_]*", plan.project.residency):
        yield PlanProblem("project.residency", "takes one of the platform's words, such as EU_STORAGE_PROCESSING")


def _permissions(plan: SetupPlan) -> Iterator[PlanProblem]:
    allowed = plan.permissions
    yield from _models("permissions.models", allowed.models)
    yield from _words("permissions.hosted_tools", allowed.hosted_tools, HOSTED_TOOLS)
    yield from _words("permissions.service_tiers", allowed.service_tiers, OPTIONAL_TIERS)
    yield from _models("default_model", (plan.default_model,))
    if allowed.models and plan.default_model not in allowed.models:
        yield PlanProblem("default_model", "takes one of the models in permissions.models")


def _rates(plan: SetupPlan) -> Iterator[PlanProblem]:
    models = [limit.model for limit in plan.rate_limits]
    yield from _models("rate_limits.model", models)
    for limit in plan.rate_limits:
        for name, figure in _figures(limit):
            if figure is not None and figure < 1:
                yield PlanProblem(f"rate_limits.{name}", "takes a whole number from 1")
        if all(figure is None for _, figure in _figures(limit)):
            yield PlanProblem("rate_limits", f"needs requests_per_minute or tokens_per_minute for {limit.model}")


def _figures(limit: RateLimit) -> tuple[tuple[str, int | None], ...]:
    return (("requests_per_minute", limit.requests_per_minute), ("tokens_per_minute", limit.tokens_per_minute))


def _amounts(plan: SetupPlan) -> Iterator[PlanProblem]:
    takes = "takes an amount of USD in whole cents, from 0.01"
    if plan.spend_limit is not None and not _payable(plan.spend_limit):
        yield PlanProblem("spend_limit", takes)
    if not all(map(_payable, plan.alerts)):
        yield PlanProblem("alerts", takes)
    elif len(set(plan.alerts)) < len(plan.alerts):
        yield PlanProblem("alerts", "takes each amount once")
    elif plan.spend_limit is not None and any(alert > plan.spend_limit for alert in plan.alerts):
        yield PlanProblem("alerts", "takes amounts up to the spend limit: above it no alert would ever come")
    if plan.cap is not None and not (plan.cap.is_finite() and 0 <= plan.cap <= MOST):
        yield PlanProblem("cap", "takes an amount of USD, from 0")
    if not all(map(_EMAIL.fullmatch, plan.alert_emails)) or not all(map(str.isprintable, plan.alert_emails)):
        yield PlanProblem("alert_emails", "takes e-mail addresses")


def _payable(amount: Decimal) -> bool:
    return amount.is_finite() and 0 < amount <= MOST and amount * 100 % 1 == 0


def _key(plan: SetupPlan) -> Iterator[PlanProblem]:
    if not all(map(_SCOPE.fullmatch, plan.key.scopes)):
        yield PlanProblem("key.scopes", "takes the platform's names of permissions, such as api.model.read")
    if plan.key.expires_days is not None and not 1 <= plan.key.expires_days <= LONGEST_LIFE:
        yield PlanProblem("key.expires_days", f"takes a whole number of days from 1 to {LONGEST_LIFE}, or “never”")


def _models(field: str, names: tuple[str, ...] | list[str]) -> Iterator[PlanProblem]:
    if not all(map(_MODEL.fullmatch, names)):
        yield PlanProblem(field, "takes names of models, such as gpt-6-luna")
    elif len(set(names)) < len(names):
        yield PlanProblem(field, "takes each model once")


def _words(field: str, given: tuple[str, ...], known: tuple[str, ...]) -> Iterator[PlanProblem]:
    if given != (ALL,) and not set(given) <= set(known):
        yield PlanProblem(field, f"takes any of {', '.join(known)}, or “{ALL}” alone")


_RULES: tuple[Callable[[SetupPlan], Iterator[PlanProblem]], ...] = (_names, _permissions, _rates, _amounts, _key)
