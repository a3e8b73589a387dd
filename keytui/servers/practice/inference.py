"""What every paid request goes through: the call, its prompt in the cache, its answer and its bill."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from starlette.requests import Request

from keytui.domain.tokens import Tokenizer
from keytui.domain.usage import Mark, Usage
from keytui.servers.practice import bodies, identity
from keytui.servers.practice.access import Caller
from keytui.servers.practice.bodies import Body
from keytui.servers.practice.cache import LIFE, LONG_LIFE
from keytui.servers.practice.catalog import Model
from keytui.servers.practice.errors import ApiError
from keytui.servers.practice.generation import Generation
from keytui.servers.practice.ledger import Served
from keytui.servers.practice.parameters import PRICED_AS, CacheWish
from keytui.servers.practice.prompt import Message, Prompt, lay_out
from keytui.servers.practice.situations import Situation
from keytui.servers.practice.world import World

LARGE = 200_000
"""Characters above which a prompt is laid out in a thread, so that other answers do not stand still meanwhile."""


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
        size = int(length) if length.isascii() and length.isdigit() else 0
        read = bytearray()
        if size <= bodies.MAX_BYTES:
            async for part in self.request.stream():
                read += part
                size = max(size, len(read))
                if size > bodies.MAX_BYTES:
                    break
        if size > bodies.MAX_BYTES:
            raise ApiError(413, "The request is larger than the server takes.")
        return bodies.parse(bytes(read))

    def known(self, caller: Caller) -> None:
        """Say in the headers whose key it is."""
        self.headers["openai-organization"] = self.context.world.id
        self.headers["openai-project"] = caller.project.id


async def lay_out_prompt(context: Context, messages: Sequence[Message], tools: str) -> Prompt:
    """The tokens of a prompt; a large one is encoded beside the loop."""
    if len(tools) + sum(len(message.text) for message in messages) > LARGE:
        return await asyncio.to_thread(lay_out, messages, tools, context.tokenizer)
    return lay_out(messages, tools, context.tokenizer)


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

    @property
    def cut(self) -> bool:
        """Whether the line is to break in the middle of the answer."""
        return self.caller.situation is not None and self.caller.situation.cut

    @property
    def breaks(self) -> bool:
        """Whether the server is to fail in the middle of the answer."""
        return self.caller.situation is not None and self.caller.situation.breaks

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
    """After how many frames the answer ends too early; None when it does not."""
    early = situation is not None and (situation.cut or situation.breaks)
    return frames // 2 if early else None


def obfuscation(index: int, size: int) -> str:
    """Padding for a streamed piece, so that its length does not tell what it is; cheap, because it need not be new."""
    length = (16 - size) % 16 + 1
    return _NOISE[index % 997 : index % 997 + length]


_NOISE = identity.identifier("", 1024)
