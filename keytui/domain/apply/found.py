"""Finding, adopting and making: what is the same for projects, service accounts and alerts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from keytui.domain.apply.run import Outcome, Run


class Thing(Protocol):
    """Anything that the platform gives an id."""

    @property
    def id(self) -> str:
        """Its id."""
        ...


T = TypeVar("T", bound=Thing)


async def find_or_make(run: Run, step: str, there: Sequence[T], make: Callable[[], Awaitable[T]]) -> tuple[T, Outcome]:
    """The thing that a step wants: made now, made just before an interruption, or adopted.

    ``there`` are those on the platform that fit, oldest first. The ids are written down before anything is made, so
    that what an interrupted making left behind is known again: it was not there before.
    """
    facts = run.facts(step)
    known = next((thing for thing in there if thing.id == facts.get("id")), None)
    if known is not None:
        run.note(step, done=True, changes=False)
        return known, Outcome.MADE if facts.get("made") else Outcome.ADOPTED
    ours = unknown_before(run, step, there)
    if ours:
        run.note(step, done=True, id=ours[-1].id, made=True)
        return ours[-1], Outcome.MADE
    if there:
        run.note(step, done=True, changes=False, id=there[0].id, made=False)
        return there[0], Outcome.ADOPTED
    run.note(step, before=[thing.id for thing in there])
    thing = await make()
    run.note(step, done=True, id=thing.id, made=True)
    return thing, Outcome.MADE


def unknown_before(run: Run, step: str, there: Sequence[T]) -> list[T]:
    """What an interrupted making of this step left behind."""
    facts = run.facts(step)
    if "before" not in facts or facts.get("id"):
        return []
    return [thing for thing in there if thing.id not in facts["before"]]


def made_by(run: Run, step: str, there: Sequence[T]) -> list[T]:
    """What this application of the plan made and has to take back, of what is still there."""
    facts = run.facts(step)
    if facts.get("id"):
        return [thing for thing in there if thing.id == facts["id"] and facts.get("made")]
    return unknown_before(run, step, there)


def in_use(others: int) -> str:
    """Why something that this plan made is not taken away: keys are there that it did not make."""
    keys = "another key is" if others == 1 else f"{others} other keys are"
    return f"{keys} in use there, which this plan did not make"
