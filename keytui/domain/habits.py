"""What a month is reckoned from: what somebody expects to send, or what the ledger says of their key so far."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from keytui.domain.advice import Demand, Measured
from keytui.domain.keys import KeyKind, KeyRecord, KeyStore
from keytui.domain.ledger import Ledger
from keytui.domain.real_use import ENOUGH_REQUESTS, RealUse, real_use
from keytui.domain.setup import Habit, Progress
from keytui.domain.turn import Background


async def begun(progress: Progress, *, keys: KeyStore, ledger: Ledger, now: datetime, background: Background) -> Habit:
    """The habit that the reckoning begins with: real use, unless something was chosen or there is too little of it.

    Raises ``StoreUnreadable``.
    """
    record = key_in_question(progress, await background(keys.records), await background(keys.active))
    if progress.habit != Habit() or record is None:
        return progress.habit
    return habit_of(await background(partial(real_use, ledger, record, now))) or progress.habit


def key_in_question(progress: Progress, records: Iterable[KeyRecord], active: KeyRecord | None) -> KeyRecord | None:
    """The key that a walk is about: the one it came to, one of the plan's project, or else the one in use."""
    usable = [record for record in records if record.kind is not KeyKind.ADMIN]
    for record in usable:
        if record.id == progress.key_id:
            return record
    for record in usable:
        if progress.plan.project.name in (record.project_name, record.name):
            return record
    return active


def habit_of(use: RealUse) -> Habit | None:
    """The habit that real use shows; None while there is too little of it."""
    spend, requests = use.spend, use.spend.requests
    if requests < ENOUGH_REQUESTS:
        return None
    return Habit(
        messages_a_day=max(1, round(requests / use.days)),
        message="",
        answer=round(spend.output / requests),
        sent=round(spend.input / requests),
        cached=round(spend.cached / requests),
        written=round(spend.written / requests),
    )


def demand_of(habit: Habit, message: int) -> Demand | Measured:
    """The demand of a habit; ``message`` is the count of its message, for when one was written."""
    if habit.measured:
        return Measured(habit.messages_a_day, habit.sent, habit.answer, habit.cached, habit.written)
    return Demand(habit.messages_a_day, message, habit.answer, habit.together)
