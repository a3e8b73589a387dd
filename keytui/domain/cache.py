"""What the platform's prompt cache will probably give for the next request (source: openai-facts 3.5, 2026-11)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import Enum
from math import ceil

from keytui.domain.conversations import StoredMessage
from keytui.domain.pricing import Cost
from keytui.domain.thread import Thread
from keytui.domain.usage import Usage

THRESHOLD = 1_024
"""Tokens of an identical prefix below which nothing is cached."""
STEP = 128
"""Models before GPT-5.6 are served from the cache in steps of this many tokens."""
LIFE = timedelta(minutes=30)
"""How long a written prefix lives on newer models; older ones keep it for five to ten minutes."""
OLDER_LIFE = timedelta(minutes=5)

_NEWER = re.compile(r"gpt-(5\.([6-9]|\d\d)|[6-9])")

Price = Callable[[Usage], Cost | None]
"""The cost of a usage at the model, tier and address in question."""


class State(Enum):
    """How things stand with the cache."""

    NEW = "nothing sent yet"
    SHORT = "too short"
    """What was sent is below the threshold."""
    OTHER = "another model"
    """What was sent went to another model; each has its own cache."""
    OVER = "run out"
    WARM = "warm"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the next request may expect of the cache."""

    state: State
    cached: int = 0
    """Input tokens that will probably be read from it."""
    until: datetime | None = None
    """When it runs out; None unless it is warm."""
    lost: int = 0
    """Tokens that it still holds and that an edit of an earlier message has put out of reach."""


def exact_steps(model: str) -> bool:
    """Whether a model is served from the cache to the token, and pays for writing to it."""
    return bool(_NEWER.match(model))


def outlook(thread: Thread, model: str, now: datetime) -> Outlook:
    """What the next request may expect.

    It begins with all of the last one, so that one's input is the common prefix: nothing when it was short, went to
    another model, or is too long ago. What the branch that was left had in the cache beyond that is lost.
    """
    here = _after(_last_answer(thread.messages), model, now)
    left = _after(thread.left, model, now)
    return Outlook(here.state, here.cached, here.until, max(0, left.cached - here.cached))


def _last_answer(messages: Sequence[StoredMessage]) -> StoredMessage | None:
    return next((one for one in reversed(messages) if one.role == "assistant" and one.usage is not None), None)


def _after(answer: StoredMessage | None, model: str, now: datetime) -> Outlook:
    if answer is None or answer.usage is None:
        return Outlook(State.NEW)
    if answer.model != model:
        return Outlook(State.OTHER)
    if answer.usage.input < THRESHOLD:
        return Outlook(State.SHORT)
    until = answer.at + (LIFE if exact_steps(model) else OLDER_LIFE)
    if now > until:
        return Outlook(State.OVER)
    usage = answer.usage
    tokens = (usage.cached + usage.written or usage.input) if exact_steps(model) else usage.input // STEP * STEP
    return Outlook(State.WARM, tokens, until)


@dataclass(frozen=True, slots=True)
class CachePrice:
    """What the cache costs and saves with the next request, USD; None where there is no price."""

    lost: Decimal | None = None
    """What an edit has made dearer: the lost tokens at the plain price instead of the cached one."""
    surcharge: Decimal | None = None
    """What writing the new part costs beside its plain price; zero on models that do not charge for it."""
    reads: int = 0
    """Readings after which the surcharge has paid for itself; 0 where there is none."""


def cache_price(tokens: int, expected: Outlook, price: Price) -> CachePrice:
    """The money side of an outlook, for a request of so many input tokens."""
    lost = surcharge = None
    reads = 0
    if expected.lost:
        plain, cached = price(Usage(input=expected.lost)), price(Usage(input=expected.lost, cached=expected.lost))
        if plain and cached:
            lost = plain.total - cached.total
    new = tokens - expected.cached
    if tokens >= THRESHOLD and new > 0:
        plain, written = price(Usage(input=new)), price(Usage(input=new, written=new))
        cached = price(Usage(input=new, cached=new))
        if plain and written and cached:
            surcharge = max(written.total - plain.total, Decimal(0))
            gain = plain.total - cached.total
            if surcharge and gain > 0:
                reads = int((surcharge / gain).to_integral_value(ROUND_CEILING))
    return CachePrice(lost, surcharge, reads)


def left_in_words(until: datetime, now: datetime) -> tuple[str, float]:
    """How long something still lasts, and the seconds after which that reads otherwise.

    Whole minutes, and tens of seconds only in the last one: a figure that ticks is painted, and sent over ssh, anew.
    """
    seconds = (until - now).total_seconds()
    if seconds <= 0:
        return "run out", 0.0
    if seconds > 60:
        # At a full minute the next lower one is said, which then holds for the whole minute to come.
        minutes = ceil(seconds / 60) - 1
        return f"{minutes} min left", seconds - 60 * minutes
    step = 10
    return f"{int(-(-seconds // step) * step)} s left", seconds % step or float(step)
