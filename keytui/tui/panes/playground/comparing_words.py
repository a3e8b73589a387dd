"""What is said above each of several answers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from keytui.domain.conversations import StoredMessage
from keytui.domain.money import dollars
from keytui.domain.progress import speed
from keytui.domain.usage import Mark
from keytui.tui.panes.playground.answering import Answering
from keytui.tui.panes.playground.words import OUTCOMES
from keytui.tui.widgets.answer_column import ColumnFacts

PHASES = {"sent": "sent", "accepted": "accepted", "thinking": "thinking", "writing": "writing"}


def facts_of_coming(number: int, one: Answering) -> ColumnFacts:
    """An answer that still comes: what this machine has counted of it."""
    progress = one.progress
    state = PHASES.get(progress.phase) or f"again in {progress.wait:.0f} s"
    figures = [f"~{progress.output:,} out"] if progress.output else []
    figures += _pace(progress.speed, progress.first_token)
    figures.append(f"{progress.seconds:.0f} s")
    return ColumnFacts(number, one.message.model or "", state, tuple(figures), trouble=progress.phase == "waiting")


def facts_of(number: int, answer: StoredMessage) -> ColumnFacts:
    """An answer that has come: what it took."""
    state = OUTCOMES.get(answer.outcome, "finished")
    figures: list[str] = []
    if (usage := answer.usage) is not None:
        sign = "" if usage.mark is Mark.BILLED else "~"
        figures.append("$?" if answer.cost is None else sign + dollars(Decimal(answer.cost)))
        figures += [f"{sign}{usage.input:,} in", f"{sign}{usage.output:,} out"]
        if usage.reasoning:
            figures.append(f"{usage.reasoning:,} reasoning")
        if answer.seconds is not None:
            figures += _pace(
                speed(usage.output - usage.reasoning, answer.seconds, answer.first_token), answer.first_token
            )
    return ColumnFacts(number, answer.model or "", state, tuple(figures), trouble=answer.outcome in OUTCOMES)


def _pace(tokens_a_second: float | None, first_token: float | None) -> list[str]:
    pace = [] if tokens_a_second is None else [f"{tokens_a_second:,.0f} tok/s"]
    return pace if first_token is None else [*pace, f"first text {first_token:.1f} s"]


def together(answers: Sequence[StoredMessage]) -> str:
    """What all answers cost together, as far as they are booked; empty while none is."""
    booked = [answer for answer in answers if answer.usage is not None]
    if not booked:
        return ""
    if any(answer.cost is None for answer in booked):
        return f"{len(booked)} answers, $?"
    sign = "" if all(answer.usage and answer.usage.mark is Mark.BILLED for answer in booked) else "~"
    cost = sum((Decimal(answer.cost or 0) for answer in booked), Decimal(0))
    return f"{len(booked)} answers, {sign}{dollars(cost)}" if len(booked) > 1 else ""
