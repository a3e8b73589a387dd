"""``/v1/organization/projects``."""

from __future__ import annotations

from dataclasses import replace

from keytui.servers.practice import errors, identity
from keytui.servers.practice.admin.pages import Row, cursor_page, project_of, query
from keytui.servers.practice.inference import Call
from keytui.servers.practice.organization import Project
from keytui.servers.practice.reply import Json, Reply

RESIDENCIES = (
    "GLOBAL",
    "US_STORAGE_PROCESSING",
    "EU_STORAGE_PROCESSING",
    "JP_STORAGE",
    "JP_STORAGE_PROCESSING",
    "KR_STORAGE",
    "CA_STORAGE",
    "SG_STORAGE",
    "IN_STORAGE",
    "IN_STORAGE_PROCESSING",
    "AU_STORAGE",
    "AU_STORAGE_PROCESSING",
    "GB_STORAGE",
    "AE_STORAGE",
    "AE_STORAGE_PROCESSING",
)


async def list_all(call: Call) -> Reply:
    """The projects, archived ones only with ``include_archived``."""
    archived = query(call).flag("include_archived")
    projects = call.context.world.projects.values()
    return cursor_page(call, [row(each) for each in projects if archived or each.archived_at is None])


async def create(call: Call) -> Reply:
    """Make a project. It starts with the organisation's limits and every model."""
    body = await call.body()
    body.only(("name", "external_key_id", "geography", "residency"))
    world = call.context.world
    body.text("geography")
    project = Project(
        id=identity.identifier("proj_"),
        name=body.required_text("name"),
        created_at=int(world.now),
        residency=body.choice("residency", RESIDENCIES),
        external_key_id=body.text("external_key_id"),
    )
    world.projects[project.id] = project
    return Json(row(project))


async def retrieve(call: Call) -> Reply:
    """One project."""
    return Json(row(project_of(call)))


async def update(call: Call) -> Reply:
    """Rename a project, or change its external key."""
    project = project_of(call, active=True)
    body = await call.body()
    body.only(("name", "external_key_id", "geography"))
    body.text("geography")
    if body.has("name"):
        project = replace(project, name=body.required_text("name"))
    if "external_key_id" in body.fields:
        project = replace(project, external_key_id=body.text("external_key_id"))
    call.context.world.projects[project.id] = project
    return Json(row(project))


async def archive(call: Call) -> Reply:
    """Archive a project for good: its keys are refused and its service accounts are gone."""
    project = project_of(call)
    if project.default:
        raise errors.invalid("The default project cannot be archived.", code="default_project")
    world = call.context.world
    if project.archived_at is None:
        project = replace(project, archived_at=int(world.now))
        world.projects[project.id] = project
    return Json(row(project))


def row(project: Project) -> Row:
    """A project as JSON."""
    value: Row = {
        "id": project.id,
        "object": "organization.project",
        "name": project.name,
        "created_at": project.created_at,
        "archived_at": project.archived_at,
        "status": "active" if project.archived_at is None else "archived",
        "external_key_id": project.external_key_id,
    }
    if project.residency is not None:
        value["residency"] = project.residency
    return value
