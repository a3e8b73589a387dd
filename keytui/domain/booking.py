"""From what was heard of a request to its entry in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from random import SystemRandom

from keytui.domain.chat import Delta, Reported, Started, Thinking, TurnEvent
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.margins import HIDDEN_INPUT, INPUT_MARGIN, LONGEST_ANSWER
from keytui.domain.overhead import estimate
from keytui.domain.pricing import STANDARD, ZERO, Cost, PriceBook, as_amount, tier_name
from keytui.domain.question import Question
from keytui.domain.tokens import rough_count
from keytui.domain.usage import Usage

COST_HEADERS = ("x-litellm-response-cost",)
"""Response headers in which gateways state what a request cost, in USD (openai-facts 8.9)."""

STATED = "gateway"
"""The source of a cost that the server stated itself, be it nothing."""

NOT_SEEN = "Estimated on this machine; reasoning that was not shown is not in it."

_random = SystemRandom()

Count = Callable[[str], int | None]
"""Tokens of a text for the model in question; None while the encoder cannot say."""


def new_id(at: datetime) -> str:
    """A new entry's id: unique, and in the order of time, which keeps the ledger's index compact."""
    return f"{int(at.timestamp() * 1000):012x}{_random.getrandbits(64):016x}"


@dataclass(slots=True)
class Heard:
    """What was heard of one request so far. Changed by ``take`` while its events come in."""

    sent: datetime
    endpoint: str | None = None
    """None until the server took the request."""
    headers: Mapping[str, str] = field(default_factory=dict)
    first_text: datetime | None = None
    thought: bool = False
    pieces: list[str] = field(default_factory=list)
    reported: Reported | None = None

    def take(self, event: TurnEvent, at: datetime) -> None:
        """Take in one event."""
        match event:
            case Started():
                self.endpoint, self.headers = event.endpoint, event.headers
            case Delta(text):
                self.first_text = self.first_text or at
                self.pieces.append(text)
            case Thinking(text):
                self.thought = True
                self.pieces.append(text)
            case Reported():
                self.reported = event

    @property
    def began(self) -> bool:
        """Whether any part of an answer arrived."""
        return bool(self.pieces) or self.thought


def priced(
    prices: PriceBook,
    *,
    model: str,
    usage: Usage,
    tier: str | None,
    at: datetime,
    base_url: str,
    stated: str | None = None,
) -> Cost | None:
    """The cost of a usage: what the server itself stated, else the price book's; None when neither knows."""
    amount = as_amount(stated)
    if amount is None:
        return prices.cost(model, usage, tier=tier, at=at, base_url=base_url)
    return Cost(
        ZERO,
        ZERO,
        ZERO,
        ZERO,
        tier=tier_name(tier) or tier or STANDARD,
        as_of=at.date(),
        source=STATED,
        note="Stated by the server, as a whole.",
        other=amount,
    )


def entry_for(
    question: Question,
    heard: Heard,
    *,
    entry_id: str,
    key: KeyRecord,
    app: str,
    conversation: str | None,
    base_url: str,
    prices: PriceBook,
    count: Count,
    outcome: Outcome,
    error: str | None,
    at: datetime,
) -> Entry:
    """The entry of a request that ended at ``at``.

    Tokens are the server's where it reported them; of a refused request there are none; else they are counted here: the
    whole question, and what had arrived of the answer.
    """
    reported = heard.reported or Reported(None)
    usage = reported.usage
    estimated = usage is None and outcome is not Outcome.FAILED
    if usage is None:
        usage = _counted_here(question, heard, count) if estimated else Usage()
    stated = reported.cost_usd or next((heard.headers[name] for name in COST_HEADERS if name in heard.headers), None)
    # A stopped answer's tier is not reported; the one that was asked for is the best guess.
    tier = reported.tier or question.parameters.tier
    cost = priced(prices, model=question.model, usage=usage, tier=tier, at=heard.sent, base_url=base_url, stated=stated)
    if cost is None and outcome is Outcome.FAILED and not usage.total:
        cost = Cost(
            ZERO, ZERO, ZERO, ZERO, STANDARD, heard.sent.date(), "no tokens", note="Refused; nothing is billed."
        )
    elif cost is not None and estimated and cost.source != STATED:
        cost = replace(cost, note=f"{cost.note} {NOT_SEEN}".strip())
    return Entry(
        id=entry_id,
        at=heard.sent,
        key_id=key.id,
        key_name=key.name,
        project=key.project,
        app=app,
        conversation=conversation,
        endpoint=heard.endpoint or "chat",
        base_url=base_url,
        model=question.model,
        served=reported.model,
        tier=tier,
        usage=usage,
        cost=cost,
        outcome=outcome,
        seconds=max((at - heard.sent).total_seconds(), 0.0),
        first_token=max((heard.first_text - heard.sent).total_seconds(), 0.0) if heard.first_text else None,
        error=error,
    )


def repriced(entry: Entry, prices: PriceBook, at: datetime) -> Cost | None:
    """What the tokens of an entry would cost at the prices of another moment; the entry keeps its own.

    None where the book has no price, and where the cost was stated as a whole: by the server, or by the platform.
    """
    if entry.cost is not None and (entry.cost.other or entry.cost.source == STATED):
        return None
    return prices.cost(entry.model, entry.usage, tier=entry.tier, at=at, base_url=entry.base_url)


def worst_case(question: Question, *, prices: PriceBook, count: Count, at: datetime, base_url: str) -> Decimal | None:
    """USD that a question may cost at most: nothing cached, everything written, the longest answer. None: no price.

    A project whose default tier is dearer than the one asked for can still cost more; so can a server that ignores the
    limit on the answer's length.
    """
    counted = estimate(question, _at_most(count)).total
    tokens = int(counted * INPUT_MARGIN) + HIDDEN_INPUT
    longest = question.parameters.max_output or prices.facts(question.model).max_output or LONGEST_ANSWER
    usage = Usage(input=tokens, written=tokens, output=longest)
    cost = prices.cost(question.model, usage, tier=question.parameters.tier, at=at, base_url=base_url)
    return cost.total if cost else None


def _counted_here(question: Question, heard: Heard, count: Count) -> Usage:
    surely = _surely(count)
    return Usage(input=estimate(question, surely).total, output=surely("".join(heard.pieces)) if heard.pieces else 0)


def _at_most(count: Count) -> Callable[[str], int]:
    """A count that is never too low by much: where the encoder cannot say, a token for every byte."""

    def most(text: str) -> int:
        counted = count(text)
        return len(text.encode("utf-8", "surrogatepass")) if counted is None else counted

    return most


def _surely(count: Count) -> Callable[[str], int]:
    """A count that always answers: roughly, where the encoder cannot."""

    def sure(text: str) -> int:
        counted = count(text)
        return rough_count(text) if counted is None else counted

    return sure
