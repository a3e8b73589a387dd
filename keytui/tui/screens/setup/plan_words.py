"""A plan on the walk: whole, as a sheet, and what it would make or change."""

from __future__ import annotations

from collections.abc import Sequence

from keytui.domain.addresses import host_of
from keytui.domain.apply.unfinished import Unfinished
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import Difference, lines, rate
from keytui.tui.widgets.sheet import Line

LONGEST = 56
"""Characters of a text of the user's own: it is known to whoever wrote it."""


def plan_sheet(plan: SetupPlan, *, more: str) -> list[Line]:
    """Every line of a plan; equal rate limits share one."""
    shared = {limit.model for limit in plan.rate_limits} if _same_rates(plan) else set()
    rows: list[Line] = []
    for line in lines(plan):
        if line.what.startswith("rate limit of ") and line.what.removeprefix("rate limit of ") in shared:
            if line.what.endswith(plan.rate_limits[0].model):
                rows.append(Line("rate limits", f"{rate(plan.rate_limits[0])}, {_each(len(shared))}"))
            continue
        value = line.value
        if line.what in ("description", "intended use") and len(value) > LONGEST:
            value = value[: LONGEST - 1] + more
        rows.append(Line(line.what, value))
    return rows


def _same_rates(plan: SetupPlan) -> bool:
    return len({(limit.requests_per_minute, limit.tokens_per_minute) for limit in plan.rate_limits}) == 1


def _each(models: int) -> str:
    return "for its model" if models == 1 else f"for each of {models} models"


def difference_sheet(differences: Sequence[Difference]) -> list[Line]:
    """What would be made or changed, from what it is now."""
    return [
        Line(each.what, each.planned if each.now == "nothing yet" else f"{each.planned}  (now {each.now})")
        for each in differences
    ]


def half_made(left: Unfinished) -> str:
    """What was found, in one sentence."""
    way = "half taken back" if left.undoing else "half made"
    begun = left.begun.astimezone()
    return (
        f"The plan for “{left.plan.project.name}” at {host_of(left.base_url)} was left {way} on {begun.day} "
        f"{begun:%B, %H:%M}: {len(left.done)} of {len(left.done) + len(left.not_done)} steps are done."
    )
