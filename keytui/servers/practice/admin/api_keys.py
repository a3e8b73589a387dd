"""``/v1/organization/projects/{project_id}/api_keys``: the keys of a project, whoever owns them."""

from __future__ import annotations

from dataclasses import replace

from keytui.servers.practice import errors
from keytui.servers.practice.admin.pages import (
    Row,
    cursor_page,
    keys_of,
    lifetime,
    not_found,
    project_of,
    query,
    scopes_of,
)
from keytui.servers.practice.inference import Call
from keytui.servers.practice.organization import Key, Project
from keytui.servers.practice.reply import Json, Reply
from keytui.servers.practice.world import World


async def list_all(call: Call) -> Reply:
    """The keys of a project. ``owner_project_access`` picks those whose owner has access, has none, or any."""
    project = project_of(call)
    access = query(call).choice("owner_project_access", ("active", "inactive", "any"))
    rows = [_row(call.context.world, key) for key in keys_of(call, project)]
    return cursor_page(call, [r for r in rows if access in (None, "any", r["owner_project_access"])])


async def retrieve(call: Call) -> Reply:
    """One key, without its characters and without its scopes, as on the platform."""
    return Json(_row(call.context.world, _key_of(call, project_of(call))))


async def update(call: Call) -> Reply:
    """Change a key's scopes or its expiry, counted from now. An expired key stays as it is (openai-facts 2.3)."""
    key = _key_of(call, project_of(call, active=True))
    body = await call.body()
    body.only(("scopes", "expires_in_seconds"))
    if not body.fields:
        raise errors.invalid("At least one of 'scopes' or 'expires_in_seconds' must be provided.")
    for name, value in body.fields.items():
        if value is None:
            raise body.wrong_type(name, "an integer" if name == "expires_in_seconds" else "an array of strings")
    world = call.context.world
    if key.expired(world.now):
        raise errors.invalid("Expired API keys cannot be updated.", code="api_key_expired")
    scopes, life = scopes_of(body), lifetime(call, body)
    if scopes is not None:
        key = replace(key, scopes=scopes)
    if life is not None:
        key = replace(key, expires_at=int(world.now) + life)
    world.keys[key.id] = key
    return Json(_row(world, key))


async def delete(call: Call) -> Reply:
    """Revoke a key; a service account that owned it stays."""
    key = _key_of(call, project_of(call, active=True))
    call.context.world.delete_key(key.id)
    return Json({"id": key.id, "object": "organization.project.api_key.deleted", "deleted": True})


def _key_of(call: Call, project: Project) -> Key:
    name = call.request.path_params["api_key_id"]
    key = next((key for key in keys_of(call, project) if key.id == name), None)
    if key is None:
        raise not_found("API key", name)
    return key


def _row(world: World, key: Key) -> Row:
    access = "active"
    if key.account_id is not None:
        account = world.accounts[key.account_id]
        access = "inactive" if account.role == "none" else "active"
        owner: Row = {
            "type": "service_account",
            "service_account": {
                "id": account.id,
                "name": account.name,
                "role": account.role,
                "created_at": account.created_at,
            },
        }
    else:
        person = world.owner
        owner = {
            "type": "user",
            "user": {
                "id": person.id,
                "email": person.email,
                "name": person.name,
                "role": person.role,
                "created_at": person.added_at,
            },
        }
    return {
        "id": key.id,
        "object": "organization.project.api_key",
        "name": key.name,
        "redacted_value": key.redacted,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
        "owner": owner,
        "owner_project_access": access,
    }
