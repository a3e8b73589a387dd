"""Letting a paid request through: situation, credit, spend limits and rate limits."""

from __future__ import annotations

import math
from decimal import Decimal

from keytui.servers.practice import errors
from keytui.servers.practice.access import Caller
from keytui.servers.practice.catalog import Model
from keytui.servers.practice.inference import Call


def admit(call: Call, caller: Caller, model: Model, *, asked: int, stream: bool, tier: str) -> None:
    """Let a request through, or refuse it: situation, credit, spend limits, then rate limits. Raises 400, 429 or 5xx.

    ``asked`` are the tokens that the limiter charges. The limits' headers are added to the call either way.
    """
    world = call.context.world
    situation = caller.situation
    if situation is not None and situation.refusal is not None:
        concerned = (stream or not situation.streaming_only) and situation.tier in (None, tier)
        if concerned:
            raise situation.refuse(masked=caller.key.redacted, model=model.id, organization=world.id)
    now = world.now
    if world.credit <= 0:
        raise errors.no_credit()
    project = caller.project
    if project.spend_cents is not None and over(world.book.spent(now, project.id), project.spend_cents):
        raise errors.project_spend_limit()
    if world.spend_cents is not None and over(world.book.spent(now), world.spend_cents):
        raise errors.organization_spend_limit()
    standing = world.standing(project, model, situation)
    waits = {
        "requests": (standing.requests.wait(1, now), standing.requests, 1),
        "tokens": (standing.tokens.wait(asked, now), standing.tokens, asked),
    }
    # What waiting cannot cure is said first.
    kind, (wait, bucket, amount) = max(waits.items(), key=lambda each: each[1][0])
    if wait == 0:
        standing.requests.take(1)
        standing.tokens.take(asked)
        call.headers.update(standing.headers(now))
        return
    call.headers.update(standing.headers(now))
    if math.isinf(wait):
        if kind == "requests":
            raise errors.limit_zero(model.id, world.id)
        raise errors.too_large(model.id, world.id, bucket.limit, asked)
    call.headers["retry-after"] = str(math.ceil(wait))
    call.headers["retry-after-ms"] = str(math.ceil(wait * 1000))
    used = bucket.limit - int(bucket.level)
    raise errors.rate_limited(model.id, world.id, kind, bucket.limit, used, amount, wait)


def over(spent: Decimal, cents: int) -> bool:
    """Whether a spend in USD has reached a threshold in cents."""
    return spent * 100 >= cents
