"""``POST /v1/chat/completions``."""

from __future__ import annotations

from collections.abc import Mapping

from keytui.domain.usage import Usage
from keytui.servers.practice import access, admission, errors, identity, inference, parameters
from keytui.servers.practice.bodies import Body
from keytui.servers.practice.fields import fields
from keytui.servers.practice.generation import Wanted, generate
from keytui.servers.practice.inference import Call, Turn
from keytui.servers.practice.prompt import Message
from keytui.servers.practice.reply import Events, Made, Reply, Segment, dumps

ROLES = ("system", "assistant", "user", "function", "tool", "developer")
TIERS = ("auto", "default", "flex", "scale", "priority", "fast")


async def complete(call: Call) -> Reply:
    """Answer a chat, streamed or whole."""
    context = call.context
    caller = access.caller(context.world, call.request.headers, access.ASK)
    call.known(caller)
    body = await call.body()
    body.only(fields("chat"))
    name = body.text("model")
    if not name:
        raise errors.invalid("you must provide a model parameter")
    model = parameters.find_model(context.world, caller, name, "chat")
    messages = read_messages(body)
    effort = parameters.effort_of(model, body.text("reasoning_effort"), "reasoning_effort")
    parameters.check_sampling(body, model, effort)
    max_output = _max_output(body, reasons=model.reasons, most=model.max_output)
    tier = parameters.find_tier(caller, model, body.choice("service_tier", TIERS), responses=False)
    stream = bool(body.flag("stream"))
    options = _stream_options(body, stream=stream)
    copies = body.integer("n", 1, 8) or 1
    tools = parameters.check_tools(body, caller.project)
    parameters.metadata_of(body)
    wanted = Wanted(
        question=next((m.text for m in reversed(messages) if m.role == "user"), ""),
        effort=effort,
        max_output=model.max_output if max_output is None else max_output,
        stop=_stop(body),
        verbosity=body.choice("verbosity", ("low", "medium", "high")) or "medium",
        as_json=_as_json(body),
    )
    wish = parameters.cache_wish(body, model, lives=("30m",))
    prompt = await inference.lay_out_prompt(context, messages, tools)
    if len(prompt) > model.max_input:
        raise errors.context_exceeded(model.max_input, len(prompt), "messages")
    admission.admit(call, caller, model, asked=max(len(prompt), max_output or 0), stream=stream, tier=tier)
    rate, wait = inference.pace(context, caller.situation)
    generation = generate(wanted, context.tokenizer, rate=rate, wait=wait)
    read = inference.read_cache(context, caller, model, prompt, wish)
    turn = Turn(context, caller, call.id, "chat", model, tier, read, generation, stream, copies)
    made = _Completion(turn, identity.identifier("chatcmpl-"), int(context.world.now))
    return made.streamed(options) if stream else made.whole()


class _Completion:
    """The answer's JSON, whole or in chunks."""

    def __init__(self, turn: Turn, name: str, created: int) -> None:
        self.turn = turn
        self.name = name
        self.created = created

    def whole(self) -> Made:
        """The answer in one piece."""
        generation = self.turn.generation
        frames = len(generation.pieces.texts) * self.turn.copies
        return Made(
            self._value,
            generation.wait + generation.thinking_time + generation.writing_time,
            frames,
            self.turn.settle,
            cut=self.turn.cut,
            failure=errors.server_error().body if self.turn.breaks else None,
        )

    def streamed(self, options: Mapping[str, bool]) -> Events:
        """The answer in chunks: one per token, the end, then the usage if it was asked for."""
        generation = self.turn.generation
        copies = range(self.turn.copies)
        with_usage = options.get("include_usage", False)
        padded = options.get("include_obfuscation", True)
        frames = [frame for index in copies for frame in self._pieces(index, with_usage, padded)]
        opening = [
            self._chunk(index, {"role": "assistant", "content": "", "refusal": None}, None, with_usage)
            for index in copies
        ]

        def closing() -> bytes:
            ends = [self._chunk(index, {}, generation.finish, with_usage) for index in copies]
            if with_usage:
                ends.append(_frame({**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage()}))
            return b"".join(ends) + b"data: [DONE]\n\n"

        return Events(
            segments=[
                Segment(opening, wait=generation.wait + generation.thinking_time),
                Segment(frames, rate=generation.rate, answer=True),
            ],
            closing=closing,
            ended=self.turn.settle,
            cut_after=inference.cut_after(self.turn.caller.situation, len(frames)),
            last_words=self._failure if self.turn.breaks else None,
        )

    def _failure(self) -> bytes:
        return _frame(errors.server_error().body)

    def _head(self, kind: str) -> dict[str, object]:
        return {
            "id": self.name,
            "object": kind,
            "created": self.created,
            "model": self.turn.model.id,
            "service_tier": self.turn.tier,
            "system_fingerprint": None,
        }

    def _value(self) -> object:
        text = self.turn.generation.pieces.text
        choices: list[dict[str, object]] = [
            {
                "index": index,
                "message": {"role": "assistant", "content": text, "refusal": None, "annotations": []},
                "logprobs": None,
                "finish_reason": self.turn.generation.finish,
            }
            for index in range(self.turn.copies)
        ]
        return {**self._head("chat.completion"), "choices": choices, "usage": self._usage()}

    def _chunk(self, index: int, delta: object, finish: str | None, with_usage: bool) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
        chunk = {**self._head("chat.completion.chunk"), "choices": [choice]}
        return _frame({**chunk, "usage": None} if with_usage else chunk)

    def _pieces(self, index: int, with_usage: bool, padded: bool) -> list[bytes]:
        # One chunk is made whole and split around its text: thousands of them differ in nothing else.
        before, after = self._chunk(index, {"content": "\0"}, None, with_usage).split(b'"\\u0000"')
        texts = self.turn.generation.pieces.texts
        if not padded:
            return [before + dumps(text) + after for text in texts]
        after = after.removesuffix(b"}\n\n") + b',"obfuscation":"'
        noise = inference.obfuscation
        return [
            before + dumps(text) + after + noise(at, len(text)).encode() + b'"}\n\n' for at, text in enumerate(texts)
        ]

    def _usage(self) -> dict[str, object]:
        return chat_usage(self.turn.usage(), bills_writes=self.turn.model.bills_writes)


