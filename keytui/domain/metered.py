"""One request of another program: what it asks for, what it may cost, and what is booked of it.

Bodies are read as plain JSON and every field is guarded: nothing in them was written by keytui.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from keytui.domain.booking import COST_HEADERS, STATED, Count, Heard, entry_for, worst_case
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.margins import LONGEST_ANSWER
from keytui.domain.pricing import STANDARD, ZERO, Cost, PriceBook, as_amount
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.usage import Usage

Payload = Mapping[str, Any]

IMAGE = " image" * 1_700
"""Stands for a picture: about the tokens of a large one. What a picture really takes, only the server knows."""

WHOLE_CONTEXT = 1_050_000
"""Tokens of the longest context there is (openai-facts 3.7): assumed for text that lies on the server."""

NOT_BILLED = "Nothing is billed for this."
FROM_CACHE = "Answered from keytui's cache; nothing was sent."

_NOT_TEXT = frozenset({"type", "role", "id", "call_id", "status", "detail", "name", "format", "file_id", "filename"})
_PICTURES = frozenset({"image_url", "input_image"})
_ELSEWHERE = frozenset({"file", "input_file", "input_audio", "item_reference", "computer_screenshot"})
_STORED = ("previous_response_id", "conversation", "prompt")


class Kind(Enum):
    """What a request is, as far as its bill is concerned."""

    CHAT = "chat"
    RESPONSES = "responses"
    COMPLETIONS = "completions"
    EMBEDDINGS = "embeddings"
    FREE = "free"
    """Lists, looks things up, uploads: nothing is billed."""
    OTHER = "other"
    """May be billed in a way that keytui does not know."""

    @property
    def priced(self) -> bool:
        """Whether tokens are all that is billed, at the model's list price."""
        return self not in (Kind.FREE, Kind.OTHER)


_KINDS = {
    "/chat/completions": Kind.CHAT,
    "/completions": Kind.COMPLETIONS,
    "/responses": Kind.RESPONSES,
    "/responses/compact": Kind.RESPONSES,
    "/embeddings": Kind.EMBEDDINGS,
}
_FREE_POSTS = ("/models", "/files", "/uploads", "/moderations", "/responses/input_tokens", "/conversations")


@dataclass(frozen=True, slots=True)
class Metered:
    """A request as metering sees it."""

    id: str
    """The id that it is booked under."""
    program: str
    sent: datetime
    kind: Kind
    path: str
    """Below ``/v1``, without the query."""
    question: Question
    stream: bool = False
    copies: int = 1
    """How many answers were asked for (``n``)."""
    hidden: bool = False
    """Whether a part of the input is not in the body: an earlier response, a stored prompt, a file."""
    unread: bool = False
    """Whether the body could not be read."""


def kind_of(method: str, path: str) -> Kind:
    """What a request to a path below ``/v1`` is."""
    if method in ("GET", "HEAD", "OPTIONS", "DELETE"):
        return Kind.FREE
    path = path.rstrip("/")
    if method == "POST" and path in _KINDS:
        return _KINDS[path]
    if path.endswith("/cancel") or any(path == free or path.startswith(f"{free}/") for free in _FREE_POSTS):
        return Kind.FREE
    return Kind.OTHER


def metered(*, entry_id: str, program: str, sent: datetime, method: str, path: str, body: Payload | None) -> Metered:
    """A request from its parts; ``body`` is None when it is no JSON object."""
    kind = kind_of(method, path)
    if body is None or kind is Kind.FREE:
        model = path.removeprefix("/models/") if path.startswith("/models/") else ""
        question = Question(model[:200], ())
        return Metered(entry_id, program, sent, kind, path, question, unread=body is None and kind is not Kind.FREE)
    return Metered(
        entry_id,
        program,
        sent,
        kind,
        path,
        _question(body),
        stream=body.get("stream") is True,
        copies=max(_number(body.get("n")) or 1, _number(body.get("best_of")) or 1),
        hidden=any(body.get(name) for name in _STORED) or _is_elsewhere(body),
    )


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
    heard.endpoint = call.kind.value if call.kind in (Kind.CHAT, Kind.RESPONSES) else f"/v1{call.path}"[:200]
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
        endpoint=call.kind.value if call.kind in (Kind.CHAT, Kind.RESPONSES) else f"/v1{call.path}"[:200],
        base_url=base_url,
        model=call.question.model,
        served=None,
        tier=call.question.parameters.tier,
        usage=Usage(),
        cost=replace(_nothing(at.date(), FROM_CACHE), saved=saved or ZERO),
        outcome=Outcome.FINISHED,
        seconds=max((at - call.sent).total_seconds(), 0.0),
    )


