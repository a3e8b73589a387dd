"""What one request of another program may cost at most, and what is booked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from keytui.domain.booking import COST_HEADERS, STATED, Count, Heard, entry_for, worst_case
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.margins import LONGEST_ANSWER
from keytui.domain.metered import Kind, Metered
from keytui.domain.pricing import STANDARD, ZERO, Cost, PriceBook, as_amount
from keytui.domain.usage import Usage

WHOLE_CONTEXT = 1_050_000
"""Tokens of the longest context there is (openai-facts 3.7): assumed for text that lies on the server."""

NOT_BILLED = "Nothing is billed for this."
FROM_CACHE = "Answered from keytui's cache; nothing was sent."


def worst_of(call: Metered, *, prices: PriceBook, count: Count, at: datetime, base_url: str) -> Decimal | None:
    """USD that a request may cost at most, None when that cannot be said; without the fees of a server's tools."""
    if call.kind is Kind.FREE:
        return ZERO
    if not call.kind.priced or call.unread:
        return None
    worst = worst_case(call.question, prices=prices, count=count, at=at, base_url=base_url)
    if call.hidden and worst is not None:
        facts = prices.facts(call.question.model)
        context = facts.max_input or facts.context or WHOLE_CONTEXT
        longest = call.question.parameters.max_output or facts.max_output or LONGEST_ANSWER
        usage = Usage(input=context, written=context, output=longest)
        tier = call.question.parameters.tier
        cost = prices.cost(call.question.model, usage, tier=tier, at=at, base_url=base_url)
        worst = max(worst, cost.total) if cost else None
    return worst if worst is None else worst * call.copies


def booked(
    call: Metered,
    heard: Heard,
    *,
    key: KeyRecord,
    base_url: str,
    prices: PriceBook,
    count: Count,
    outcome: Outcome,
    error: str | None,
    at: datetime,
    whole: bool = True,
) -> Entry:
    """The entry of a request that ended at ``at``.

    Not ``whole``: the answer could not be read, or comes later, so its tokens are not known and neither is the cost,
    unless the server stated it.
    """
    heard.endpoint = call.endpoint
    heard.headers = _cost_headers(heard.headers, call.stream)
    entry = entry_for(
        call.question,
        heard,
        entry_id=call.id,
        key=key,
        app=call.program,
        conversation=None,
        base_url=base_url,
        prices=prices,
        count=count,
        outcome=outcome,
        error=error,
        at=at,
    )
    if call.kind is Kind.FREE:
        return replace(entry, usage=Usage(), cost=_nothing(call.sent.date(), NOT_BILLED))
    if outcome is Outcome.FAILED or (entry.cost is not None and entry.cost.source == STATED):
        return entry
    reported = heard.reported is not None and heard.reported.usage is not None
    if call.kind.priced and (reported or (whole and not call.hidden and not call.unread)):
        return entry
    # At least one token: an entry without any would pass for one that is known to have cost nothing.
    return replace(entry, cost=None, usage=entry.usage if entry.usage.total else replace(entry.usage, input=1))


def booked_hit(call: Metered, *, key: KeyRecord, base_url: str, saved: Decimal | None, at: datetime) -> Entry:
    """The entry of a request that was answered from the cache: it cost nothing, and what it saved is noted."""
    return Entry(
        id=call.id,
        at=call.sent,
        key_id=key.id,
        key_name=key.name,
        project=key.project,
        app=call.program,
        conversation=None,
        endpoint=call.endpoint,
        base_url=base_url,
        model=call.question.model,
        served=None,
        tier=call.question.parameters.tier,
        usage=Usage(),
        cost=replace(_nothing(at.date(), FROM_CACHE), saved=saved or ZERO),
        outcome=Outcome.FINISHED,
        seconds=max((at - call.sent).total_seconds(), 0.0),
    )


def _cost_headers(headers: Mapping[str, str], stream: bool) -> dict[str, str]:
    """The headers that state a cost. At the head of a stream nothing is known yet: a zero there states nothing."""
    stated = {name: headers[name] for name in COST_HEADERS if name in headers}
    return {name: value for name, value in stated.items() if not stream or as_amount(value)}


def _nothing(as_of: date, note: str) -> Cost:
    return Cost(ZERO, ZERO, ZERO, ZERO, STANDARD, as_of, "no tokens", note=note)
