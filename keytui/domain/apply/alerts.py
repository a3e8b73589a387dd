"""A spend alert: adopted when there is one like it, or made."""

from __future__ import annotations

from decimal import Decimal

from keytui.domain.apply.found import find_or_make, made_by
from keytui.domain.apply.project import NAME as PROJECT
from keytui.domain.apply.run import Outcome, PlanStep, Result, Run, Stopped
from keytui.domain.money import plain
from keytui.domain.organization.parts import SpendAlert
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import NOTHING, Difference, listed, mailed, monthly
from keytui.domain.plan_rules import cents
from keytui.domain.troubles import Trouble

_NOBODY = Trouble(
    "nobody-to-mail",
    "The platform names no owner whose address the alert could be mailed to.",
    "Name addresses in the plan (alert_emails), or go on without the alert.",
)


class AlertStep:
    """Makes one spend alert."""

    def __init__(self, plan: SetupPlan, amount: Decimal) -> None:
        self._amount = amount
        self._emails = plan.alert_emails
        self._name = f"alert {plain(amount)}"

    @property
    def shown(self) -> PlanStep:
        """See ``Step.shown``."""
        at = monthly(self._amount)
        return PlanStep(self._name, f"Have a mail sent at {at}, to {mailed(self._emails)}", f"Delete the alert at {at}")

    async def difference(self, run: Run) -> Difference | None:
        """See ``Step.difference``."""
        planned = f"{monthly(self._amount)}, mailed to {mailed(self._emails)}"
        if run.project is None or not await self._there(run, await self._recipients(run)):
            return Difference("alert", NOTHING, planned)
        return None

    async def do(self, run: Run) -> Result:
        """See ``Step.do``."""
        emails = await self._recipients(run)
        there = await self._there(run, emails)
        alert, outcome = await find_or_make(
            run,
            self._name,
            there,
            lambda: run.admin.make_spend_alert(run.project_id, cents(self._amount), emails),
        )
        return Result(outcome, f"{monthly(self._amount)}, mailed to {listed(alert.emails)}")

    async def undo(self, run: Run) -> Result:
        """See ``Step.undo``."""
        if run.project is None or run.facts(PROJECT).get("made"):
            return Result(Outcome.UNDONE, "it goes with the project")
        ours = made_by(run, self._name, await self._there(run, ()))
        for alert in ours:
            await run.admin.delete_spend_alert(run.project_id, alert.id)
        if not ours:
            return Result(Outcome.UNCHANGED, "it was there before, or is gone already")
        return Result(Outcome.UNDONE, "deleted")

    async def _recipients(self, run: Run) -> tuple[str, ...]:
        if self._emails:
            return self._emails
        owners = tuple(member.email for member in await run.admin.members() if member.role == "owner" and member.email)
        if not owners:
            raise Stopped(_NOBODY)
        return owners

    async def _there(self, run: Run, emails: tuple[str, ...]) -> list[SpendAlert]:
        """The alerts at this amount that go to all of these addresses."""
        alerts = await run.admin.spend_alerts(run.project_id)
        return [each for each in alerts if each.cents == cents(self._amount) and set(emails) <= set(each.emails)]
