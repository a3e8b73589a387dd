"""``/v1/organization/projects/{project_id}/service_accounts``, and the keys that are made there."""

from __future__ import annotations

from dataclasses import replace

from keytui.domain.keys import KeyKind
from keytui.servers.practice import errors, identity
from keytui.servers.practice.admin.pages import Row, account_of, cursor_page, lifetime, project_of, scopes_of
from keytui.servers.practice.inference import Call
from keytui.servers.practice.organization import ServiceAccount
from keytui.servers.practice.reply import Json, Reply

KEY_NAME = "Secret Key"
"""What a key is called that was given no name."""


async def list_all(call: Call) -> Reply:
    """The service accounts of a project; an archived one has none."""
    project = project_of(call)
    accounts = call.context.world.accounts.values()
    mine = [a for a in accounts if a.project_id == project.id and project.archived_at is None]
    return cursor_page(call, [row(account) for account in mine])


async def create(call: Call) -> Reply:
    """Make a service account, with a key unless ``create_service_account_only``. The key is shown this once."""
    project = project_of(call, active=True)
    if project.default:
        raise errors.invalid(
            "Service accounts cannot be created in the default project. Create a project first.",
            code="default_project",
        )
    body = await call.body()
    body.only(("name", "create_service_account_only", "expires_in_seconds"))
    name = body.required_text("name")
    bare = bool(body.flag("create_service_account_only"))
    expires = lifetime(call, body, new=not bare)
    if bare and expires is not None:
        raise errors.invalid(
            "'expires_in_seconds' cannot be used when 'create_service_account_only' is true.", "expires_in_seconds"
        )
    world = call.context.world
    account = ServiceAccount(
        identity.identifier("svc_acct_"), project.id, name, "none" if bare else "member", int(world.now)
    )
    world.accounts[account.id] = account
    key = None if bare else _new_key(call, account, KEY_NAME, (), expires)
    return Json({**row(account), "api_key": key})


async def retrieve(call: Call) -> Reply:
    """One service account."""
    return Json(row(account_of(call, project_of(call))))


async def update(call: Call) -> Reply:
    """Rename a service account, or change its role."""
    account = account_of(call, project_of(call, active=True))
    body = await call.body()
    body.only(("name", "role"))
    if body.has("name"):
        account = replace(account, name=body.required_text("name"))
    if role := body.choice("role", ("member", "owner")):
        account = replace(account, role=role)
    call.context.world.accounts[account.id] = account
    return Json(row(account))


async def delete(call: Call) -> Reply:
    """Delete a service account; its keys are refused from then on."""
    account = account_of(call, project_of(call, active=True))
    world = call.context.world
    for key in [key for key in world.keys.values() if key.account_id == account.id]:
        world.delete_key(key.id)
    del world.accounts[account.id]
    return Json({"id": account.id, "object": "organization.project.service_account.deleted", "deleted": True})


async def create_key(call: Call) -> Reply:
    """Make another key for a service account. It is shown this once."""
    account = account_of(call, project_of(call, active=True))
    body = await call.body()
    body.only(("name", "scopes", "expires_in_seconds"))
    name = body.required_text("name") if body.has("name") else KEY_NAME
    return Json(_new_key(call, account, name, scopes_of(body) or (), lifetime(call, body, new=True)))


def _new_key(call: Call, account: ServiceAccount, name: str, scopes: tuple[str, ...], expires: int | None) -> Row:
    secret = identity.new_secret(KeyKind.SERVICE_ACCOUNT)
    key = call.context.world.add_key(
        secret,
        KeyKind.SERVICE_ACCOUNT,
        name,
        project_id=account.project_id,
        account_id=account.id,
        scopes=scopes,
        expires_in=expires,
    )
    return {
        "id": key.id,
        "object": "organization.project.service_account.api_key",
        "value": secret.reveal(),
        "name": key.name,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
    }


def row(account: ServiceAccount) -> Row:
    """A service account as JSON."""
    return {
        "id": account.id,
        "object": "organization.project.service_account",
        "name": account.name,
        "role": account.role,
        "created_at": account.created_at,
    }
