"""A plan as a list of things to do on the platform's pages, for those without an admin key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from keytui.domain.money import plain
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import rate
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


def proved(items: Iterable[Item], results: Iterable[StageResult]) -> tuple[str, ...]:
    """The names of the items that the stages of a check have proved."""
    passed = {result.stage for result in results if result.verdict in (Verdict.PASSED, Verdict.WARNED)}
    return tuple(item.name for item in items if item.proof in passed)


def checklist(plan: SetupPlan) -> tuple[Item, ...]:
    """The plan, in the order in which the pages want it. Nothing here is done by keytui."""
    project = plan.project
    described = tuple(
        (label, text)
        for label, text in (("description", project.description), ("intended use", project.intended_use))
        if text.strip()
    )
    items = [
        Item(
            "project",
            "Make the project",
            "Its keys, limits and spending are kept apart from everything else.",
            "projects",
            (("name", project.name), *described),
        ),
    ]
    if plan.spend_limit is not None:
        alerts = tuple(("alert at, USD", _amount(alert)) for alert in plan.alerts[:1])
        rates = tuple(("rate of each model", rate(limit)) for limit in plan.rate_limits[:1])
        items.append(
            Item(
                "limit",
                "Set its spend limit and alert",
                "The platform itself then refuses what would cost more.",
                "limits",
                (("limit a month, USD", _amount(plan.spend_limit)), *alerts, *rates),
            )
        )
    if plan.permissions.models:
        items.append(
            Item(
                "models",
                "Allow only the models you need",
                "A key that leaks can then not be used for the dearest ones.",
                "limits",
                (("models", ", ".join(plan.permissions.models)),),
                proof=Stage.COUNT,
            )
        )
    expiry = () if plan.key.expires_days is None else (("expires in days", str(plan.key.expires_days)),)
    items.append(
        Item(
            "key",
            "Make the key in that project, and copy it",
            "It is shown whole only this once.",
            "keys",
            (
                ("name", plan.key.name),
                ("permissions", "Restricted: Responses write, Model capabilities request, List models read"),
                *expiry,
            ),
            proof=Stage.MODELS,
        )
    )
    items.append(
        Item(
            "credit",
            "See that there is credit",
            "Without it every question is refused. The check can prove it, for less than a cent.",
            "billing",
            proof=Stage.PAID,
        )
    )
    return tuple(items)


def _amount(amount: Decimal) -> str:
    return plain(amount)
