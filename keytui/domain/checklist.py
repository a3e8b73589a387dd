"""A plan as a list of things to do on the platform's pages, for those without an admin key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from keytui.domain.money import plain
from keytui.domain.plan import ALL, SetupPlan
from keytui.domain.plan_lines import listed, rate, tiers
from keytui.domain.probe import Stage, StageResult, Verdict


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do there."""

    name: str
    """Stable; what is remembered when it is ticked."""
    title: str
    why: str
    page: str
    """A name in ``keytui.domain.troubles.pages``."""
    entries: tuple[tuple[str, str], ...] = ()
    """What to enter there: the field in the user's words, and the text, ready to copy."""
    proof: Stage | None = None
    """The stage of a key's check that proves it; None: only the user can tell."""


def outcome(item: Item, results: Iterable[StageResult]) -> StageResult | None:
    """What the stages of a check say about an item: its proof, or what stopped the check before; None: nothing."""
    for result in results:
        if result.stage is item.proof or result.verdict is Verdict.FAILED:
            return result
    return None


def proved(items: Iterable[Item], results: Iterable[StageResult]) -> tuple[str, ...]:
    """The names of the items that the stages of a check have proved."""
    passed = {result.stage for result in results if result.verdict in (Verdict.PASSED, Verdict.WARNED)}
    return tuple(item.name for item in items if item.proof in passed)


def checklist(plan: SetupPlan) -> tuple[Item, ...]:
    """The plan, in the order in which the pages want it. Nothing here is done by keytui."""
    return tuple(item for make in _ITEMS if (item := make(plan)) is not None)


def _project(plan: SetupPlan) -> Item:
    project = plan.project
    written = (
        ("name", project.name),
        ("description", project.description),
        ("intended use", project.intended_use),
        ("residency", project.residency or ""),
    )
    return Item(
        "project",
        "Make the project",
        "Its keys, limits and spending are kept apart from everything else.",
        "projects",
        tuple((label, text) for label, text in written if text.strip()),
    )


def _limit(plan: SetupPlan) -> Item | None:
    limit = () if plan.spend_limit is None else (("limit a month, USD", plain(plan.spend_limit)),)
    alerts = tuple(("alert at, USD", plain(alert)) for alert in plan.alerts)
    emails = (("alerts go to", ", ".join(plan.alert_emails)),) if plan.alerts and plan.alert_emails else ()
    if not limit and not alerts:
        return None
    return Item(
        "limit",
        "Set its spend limit and alert" if limit else "Set its alert",
        "The platform itself then refuses what would cost more." if limit else "A mail comes before it gets dear.",
        "limits",
        (*limit, *alerts, *emails),
    )


def _rates(plan: SetupPlan) -> Item | None:
    if not plan.rate_limits:
        return None
    each = {rate(limit) for limit in plan.rate_limits}
    if len(each) == 1:
        entries: tuple[tuple[str, str], ...] = (("each model", each.pop()),)
    else:
        entries = tuple((limit.model, rate(limit)) for limit in plan.rate_limits)
    return Item("rates", "Set its rate limits", "A program that runs wild then ends early.", "limits", entries)


def _models(plan: SetupPlan) -> Item | None:
    if not plan.permissions.models:
        return None
    return Item(
        "models",
        "Allow only the models you need",
        "A key that leaks can then not be used for the dearest ones.",
        "limits",
        (("models", ", ".join(plan.permissions.models)),),
        proof=Stage.COUNT,
    )


def _tools(plan: SetupPlan) -> Item | None:
    allowed = plan.permissions
    if allowed.hosted_tools == (ALL,) and allowed.service_tiers == (ALL,):
        return None
    return Item(
        "tools",
        "Choose its hosted tools and service tiers",
        "What is off can neither run nor cost anything.",
        "projects",
        (("hosted tools on", listed(allowed.hosted_tools)), ("service tiers", tiers(allowed.service_tiers))),
    )


def _key(plan: SetupPlan) -> Item:
    expiry = () if plan.key.expires_days is None else (("expires in days", str(plan.key.expires_days)),)
    return Item(
        "key",
        "Make the key in that project, and copy it",
        "It is shown whole only this once.",
        "keys",
        (("name", plan.key.name), ("permissions", permissions(plan.key.scopes)), *expiry),
        proof=Stage.MODELS,
    )


def _credit(plan: SetupPlan) -> Item:
    return Item(
        "credit",
        "See that there is credit",
        "Without it every question is refused. The check can prove it, for less than a cent.",
        "billing",
        proof=Stage.PAID,
    )


_ITEMS: tuple[Callable[[SetupPlan], Item | None], ...] = (*(_project, _limit, _rates, _models, _tools, _key, _credit),)

_ON_THE_PAGE = {
    "api.responses.write": "Responses write",
    "api.model.request": "Model capabilities request",
    "api.model.read": "List models read",
}
"""Permissions as the page of a key names them (openai-facts 1.7); others are told by the platform's own word."""


def permissions(scopes: Iterable[str]) -> str:
    """The permissions of a key as its page wants them."""
    wanted = tuple(scopes)
    if not wanted:
        return "All"
    if wanted == ("api.all.read",):
        return "Read only"
    named = [words for scope, words in _ON_THE_PAGE.items() if scope in wanted]
    return f"Restricted: {', '.join([*named, *(scope for scope in wanted if scope not in _ON_THE_PAGE)])}"
