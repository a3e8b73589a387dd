"""The last step: the stored key is checked, stage by stage, at the address it is for."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from keytui.domain.apply.run import Outcome, PlanStep, Result, Run, Stopped
from keytui.domain.keys import KeyState
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import Difference
from keytui.domain.probe import StageResult, Verdict
from keytui.domain.troubles import Exit, explain

NAME = "check"

_STATES = {Exit.AUTHENTICATION: KeyState.REFUSED, Exit.CREDIT: KeyState.LIMITED, Exit.RATE: KeyState.LIMITED}
"""What a failed check says about the key; any other end says nothing about it."""
_SLOW = frozenset({"invalid-key", "missing-scope", "model-not-found"})
"""Refusals that a key which was just made may meet, until the platform knows it everywhere."""
_TRIES = 3
_PAUSE = 2.0
"""Seconds before the second try; twice as many before the third."""


class CheckStep:
    """Checks the key with everything that costs nothing."""

    def __init__(self, plan: SetupPlan) -> None:
        self._model = plan.default_model

    @property
    def shown(self) -> PlanStep:
        """See ``Step.shown``."""
        return PlanStep(NAME, "Check the stored key, for free")

    async def difference(self, run: Run) -> Difference | None:
        """See ``Step.difference``: a check makes none."""
        return None

    async def do(self, run: Run) -> Result:
        """See ``Step.do``."""
        async with aclosing(self.stages(run)) as stages:
            async for _ in stages:
                pass
        return self.result(run)

    async def stages(self, run: Run) -> AsyncGenerator[StageResult, None]:
        """The stages of the check as they come; begun anew when the platform does not know the key yet.

        Raises ``Stopped`` at the first failure.
        """
        record = run.record
        if record is None:
            raise LookupError("the key's step comes first")
        secret = await run.means.keep.secret(record)
        for attempt in range(1, _TRIES + 1):
            run.stages.clear()
            async with aclosing(run.means.probe.key(secret, record.base_url, model=self._model)) as results:
                async for result in results:
                    run.stages.append(result)
                    yield result
            last = run.stages[-1]
            if last.verdict is not Verdict.FAILED:
                run.record = replace(record, state=KeyState.WORKS, verified=run.means.now())
                await run.means.keep.replace(run.record)
                return
            trouble = last.trouble or explain("unknown")
            if trouble.id not in _SLOW or attempt == _TRIES:
                state = _STATES.get(trouble.exit, record.state)
                await run.means.keep.replace(replace(record, state=state))
                raise Stopped(trouble)
            await run.means.sleep(_PAUSE * attempt)

    @staticmethod
    def result(run: Run) -> Result:
        """What a check that passed came to."""
        warned = [stage.note for stage in run.stages if stage.verdict is Verdict.WARNED and stage.note]
        return Result(Outcome.UNCHANGED, "; ".join(["it works", *warned]))

    async def undo(self, run: Run) -> Result:
        """See ``Step.undo``."""
        return Result(Outcome.UNCHANGED)
