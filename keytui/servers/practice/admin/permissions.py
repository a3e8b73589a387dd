"""A project's model permissions, hosted tools and service tiers."""

from __future__ import annotations

from dataclasses import replace

from keytui.servers.practice import errors
from keytui.servers.practice.admin.pages import Row, project_of
from keytui.servers.practice.errors import ApiError
from keytui.servers.practice.inference import Call
from keytui.servers.practice.organization import HOSTED_TOOLS, ModelPermission, Project
from keytui.servers.practice.reply import Json, Reply

OPTIONAL_TIERS = ("flex", "fast", "ultrafast")


async def models(call: Call) -> Reply:
    """Which models the project may use. Raises 404 while nothing is set and all are allowed."""
    return Json(_models_row(project_of(call)))


async def set_models(call: Call) -> Reply:
    """Set an allow-list or a deny-list; the models must be the organisation's."""
    project = project_of(call, active=True)
    body = await call.body()
    body.only(("mode", "model_ids"))
    mode = body.choice("mode", ("allow_list", "deny_list"))
    names = body.texts("model_ids")
    if mode is None or names is None:
        raise body.missing("mode" if mode is None else "model_ids")
    known = {model.id for model in call.context.world.models()}
    for name in names:
        if name not in known:
            raise errors.invalid(f"The model '{name}' does not exist.", "model_ids", "model_not_found")
    project = replace(project, models=ModelPermission(mode, tuple(dict.fromkeys(names))))
    call.context.world.projects[project.id] = project
    return Json(_models_row(project))


async def delete_models(call: Call) -> Reply:
    """Allow every model again."""
    project = project_of(call, active=True)
    call.context.world.projects[project.id] = replace(project, models=None)
    return Json({"object": "project.model_permissions.deleted", "deleted": True})


def _models_row(project: Project) -> Row:
    permission = project.models
    if permission is None:
        raise ApiError(404, f"Project '{project.id}' has no model permissions.", code="not_found")
    return {
        "object": "project.model_permissions",
        "mode": permission.mode,
        "model_ids": list(permission.models),
    }


async def tools(call: Call) -> Reply:
    """Which hosted tools are on."""
    return Json(_tools_row(project_of(call)))


async def set_tools(call: Call) -> Reply:
    """Switch hosted tools on or off; what is not named stays."""
    project = project_of(call, active=True)
    body = await call.body()
    body.only(HOSTED_TOOLS)
    changed = dict(project.tools)
    for name in HOSTED_TOOLS:
        if (part := body.part(name)) is not None:
            part.only(("enabled",))
            enabled = part.flag("enabled")
            if enabled is None:
                raise part.missing("enabled")
            changed[name] = enabled
    project = replace(project, tools=changed)
    call.context.world.projects[project.id] = project
    return Json(_tools_row(project))


def _tools_row(project: Project) -> Row:
    return {name: {"enabled": project.tools[name]} for name in HOSTED_TOOLS}


async def tiers(call: Call) -> Reply:
    """Which service tiers may be asked for, and which one is the default."""
    return Json(_tiers_row(project_of(call)))


async def set_tiers(call: Call) -> Reply:
    """Set the tiers; ``[]`` leaves only the standard one."""
    project = project_of(call, active=True)
    body = await call.body()
    body.only(("default", "enabled_tiers"))
    settings = project.tiers
    if default := body.choice("default", ("standard", "fast", "scale")):
        settings = replace(settings, default=default)
    if body.has("enabled_tiers"):
        enabled: tuple[str, ...] | None = None
        if body.fields["enabled_tiers"] != "all":
            enabled = tuple(body.texts("enabled_tiers") or ())
            wrong = next((name for name in enabled if name not in OPTIONAL_TIERS), None)
            if wrong is not None:
                raise errors.invalid(
                    f"Invalid value: '{wrong}'. Supported values are: 'flex', 'fast', and 'ultrafast'.",
                    "enabled_tiers",
                    "invalid_value",
                )
        settings = replace(settings, enabled=enabled)
    if settings.default == "fast" and not settings.allows("fast"):
        raise errors.invalid("The default service tier must be one of the enabled tiers.", "default", "invalid_value")
    project = replace(project, tiers=settings)
    call.context.world.projects[project.id] = project
    return Json(_tiers_row(project))


def _tiers_row(project: Project) -> Row:
    enabled = project.tiers.enabled
    return {
        "object": "project.service_tier_settings",
        "default": project.tiers.default,
        "enabled_tiers": "all" if enabled is None else list(enabled),
    }
