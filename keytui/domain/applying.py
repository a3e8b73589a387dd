"""Applying a plan with an admin key, and taking it back: one value in, progress events out, a stored key at the end.

    means = Means(admin, keys, place, probe, journal, now, asyncio.sleep)
    for difference in await differences(plan, means):   # changes nothing; show it, with plan_lines.lines(plan)
        ...
    async with aclosing(apply(plan, means)) as events:
        async for event in events:
            match event:
                case Planned(steps): ...                # all of them, to be shown with an empty tick each
                case Began(step): ...
                case Probed(step, stage): ...           # stages of the last step, the check of the stored key
                case Waiting(step, seconds, trouble): ...
                case Done(step, outcome, words): ...    # a tick; ``outcome.value`` and ``words`` say what it was
                case Stuck(step, trouble, done, not_done): ...  # the end: offer to try again, to go on without, to undo
                case Finished(record): ...              # the end: the key is stored and works

To try again, call ``apply`` again. To go on without the step, pass ``without={step.name}`` (not when ``step.needed``).
To take it back, iterate ``undo(means)``: the same events, ``Done`` with ``Outcome.UNDONE``. When keytui starts, ask
``unfinished(journal)``: what it gives was left half made, to be finished (``apply`` with its plan) or undone. Closing
the iterator at any moment, losing the line and being killed are all the same to it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from keytui.domain.apply.check import CheckStep
from keytui.domain.apply.events import Began, Done, Finished, Planned, Probed, Progress, Stuck, Waiting
from keytui.domain.apply.journal import Journal
from keytui.domain.apply.order import steps_of
from keytui.domain.apply.project import ProjectStep
from keytui.domain.apply.run import Means, Outcome, PlanStep, Run, Step, Stopped
from keytui.domain.apply.unfinished import HalfMade, left_of
from keytui.domain.chat import Refused
from keytui.domain.keys import StoreUnreadable, VaultTrouble
from keytui.domain.plan import SetupPlan
from keytui.domain.plan_lines import Difference
from keytui.domain.troubles import Exit, Trouble

_TRIES = 3
"""How often a step is tried that waiting may cure."""
_PAUSE = 2.0
"""Seconds before another try, when the server says nothing."""


def steps(plan: SetupPlan) -> tuple[PlanStep, ...]:
    """The steps of a plan, to be shown before anything is done."""
    return tuple(step.shown for step in steps_of(plan))


async def differences(
    plan: SetupPlan, means: Means, *, without: Collection[str] = frozenset()
) -> tuple[Difference, ...]:
    """What applying a plan would make or change; changes nothing. Raises ``Refused`` and ``StoreUnreadable``.

    A step that cannot be done is among them, with the reason.
    """
    run = Run(Journal(plan, means.admin.base_url, means.now()), means)
    found = []
    for step in steps_of(plan):
        if step.shown.name in without and not step.shown.needed:
            continue
        try:
            found.append(await step.difference(run))
        except Stopped as stopped:
            found.append(Difference(step.shown.name, stopped.trouble.title, step.shown.title))
    return tuple(difference for difference in found if difference is not None)


async def apply(
    plan: SetupPlan, means: Means, *, without: Collection[str] = frozenset()
) -> AsyncGenerator[Progress, None]:
    """Apply a plan, or go on where it was left; ``without`` names steps to leave out.

    Ends with ``Finished`` or ``Stuck``; expected failures are events. Raises ``HalfMade`` when another plan was left
    half made, before anything is done.
    """
    order = steps_of(plan)
    shown = tuple(step.shown for step in order)
    yield Planned(shown)
    try:
        with means.journal.held():
            run = Run(_opened(plan, means), means)
            for at, step in enumerate(order):
                if step.shown.name in without and not step.shown.needed:
                    yield Done(step.shown, Outcome.LEFT_OUT)
                    continue
                yield Began(step.shown)
                async with aclosing(_tried(step.shown, run, partial(_doing, step, run))) as events:
                    async for event in events:
                        if isinstance(event, Trouble):
                            yield _stuck(shown, at, event)
                            return
                        yield event
            _finish(run)
            yield Finished(run.record)
    except StoreUnreadable as unreadable:
        yield _stuck(shown, 0, _unwritable(unreadable))


async def undo(means: Means) -> AsyncGenerator[Progress, None]:
    """Take back what the last application of a plan did, in reverse order; finished or not.

    Ends with ``Finished`` or ``Stuck``; then call it again. With nothing to take back it ends at once.
    """
    shown: tuple[PlanStep, ...] = ()
    try:
        with means.journal.held():
            kept = means.journal.load()
            if kept is None:
                yield Finished(None)
                return
            order = [step for step in reversed(steps_of(kept.plan)) if _begun(kept, step)]
            shown = tuple(_backwards(step) for step in order)
            yield Planned(shown)
            run = Run(kept, means)
            run.keep(replace(kept, undoing=True, finished=False))
            for at, step in enumerate(order):
                yield Began(shown[at])
                work = partial(_undoing, step, run, first=at == 0)
                async with aclosing(_tried(shown[at], run, work)) as events:
                    async for event in events:
                        if isinstance(event, Trouble):
                            yield _stuck(shown, at, event)
                            return
                        yield event
            if kept.previous is not None:
                means.journal.save(kept.previous)
            else:
                means.journal.forget()
            yield Finished(None)
    except StoreUnreadable as unreadable:
        yield _stuck(shown or (PlanStep("journal", "Read what was done"),), 0, _unwritable(unreadable))


Event = Probed | Waiting | Done


async def _tried(
    step: PlanStep, run: Run, work: Callable[[], AsyncGenerator[Event, None]]
) -> AsyncGenerator[Event | Trouble, None]:
    """The events of a step; at its end it is done, or there is the trouble that it cannot be done for."""
    for attempt in range(1, _TRIES + 1):
        try:
            async with aclosing(work()) as events:
                async for event in events:
                    yield event
            return
        except (Refused, Stopped, VaultTrouble, StoreUnreadable) as error:
            trouble = _trouble(error)
        if not trouble.retry or attempt == _TRIES:
            yield trouble
            return
        # Every step looks before it makes, so that trying again makes nothing twice.
        seconds = trouble.wait or _PAUSE * attempt
        yield Waiting(step, seconds, trouble)
        await run.means.sleep(seconds)


async def _doing(step: Step, run: Run) -> AsyncGenerator[Event, None]:
    if isinstance(step, CheckStep):
        async with aclosing(step.stages(run)) as stages:
            async for stage in stages:
                yield Probed(step.shown, stage)
        result = step.result(run)
    else:
        result = await step.do(run)
    yield Done(step.shown, result.outcome, result.words)


async def _undoing(step: Step, run: Run, *, first: bool) -> AsyncGenerator[Event, None]:
    """Take back one step; the first one finds out which project this is about."""
    if first:
        await ProjectStep(run.plan).find(run)
    result = await step.undo(run)
    run.drop(step.shown.name)
    yield Done(_backwards(step), result.outcome, result.words)


def _backwards(step: Step) -> PlanStep:
    """A step as it is shown while it is taken back."""
    return replace(step.shown, title=step.shown.back or step.shown.title)


def _opened(plan: SetupPlan, means: Means) -> Journal:
    """The journal of this application: the one that was left half way, or a new one that is on the disk."""
    kept = means.journal.load()
    if kept is not None and not kept.finished:
        if kept.plan == plan and kept.base_url == means.admin.base_url and not kept.undoing:
            return kept
        raise HalfMade(left_of(kept))
    previous = None if kept is None else replace(kept, previous=None)
    opened = Journal(plan, means.admin.base_url, means.now(), previous=previous)
    means.journal.save(opened)
    return opened


def _finish(run: Run) -> None:
    """Close the journal; one that changed nothing leaves the one before it as what can be undone."""
    journal = run.journal
    if not journal.changed and journal.previous is not None:
        run.keep(journal.previous)
    else:
        run.keep(replace(journal, finished=True, previous=None))


def _begun(kept: Journal, step: Step) -> bool:
    return any(entry.step == step.shown.name for entry in kept.entries)


def _stuck(shown: Sequence[PlanStep], at: int, trouble: Trouble) -> Stuck:
    return Stuck(shown[at], trouble, tuple(shown[:at]), tuple(shown[at:]))


def _trouble(error: Exception) -> Trouble:
    if isinstance(error, Refused | Stopped):
        return error.trouble
    if isinstance(error, VaultTrouble):
        return Trouble("vault", str(error), "Nothing is lost: mend that, then try again.", Exit.VAULT)
    return _unwritable(error)


def _unwritable(error: Exception) -> Trouble:
    return Trouble("journal", str(error), "Nothing is done without a note of it: mend that, then try again.")
