"""The steps of a plan, in their order: what limits the key comes before the key."""

from __future__ import annotations

from keytui.domain.apply.account import AccountStep
from keytui.domain.apply.alerts import AlertStep
from keytui.domain.apply.check import CheckStep
from keytui.domain.apply.key import KeyStep
from keytui.domain.apply.project import ProjectStep
from keytui.domain.apply.run import Step
from keytui.domain.apply.settings import ModelsStep, RateStep, SpendLimitStep, TiersStep, ToolsStep
from keytui.domain.plan import SetupPlan


def steps_of(plan: SetupPlan) -> tuple[Step, ...]:
    """Every step that a plan needs."""
    return (
        ProjectStep(plan),
        ModelsStep(plan),
        ToolsStep(plan),
        TiersStep(plan),
        *(RateStep(limit) for limit in plan.rate_limits),
        *(() if plan.spend_limit is None else (SpendLimitStep(plan),)),
        *(AlertStep(plan, amount) for amount in plan.alerts),
        AccountStep(plan),
        KeyStep(plan),
        CheckStep(plan),
    )
