"""``POST /v1/embeddings``: vectors that are the same for the same text, and mean nothing."""

from __future__ import annotations

import base64
import hashlib
import math
import random
import struct

from keytui.domain.usage import Mark, Usage
from keytui.servers.practice import access, admission, errors, parameters
from keytui.servers.practice.bodies import Body
from keytui.servers.practice.generation import Generation
from keytui.servers.practice.inference import Call, Turn
from keytui.servers.practice.pieces import Pieces
from keytui.servers.practice.reply import Json, Reply

FIELDS = ("input", "model", "dimensions", "encoding_format", "user")
MOST = 2048
"""Texts in one request."""


async def embed(call: Call) -> Reply:
    """Embed one text or several, given as strings or as tokens."""
    context = call.context
    caller = access.caller(context.world, call.request.headers, access.ASK)
    call.known(caller)
    body = await call.body()
    body.only(FIELDS)
    model = parameters.find_model(context.world, caller, body.required_text("model"), "embedding")
    form = body.choice("encoding_format", ("float", "base64")) or "float"
    size = body.integer("dimensions", 1, model.dimensions) or model.dimensions
    texts = [(text, context.tokenizer.encode(text) if isinstance(text, str) else text) for text in _inputs(body)]
    for _, tokens in texts:
        if len(tokens) > model.max_input:
            raise errors.context_exceeded(model.max_input, len(tokens), "input")
    total = sum(len(tokens) for _, tokens in texts)
    admission.admit(call, caller, model, asked=total, stream=False, tier="default")
    nothing = Generation(Pieces(), 0, (), "stop", None)
    read = Usage(input=total, mark=Mark.BILLED)
    Turn(context, caller, call.id, "embeddings", model, "default", read, nothing, stream=False).settle(0, True)
    data = [
        {"object": "embedding", "index": index, "embedding": _encoded(_vector(repr(text), size), form)}
        for index, (text, _) in enumerate(texts)
    ]
    usage = {"prompt_tokens": total, "total_tokens": total}
    return Json({"object": "list", "data": data, "model": model.id, "usage": usage})


def _inputs(body: Body) -> list[str | list[int]]:
    value = body.fields.get("input")
    if value is None:
        raise body.missing("input")
    many: object = [value] if isinstance(value, str) else value
    if isinstance(many, list) and many and all(_whole(item) for item in many):
        many = [many]
    if not isinstance(many, list) or not 1 <= len(many) <= MOST or not all(_text(item) for item in many):
        raise errors.invalid(
            "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
            "input",
        )
    return many


def _whole(item: object) -> bool:
    return isinstance(item, int) and not isinstance(item, bool)


def _text(item: object) -> bool:
    if isinstance(item, str):
        return bool(item)
    return isinstance(item, list) and bool(item) and all(_whole(number) for number in item)


def _vector(text: str, size: int) -> list[float]:
    seed = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    draw = random.Random(seed)
    values = [draw.gauss(0.0, 1.0) for _ in range(size)]
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values]


def _encoded(vector: list[float], form: str) -> object:
    if form == "float":
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")