def chat_usage(usage: Usage, *, bills_writes: bool) -> dict[str, object]:
    """A usage in the shape of chat completions. Writes are reported by the models that bill them."""
    details = {"cached_tokens": usage.cached, "audio_tokens": 0}
    if bills_writes:
        details["cache_write_tokens"] = usage.written
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.total,
        "prompt_tokens_details": details,
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _frame(value: object) -> bytes:
    return b"data: " + dumps(value) + b"\n\n"


def read_messages(body: Body) -> list[Message]:
    """The messages of a request. Raises 400."""
    items = body.parts("messages")
    if items is None:
        raise body.missing("messages")
    if not items:
        raise errors.invalid(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            "messages",
            "empty_array",
        )
    return [_message(item) for item in items]


def _message(item: Body) -> Message:
    role = item.choice("role", ROLES)
    if role is None:
        raise item.missing("role")
    content = item.fields.get("content")
    text, images, marked = "", 0, False
    if isinstance(content, str):
        text = content
    elif isinstance(content, list):
        for part in item.parts("content") or []:
            kind = part.choice("type", ("text", "image_url", "refusal"))
            if kind is None:
                raise part.missing("type")
            if kind == "image_url":
                images += 1
            elif (piece := part.text(kind)) is None:
                raise part.missing(kind)
            else:
                text += piece
            marked = marked or part.has("prompt_cache_breakpoint")
    elif content is not None:
        raise item.wrong_type("content", "one of a string or array of objects")
    elif role not in ("assistant", "function"):
        raise item.wrong_type("content", "a string")
    if calls := item.parts("tool_calls"):
        text += dumps([call.fields for call in calls]).decode()
    return Message(role, text, item.text("name"), images, marked)


def _max_output(body: Body, *, reasons: bool, most: int) -> int | None:
    old = body.integer("max_tokens", 1)
    new = body.integer("max_completion_tokens", 1)
    if old is not None and reasons:
        raise errors.invalid(
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
            "instead.",
            "max_tokens",
            "unsupported_parameter",
        )
    asked = new if new is not None else old
    if asked is not None and asked > most:
        param = "max_tokens" if new is None else "max_completion_tokens"
        raise errors.invalid(
            f"max_tokens is too large: {asked}. This model supports at most {most} completion tokens, whereas you "
            f"provided {asked}.",
            param,
            "invalid_value",
        )
    return asked


def _stream_options(body: Body, *, stream: bool) -> Mapping[str, bool]:
    part = body.part("stream_options")
    if part is None:
        return {}
    if not stream:
        raise errors.invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.")
    part.only(("include_usage", "include_obfuscation"))
    return {name: value for name in part.fields if (value := part.flag(name)) is not None}


def _stop(body: Body) -> tuple[str, ...]:
    if isinstance(body.fields.get("stop"), str):
        return (str(body.fields["stop"]),)
    words = body.texts("stop") or []
    if len(words) > 4:
        raise errors.invalid(
            f"Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length "
            f"{len(words)} instead.",
            "stop",
            "array_above_max_length",
        )
    return tuple(words)


def _as_json(body: Body) -> bool:
    part = body.part("response_format")
    kind = None if part is None else part.choice("type", ("text", "json_object", "json_schema"))
    if kind == "json_schema":
        raise errors.invalid(
            "The practice service answers in words and cannot follow a schema.", "response_format", "unsupported_value"
        )
    return kind == "json_object"
