"""Reading what every paid request may say: its model, tier, effort, sampling, tools, cache and metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from keytui.servers.practice import bodies, errors
from keytui.servers.practice.access import Caller
from keytui.servers.practice.bodies import Body
from keytui.servers.practice.catalog import Model
from keytui.servers.practice.errors import ApiError
from keytui.servers.practice.organization import Project
from keytui.servers.practice.situations import Situation
from keytui.servers.practice.world import World

PRICED_AS = {"fast": "fast", "priority": "fast", "flex": "flex", "ultrafast": "ultrafast"}
"""Tiers of replies, and the row of the price list they are billed by (openai-facts 3.4)."""


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


def metadata_of(body: Body) -> Mapping[str, object]:
    """The metadata of a request: at most 16 pairs of strings. Raises 400."""
    part = body.part("metadata")
    if part is None:
        return {}
    for name in part.fields:
        part.text(name)
    return part.fields
