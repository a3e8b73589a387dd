"""The service account that owns the key: adopted by its name, or made; without a role its keys may do nothing."""

from __future__ import annotations

from keytui.domain.apply.found import find_or_make, in_use, made_by
from keytui.domain.apply.run import Outcome, PlanStep, Result, Run
from keytui.domain.organization.parts import ServiceAccount
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import NOTHING, Difference

NAME = "service account"
_ROLES = ("member", "owner")


class AccountStep:
    """Makes the service account, unless there is one of its name."""

    def __init__(self, plan: SetupPlan) -> None:
        self._account = plan.key.service_account

    @property
    def shown(self) -> PlanStep:
        """See ``Step.shown``."""
        name = self._account
        return PlanStep(NAME, f"Make the service account “{name}”", f"Delete the service account “{name}”", needed=True)

    async def difference(self, run: Run) -> Difference | None:
        """See ``Step.difference``; it also tells the key's step which account there is."""
        there = await self._there(run) if run.project is not None else []
        run.account_id = there[0].id if there else ""
        if not there:
            return Difference(NAME, NOTHING, self._account)
        if there[0].role not in _ROLES:
            return Difference(f"{NAME}’s role", there[0].role or "none", _ROLES[0])
        return None

    async def do(self, run: Run) -> Result:
        """See ``Step.do``."""
        there = await self._there(run)
        account, outcome = await find_or_make(
            run, NAME, there, lambda: run.admin.make_service_account(run.project_id, self._account)
        )
        run.account_id = account.id
        words = account.id
        if account.role not in _ROLES:
            run.note(NAME)
            await run.admin.set_account_role(run.project_id, account.id, "member")
            run.note(NAME, done=True)
            if outcome is Outcome.ADOPTED:
                outcome, words = Outcome.CHANGED, f"{words}; it had no role, and is a member now"
        return Result(outcome, words)

    async def undo(self, run: Run) -> Result:
        """See ``Step.undo``."""
        if run.project is None:
            return Result(Outcome.UNCHANGED, "there is no such project any more")
        ours = made_by(run, NAME, await self._there(run))
        if not ours:
            return Result(Outcome.UNCHANGED, "it was there before, or is gone already")
        names = {account.id for account in ours}
        if others := [key for key in await run.admin.keys(run.project_id) if key.account_id in names]:
            return Result(Outcome.UNCHANGED, f"it stays: {in_use(len(others))}")
        for account in ours:
            await run.admin.delete_service_account(run.project_id, account.id)
        return Result(Outcome.UNDONE, "deleted")

    async def _there(self, run: Run) -> list[ServiceAccount]:
        return [each for each in await run.admin.service_accounts(run.project_id) if each.name == self._account]
