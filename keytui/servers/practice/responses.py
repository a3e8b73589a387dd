"""``POST /v1/responses``, ``/v1/responses/input_tokens``, and the answers that were stored."""

from __future__ import annotations

from keytui.servers.practice import access, admission, errors, identity, inference, parameters
from keytui.servers.practice.bodies import Body
from keytui.servers.practice.errors import ApiError
from keytui.servers.practice.fields import fields
from keytui.servers.practice.generation import Wanted, generate
from keytui.servers.practice.inference import Call, Turn
from keytui.servers.practice.prompt import Message
from keytui.servers.practice.reply import Json, Reply
from keytui.servers.practice.response_input import read_input
from keytui.servers.practice.response_value import Answer, Echo
from keytui.servers.practice.shelf import Shelf

TIERS = ("auto", "default", "flex", "scale", "priority", "fast", "ultrafast")
LEAST_OUTPUT = 16
"""The smallest ``max_output_tokens`` (openai-facts 3.12)."""


async def create(call: Call) -> Reply:
    """Answer, streamed or whole."""
    context = call.context
    caller = access.caller(context.world, call.request.headers, access.RESPOND, access.ASK)
    call.known(caller)
    body = await call.body()
    body.only(fields("responses"))
    model = parameters.find_model(context.world, caller, body.required_text("model"), "chat")
    if body.has("background") and body.flag("background"):
        raise errors.invalid("The practice service has no background mode.", "background", "unsupported_value")
    reasoning = body.part("reasoning")
    effort = parameters.effort_of(model, None if reasoning is None else reasoning.text("effort"), "reasoning.effort")
    summary = None if reasoning is None else reasoning.choice("summary", ("auto", "concise", "detailed"))
    parameters.check_sampling(body, model, effort)
    max_output = body.integer("max_output_tokens", LEAST_OUTPUT, model.max_output)
    tier = parameters.find_tier(caller, model, body.choice("service_tier", TIERS), responses=True)
    stream = bool(body.flag("stream"))
    options = body.part("stream_options")
    padded = options is None or options.flag("include_obfuscation") is not False
    verbosity, as_json = _text(body)
    given, earlier = _conversation(context.world.shelf, caller, body)
    instructions = body.text("instructions")
    messages = [*([Message("developer", instructions)] if instructions else []), *earlier, *given]
    tools = parameters.check_tools(body, caller.project)
    wanted = Wanted(
        question=next((m.text for m in reversed(messages) if m.role == "user"), ""),
        effort=effort,
        max_output=model.max_output if max_output is None else max_output,
        verbosity=verbosity,
        as_json=as_json,
    )
    wish = parameters.cache_wish(body, model, lives=("30m", "12h"))
    metadata = parameters.metadata_of(body)
    store = body.flag("store") is not False
    prompt = await inference.lay_out_prompt(context, messages, tools)
    if len(prompt) > model.max_input:
        raise errors.context_exceeded(model.max_input, len(prompt), "input")
    admission.admit(call, caller, model, asked=max(len(prompt), max_output or 0), stream=stream, tier=tier)
    rate, wait = inference.pace(context, caller.situation)
    generation = generate(wanted, context.tokenizer, rate=rate, wait=wait)
    read = inference.read_cache(context, caller, model, prompt, wish)
    turn = Turn(context, caller, call.id, "responses", model, tier, read, generation, stream)
    echo = Echo.of(body, effort=effort if model.reasons else None, summary=summary, metadata=metadata, store=store)
    answer = Answer(
        turn,
        echo,
        identity.identifier("resp_", 48),
        summary=generation.thoughts if summary else (),
        conversation=(*earlier, *given) if store else None,
    )
    return answer.streamed(padded=padded) if stream else answer.whole()


async def count(call: Call) -> Reply:
    """Count the input tokens of a request; nothing is generated and nothing is charged."""
    context = call.context
    caller = access.caller(context.world, call.request.headers, access.RESPOND)
    call.known(caller)
    body = await call.body()
    body.only(fields("input_tokens"))
    parameters.find_model(context.world, caller, body.required_text("model"), "chat")
    given, earlier = _conversation(context.world.shelf, caller, body, required=False)
    instructions = body.text("instructions")
    messages = [*([Message("developer", instructions)] if instructions else []), *earlier, *given]
    tools = parameters.check_tools(body, caller.project)
    prompt = await inference.lay_out_prompt(context, messages, tools)
    return Json({"object": "response.input_tokens", "input_tokens": len(prompt)})


async def retrieve(call: Call) -> Reply:
    """A stored answer."""
    caller = access.caller(call.context.world, call.request.headers, "api.responses.read")
    call.known(caller)
    name = call.request.path_params["response_id"]
    stored = call.context.world.shelf.get(name, caller.project.id)
    if stored is None:
        raise _unknown(name)
    return Json(stored.value)


async def delete(call: Call) -> Reply:
    """Forget a stored answer."""
    caller = access.caller(call.context.world, call.request.headers, access.RESPOND)
    call.known(caller)
    name = call.request.path_params["response_id"]
    shelf = call.context.world.shelf
    if shelf.get(name, caller.project.id) is None:
        raise _unknown(name)
    shelf.drop(name)
    return Json({"id": name, "object": "response.deleted", "deleted": True})


def _unknown(name: str) -> ApiError:
    return ApiError(404, f"Response with id '{name}' not found.")


def _conversation(
    shelf: Shelf, caller: access.Caller, body: Body, *, required: bool = True
) -> tuple[list[Message], tuple[Message, ...]]:
    """The messages of ``input``, and those of the answer it goes on from."""
    given = read_input(body, required=required)
    previous = body.text("previous_response_id")
    if previous is None:
        return given, ()
    stored = shelf.get(previous, caller.project.id)
    if stored is None:
        raise errors.invalid(
            f"Previous response with id '{previous}' not found.", "previous_response_id", "previous_response_not_found"
        )
    return given, stored.messages


def _text(body: Body) -> tuple[str, bool]:
    part = body.part("text")
    if part is None:
        return "medium", False
    form = part.part("format")
    kind = None if form is None else form.choice("type", ("text", "json_object", "json_schema"))
    if kind == "json_schema":
        raise errors.invalid(
            "The practice service answers in words and cannot follow a schema.", "text.format", "unsupported_value"
        )
    return part.choice("verbosity", ("low", "medium", "high")) or "medium", kind == "json_object"
