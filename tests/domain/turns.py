"""Turns for tests: a gateway that plays a script, a ledger of a list, prices, a clock and reservations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from keytui.domain.caps import Cap, Decision, Granted, Intent, Standing
from keytui.domain.chat import (
    TurnEvent,
)
from keytui.domain.keys import KeyKind, KeyRecord, Place
from keytui.domain.ledger import Entry
from keytui.domain.pricing import ZERO, Cost, ModelFacts, tier_name
from keytui.domain.question import ChatMessage, Question
from keytui.domain.troubles import Exit, Trouble
from keytui.domain.turn import take_turn
from keytui.domain.usage import Mark, Usage

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUESTION = Question("gpt-6-luna", (ChatMessage("user", "x" * 40),))
"""40 characters: 10 tokens by the test's counter, and 7 of message format."""
KEY = KeyRecord("k1", "work", KeyKind.PROJECT, "https://api.openai.com/v1", Place.SESSION, "7Qf4", START, project="p1")
BUSY = Trouble("rate-limited", "Too fast.", "Wait.", exit=Exit.RATE, retry=True, wait=3.0)
OVERLOADED = Trouble("overloaded", "Overloaded.", "Wait.", retry=True)
NO_CREDIT = Trouble("no-credit", "No credit.", "Buy some.", exit=Exit.CREDIT)
LINE_CUT = Trouble("cut-answer", "Cut.", "Again.", exit=Exit.NETWORK)
BILLED = Usage(input=17, output=5, mark=Mark.BILLED)


@dataclass
class Script:
    """A gateway that plays one list of events for each request; a callable among them is called (and may raise)."""

    plays: list[list[TurnEvent | Callable[[], Any]]]
    base_url: str = "https://api.openai.com/v1"
    asked: int = 0
    closed: int = 0

    async def ask(self, question: Question) -> AsyncGenerator[TurnEvent, None]:
        assert question.messages == QUESTION.messages
        play = self.plays[self.asked]
        self.asked += 1
        try:
            for event in play:
                if callable(event):
                    await event()
                else:
                    yield event
        finally:
            self.closed += 1


@dataclass
class Book:
    """A ledger of a list; ``fault`` is raised at booking."""

    entries: list[Entry] = field(default_factory=list)
    fault: Exception | None = None
    noted: list[Entry] = field(default_factory=list)

    def sent(self, entry: Entry) -> None:
        self.noted.append(entry)

    def book(self, entry: Entry) -> None:
        if self.fault:
            raise self.fault
        if entry.id not in [kept.id for kept in self.entries]:
            self.entries.append(entry)


class Flat:
    """A price book: a millionth of a dollar for a token of input, ten for one of output; the model ``odd`` has none."""

    as_of = date(2026, 11, 1)

    def cost(
        self, model: str, usage: Usage, *, tier: str | None, at: datetime, base_url: str, regional: bool = False
    ) -> Cost | None:
        name = tier_name(tier)
        if model == "odd" or name is None:
            return None
        million = Decimal("0.000001")
        return Cost(usage.input * million, ZERO, ZERO, usage.output * 10 * million, name, self.as_of, "flat")

    def facts(self, model: str) -> ModelFacts:
        return ModelFacts(model, max_output=1_000)


class Clock:
    """Time that goes on by a second whenever it is asked, and by what is slept."""

    def __init__(self) -> None:
        self.time = START
        self.slept: list[float] = []

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class Holds:
    """Reservations of one process; refuses when told to."""

    decision: Decision = field(default_factory=Granted)
    held: dict[str, Intent] = field(default_factory=dict)
    released: list[str] = field(default_factory=list)
    caps: tuple[Cap, ...] = ()

    def reserve(self, intent: Intent, caps: Any) -> Decision:
        self.caps = tuple(caps)
        if isinstance(self.decision, Granted):
            self.held[intent.id] = intent
        return self.decision

    def release(self, intent_id: str) -> None:
        self.held.pop(intent_id, None)
        self.released.append(intent_id)

    def standing(self, cap: Cap) -> Standing:
        return Standing(cap, ZERO)


def turn(gateway: Script, book: Book, clock: Clock | None = None, question: Question = QUESTION, **more: Any) -> Any:
    clock = clock or Clock()
    return take_turn(
        question,
        gateway=gateway,  # type: ignore[arg-type]
        ledger=book,  # type: ignore[arg-type]
        prices=Flat(),
        app="playground",
        conversation="c1",
        now=clock.now,
        sleep=clock.sleep,
        **{"key": KEY, "chance": lambda: 0.0, "count": lambda text: len(text) // 4} | more,
    )


async def all_of(events: Any) -> list[Any]:
    return [event async for event in events]
