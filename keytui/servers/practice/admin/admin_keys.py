"""``/v1/organization/admin_api_keys``."""

from __future__ import annotations

from keytui.domain.keys import KeyKind
from keytui.servers.practice import identity
from keytui.servers.practice.admin.pages import Row, cursor_page, lifetime, not_found
from keytui.servers.practice.inference import Call
from keytui.servers.practice.organization import Key
from keytui.servers.practice.reply import Json, Reply
from keytui.servers.practice.world import World


async def list_all(call: Call) -> Reply:
    """The admin keys; this list is paged by the id of its last row alone (openai-facts 2.2)."""
    world = call.context.world
    rows = [_row(world, key) for key in world.keys.values() if key.kind is KeyKind.ADMIN]
    return cursor_page(call, rows, ends=False)


async def create(call: Call) -> Reply:
    """Make an admin key. It is shown this once."""
    body = await call.body()
    body.only(("name", "expires_in_seconds"))
    world = call.context.world
    secret = identity.new_secret(KeyKind.ADMIN)
    key = world.add_key(secret, KeyKind.ADMIN, body.required_text("name"), expires_in=lifetime(call, body, new=True))
    return Json({**_row(world, key), "value": secret.reveal()})


async def retrieve(call: Call) -> Reply:
    """One admin key, without its characters."""
    return Json(_row(call.context.world, _key_of(call)))


async def delete(call: Call) -> Reply:
    """Revoke an admin key, also the one that asks."""
    key = _key_of(call)
    call.context.world.delete_key(key.id)
    return Json({"id": key.id, "object": "organization.admin_api_key.deleted", "deleted": True})


def _key_of(call: Call) -> Key:
    name = call.request.path_params["key_id"]
    key = call.context.world.keys.get(name)
    if key is None or key.kind is not KeyKind.ADMIN:
        raise not_found("Admin API key", name)
    return key


def _row(world: World, key: Key) -> Row:
    person = world.owner
    return {
        "id": key.id,
        "object": "organization.admin_api_key",
        "name": key.name,
        "redacted_value": key.redacted,
        "created_at": key.created_at,
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
        "owner": {
            "type": "user",
            "object": "organization.user",
            "id": person.id,
            "name": person.name,
            "created_at": person.added_at,
            "role": person.role,
        },
    }
