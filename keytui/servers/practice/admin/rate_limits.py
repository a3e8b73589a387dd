"""``/v1/organization/projects/{project_id}/rate_limits``."""

from __future__ import annotations

from dataclasses import replace

from keytui.servers.practice import errors
from keytui.servers.practice.admin.pages import Row, cursor_page, not_found, project_of
from keytui.servers.practice.catalog import Model
from keytui.servers.practice.inference import Call
from keytui.servers.practice.organization import Project, RateLimit
from keytui.servers.practice.reply import Json, Reply
from keytui.servers.practice.world import World

REQUESTS = "max_requests_per_1_minute"
TOKENS = "max_tokens_per_1_minute"
OTHERS = (
    "max_images_per_1_minute",
    "max_audio_megabytes_per_1_minute",
    "max_requests_per_1_day",
    "batch_1_day_max_input_tokens",
)
"""Limits that exist on the platform, but for none of the models here."""


async def list_all(call: Call) -> Reply:
    """A row per model: the project's limits, or the organisation's where it has none of its own."""
    project = project_of(call)
    world = call.context.world
    return cursor_page(call, [_row(world, project, model) for model in world.models()])


async def update(call: Call) -> Reply:
    """Lower a project's limits for a model, or raise them again up to the organisation's."""
    project = project_of(call, active=True)
    world = call.context.world
    name = call.request.path_params["rate_limit_id"]
    model = next((model for model in world.models() if f"rl-{model.id}" == name), None)
    if model is None:
        raise not_found("Rate limit", name)
    body = await call.body()
    body.only((REQUESTS, TOKENS, *OTHERS))
    for other in OTHERS:
        if body.has(other):
            raise errors.invalid(f"'{other}' cannot be set for the model '{model.id}'.", other, "invalid_value")
    limits = world.limits_of(project, model)
    requests = _asked(body.integer(REQUESTS, 0), REQUESTS, limits.requests_per_minute, model.requests_per_minute)
    tokens = _asked(body.integer(TOKENS, 0), TOKENS, limits.tokens_per_minute, model.tokens_per_minute)
    project = replace(project, rates={**project.rates, model.id: RateLimit(requests, tokens)})
    world.projects[project.id] = project
    return Json(_row(world, project, model))


def _asked(value: int | None, name: str, now: int, most: int) -> int:
    if value is not None and value > most:
        raise errors.invalid(
            f"'{name}' cannot exceed the organization's limit of {most}, but got {value}.",
            name,
            "rate_limit_exceeds_organization_limit",
        )
    return now if value is None else value


def _row(world: World, project: Project, model: Model) -> Row:
    limits = world.limits_of(project, model)
    return {
        "id": f"rl-{model.id}",
        "object": "project.rate_limit",
        "model": model.id,
        REQUESTS: limits.requests_per_minute,
        TOKENS: limits.tokens_per_minute,
    }