def cacheable(call: Metered, body: Payload | None) -> bool:
    """Whether an identical request may be answered with the same answer.

    Not when variety was asked for (a temperature above zero, several answers), nor when the request does more than
    answer: tools, stored state, work in the background.
    """
    if body is None or call.kind not in (Kind.CHAT, Kind.RESPONSES, Kind.EMBEDDINGS, Kind.COMPLETIONS):
        return False
    if call.copies > 1 or call.hidden or call.path != f"/{_PLAIN[call.kind]}":
        return False
    if any(body.get(name) for name in ("tools", "functions", "background", "store", "web_search_options")):
        return False
    temperature = body.get("temperature")
    return not isinstance(temperature, int | float) or temperature == 0


_PLAIN = {
    Kind.CHAT: "chat/completions",
    Kind.RESPONSES: "responses",
    Kind.EMBEDDINGS: "embeddings",
    Kind.COMPLETIONS: "completions",
}


def texts_of(value: object) -> Iterator[str]:
    """All texts in a part of a request or an answer, however deep, without names and ids. A picture is one text."""
    waiting = [value]
    while waiting:
        this = waiting.pop()
        if isinstance(this, str):
            yield IMAGE if this.startswith("data:image/") else this
        elif isinstance(this, list):
            if this and all(isinstance(item, int) for item in this):
                yield " a" * len(this)  # token ids
            else:
                waiting.extend(reversed(this))
        elif isinstance(this, Mapping):
            if this.get("type") in _PICTURES:
                yield IMAGE
            else:
                waiting.extend(reversed([part for name, part in this.items() if name not in _NOT_TEXT]))


def _question(body: Payload) -> Question:
    """A body as a question: what counts as input, the model, the tier and the longest answer."""
    messages = body.get("messages")
    given = messages if isinstance(messages, list) else body.get("input", body.get("prompt"))
    items = given if isinstance(given, list) and not all(isinstance(item, int) for item in given) else [given]
    beside = [body[name] for name in ("tools", "functions", "response_format", "text") if body.get(name)]
    instructions = body.get("instructions")
    extra = "".join(json.dumps(part, ensure_ascii=False, default=str) for part in beside)
    limits = (body.get(name) for name in ("max_completion_tokens", "max_output_tokens", "max_tokens"))
    tier = body.get("service_tier")
    return Question(
        str(body.get("model") or "")[:200],
        tuple(ChatMessage("user", "\n".join(texts_of(item))) for item in items if item is not None),
        (instructions if isinstance(instructions, str) else "") + extra,
        Parameters(
            max_output=next(filter(None, map(_number, limits)), None),
            tier=tier if isinstance(tier, str) else None,
        ),
    )


def _is_elsewhere(body: Payload) -> bool:
    """Whether a part of the input is a file, a sound or an item that lies on the server."""
    waiting: list[object] = [body.get("messages"), body.get("input")]
    while waiting:
        this = waiting.pop()
        if isinstance(this, list):
            waiting.extend(this)
        elif isinstance(this, Mapping):
            if this.get("type") in _ELSEWHERE:
                return True
            waiting.append(this.get("content"))
    return False


def _cost_headers(headers: Mapping[str, str], stream: bool) -> dict[str, str]:
    """The headers that state a cost. At the head of a stream nothing is known yet: a zero there states nothing."""
    stated = {name: headers[name] for name in COST_HEADERS if name in headers}
    return {name: value for name, value in stated.items() if not stream or as_amount(value)}


def _nothing(as_of: date, note: str) -> Cost:
    return Cost(ZERO, ZERO, ZERO, ZERO, STANDARD, as_of, "no tokens", note=note)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
