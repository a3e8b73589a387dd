"""What every paid request goes through: its model and tier, its limits, its prompt in the cache, its bill."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from starlette.requests import Request

from keytui.domain.tokens import Tokenizer
from keytui.domain.usage import Mark, Usage
from keytui.servers.practice import bodies, errors, identity
from keytui.servers.practice.access import Caller
from keytui.servers.practice.bodies import Body
from keytui.servers.practice.cache import LIFE, LONG_LIFE
from keytui.servers.practice.catalog import Model
from keytui.servers.practice.errors import ApiError
from keytui.servers.practice.generation import Generation
from keytui.servers.practice.ledger import Served
from keytui.servers.practice.organization import Project
from keytui.servers.practice.prompt import Message, Prompt, lay_out
from keytui.servers.practice.situations import Situation
from keytui.servers.practice.world import World

LARGE = 200_000
"""Characters above which a prompt is laid out in a thread, so that other answers do not stand still meanwhile."""
PRICED_AS = {"fast": "fast", "priority": "fast", "flex": "flex", "ultrafast": "ultrafast"}
"""Tiers of replies, and the row of the price list they are billed by (openai-facts 3.4)."""


@dataclass(frozen=True, slots=True)
class Context:
    """What all pages share."""

    world: World
    tokenizer: Tokenizer
    rate: float | None
    """Tokens a second of an answer; None: as fast as possible."""


@dataclass(slots=True)
class Call:
    """One request on its way through a page. Headers that a page finds out are added to ``headers``."""

    context: Context
    request: Request
    id: str
    headers: dict[str, str] = field(default_factory=dict)

    async def body(self) -> Body:
        """The JSON body. Raises 400 or 413."""
        length = self.request.headers.get("content-length", "")
        if length.isdigit() and int(length) > bodies.MAX_BYTES:
            raise ApiError(413, "The request is larger than the server takes.")
        return bodies.parse(await self.request.body())

    def known(self, caller: Caller) -> None:
        """Say in the headers whose key it is."""
        self.headers["openai-organization"] = self.context.world.id
        self.headers["openai-project"] = caller.project.id


def allowed(model: str, project: Project, situation: Situation | None) -> bool:
    """Whether a project may use a model, the situation included."""
    if situation is not None and situation.models is not None and model not in situation.models:
        return False
    return project.models is None or project.models.allows(model)


def find_model(world: World, caller: Caller, name: str, kind: str) -> Model:
    """The model of a request. Raises 404 when there is none, or when the project may not use it."""
    model = next((m for m in world.models() if m.id == name), None)
    if model is None:
        raise errors.model_not_found(name)
    if not allowed(name, caller.project, caller.situation):
        raise errors.model_not_allowed(name, caller.project.id)
    if model.kind != kind:
        raise ApiError(404, f"This is not a {kind} model and thus not supported in this endpoint.", param="model")
    return model


def find_tier(caller: Caller, model: Model, asked: str | None, *, responses: bool) -> str:
    """The service tier that a reply names. Raises 400 when the model or the project does not allow it."""
    settings = caller.project.tiers
    if asked in (None, "auto"):
        wanted = settings.default
        tier = "fast" if wanted == "fast" and "fast" in model.prices else "default"
        return tier if settings.allows(tier) else "default"
    if asked in ("default", "scale"):
        # Scale is capacity that was bought beforehand; without any the platform serves the default tier.
        return "default"
    tier = str(asked)
    row = PRICED_AS.get(tier)
    known = row is not None and row in model.prices and (row != "ultrafast" or responses)
    if not known:
        raise errors.invalid(
            f"Invalid service_tier argument. '{tier}' is not available for the model '{model.id}'.", "service_tier"
        )
    if not settings.allows(str(row)):
        raise errors.invalid(
            f"Invalid service_tier argument. '{tier}' is not enabled for project '{caller.project.id}'.",
            "service_tier",
        )
    return tier


def effort_of(model: Model, asked: str | None, param: str) -> str:
    """The reasoning effort of a request. Raises 400 for one that the model does not take."""
    if asked is None:
        return model.default_effort or "none"
    if not model.reasons:
        raise errors.invalid(
            f"Unsupported parameter: '{param}' is not supported with this model.", param, "unsupported_parameter"
        )
    if asked not in model.efforts:
        raise errors.invalid(
            f"Unsupported value: '{asked}' is not supported with the '{model.id}' model. Supported values are: "
            f"{bodies.listed(model.efforts)}.",
            param,
            "unsupported_value",
        )
    return asked


SAMPLING = ("top_p", "logprobs", "top_logprobs", "presence_penalty", "frequency_penalty", "stop")


def check_sampling(body: Body, model: Model, effort: str) -> None:
    """Refuse what reasoning models do not take while they reason (openai-facts 3.3)."""
    temperature = body.number("temperature", 0, 2)
    top_p = body.number("top_p", 0, 1)
    if not model.reasons or effort == "none":
        return
    if temperature not in (None, 1):
        raise errors.invalid(
            f"Unsupported value: 'temperature' does not support {temperature:g} with this model. Only the default (1) "
            "value is supported.",
            "temperature",
            "unsupported_value",
        )
    for name in SAMPLING:
        neutral = body.fields.get(name) in (None, False, 0) or (name == "top_p" and top_p == 1)
        if not neutral:
            raise errors.invalid(
                f"Unsupported parameter: '{name}' is not supported with this model.", name, "unsupported_parameter"
            )


def check_tools(body: Body, project: Project) -> str:
    """The tools of a request as text, for counting. Raises 400 for hosted tools that the project has switched off."""
    tools = body.parts("tools")
    if not tools:
        return ""
    for tool in tools:
        kind = tool.required_text("type")
        hosted = next((name for name in project.tools if kind.startswith(name)), None)
        if hosted is not None and not project.tools[hosted]:
            raise errors.invalid(f"Hosted tool '{hosted}' is not enabled for project '{project.id}'.", "tools")
    return json.dumps([tool.fields for tool in tools], separators=(",", ":"))


async def lay_out_prompt(context: Context, messages: Sequence[Message], tools: str) -> Prompt:
    """The tokens of a prompt; a large one is encoded beside the loop."""
    if len(tools) + sum(len(message.text) for message in messages) > LARGE:
        return await asyncio.to_thread(lay_out, messages, tools, context.tokenizer)
    return lay_out(messages, tools, context.tokenizer)


@dataclass(frozen=True, slots=True)
class CacheWish:
    """What a request says about the prompt cache."""

    key: str | None = None
    explicit: bool = False
    """Keep only what is marked with a breakpoint."""
    long: bool = False
    """Keep it for twelve hours instead of thirty minutes."""


def cache_wish(body: Body, model: Model, *, lives: Sequence[str]) -> CacheWish:
    """Read ``prompt_cache_key`` and ``prompt_cache_options``. Raises 400."""
    options = body.part("prompt_cache_options")
    key = body.text("prompt_cache_key")
    body.choice("prompt_cache_retention", ("in_memory", "24h"))
    if options is None:
        return CacheWish(key)
    if not model.bills_writes:
        name = "prompt_cache_options"
        raise errors.invalid(
            f"Unsupported parameter: '{name}' is not supported with this model.", name, "unsupported_parameter"
        )
    explicit = options.choice("mode", ("implicit", "explicit")) == "explicit"
    return CacheWish(key, explicit, options.choice("ttl", lives) == "12h")


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


def read_cache(context: Context, caller: Caller, model: Model, prompt: Prompt, wish: CacheWish) -> Usage:
    """The input side of a usage: what was read from the cache, and what this prompt leaves there."""
    cacheable = prompt.breakpoint if wish.explicit else prompt.end
    hit = context.world.cache.use(
        (caller.project.id, model.id, wish.key),
        prompt.tokens,
        cacheable,
        exact=model.bills_writes,
        now=context.world.now,
        life=LONG_LIFE if wish.long else LIFE,
    )
    return Usage(
        input=len(prompt),
        cached=hit.cached,
        written=hit.written,
        written_12h=hit.written if wish.long else 0,
        mark=Mark.BILLED,
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """A request that was let through and its answer: what it used, what it costs, and how it is booked."""

    context: Context
    caller: Caller
    request_id: str
    endpoint: str
    model: Model
    tier: str
    """As the reply names it."""
    read: Usage
    """The input side."""
    generation: Generation
    stream: bool
    copies: int = 1
    """How many answers were asked for (``n``)."""

    def usage(self, frames: int | None = None) -> Usage:
        """The usage after a number of frames of the answer; None: the whole answer.

        Of several answers a frame is one piece of each in turn; reasoning is billed as soon as the stream has begun.
        """
        tokens = self.generation.pieces.tokens
        if frames is None:
            visible = sum(tokens) * self.copies
        else:
            rounds, rest = divmod(frames, len(tokens)) if tokens else (0, 0)
            visible = sum(tokens) * rounds + sum(tokens[:rest])
        reasoning = self.generation.reasoning * self.copies
        return replace(self.read, output=reasoning + visible, reasoning=reasoning)

    def settle(self, frames: int, whole: bool) -> None:
        """Book the answer, or what went out of it."""
        usage = self.usage(None if whole else frames)
        world = self.context.world
        world.serve(
            Served(
                id=self.request_id,
                at=world.now,
                project_id=self.caller.project.id,
                api_key_id=self.caller.key.id,
                user_id=self.caller.user_id or world.owner.id,
                endpoint=self.endpoint,
                model=self.model.id,
                tier=self.tier,
                usage=usage,
                cost=self.model.cost(usage, PRICED_AS.get(self.tier, "default")),
                outcome="finished" if whole else "stopped",
                stream=self.stream,
            )
        )


def pace(context: Context, situation: Situation | None) -> tuple[float | None, float]:
    """Tokens a second and seconds of waiting for an answer, the situation included."""
    if situation is None or situation.rate is None:
        return context.rate, 0.0 if situation is None else situation.wait
    return situation.rate, situation.wait


def cut_after(situation: Situation | None, frames: int) -> int | None:
    """After how many frames the line breaks; None when it holds."""
    return frames // 2 if situation is not None and situation.cut else None


def obfuscation(index: int, size: int) -> str:
    """Padding for a streamed piece, so that its length does not tell what it is; cheap, because it need not be new."""
    length = (16 - size) % 16 + 1
    return _NOISE[index % 997 : index % 997 + length]


_NOISE = identity.identifier("", 1024)


def metadata_of(body: Body) -> Mapping[str, object]:
    """The metadata of a request: at most 16 pairs of strings. Raises 400."""
    part = body.part("metadata")
    if part is None:
        return {}
    for name in part.fields:
        part.text(name)
    return part.fields
