"""``/v1/organization/users``, and the users of a project."""

from __future__ import annotations

from dataclasses import replace

from keytui.servers.practice import errors
from keytui.servers.practice.admin.pages import Row, cursor_page, not_found, project_of, query
from keytui.servers.practice.inference import Call
from keytui.servers.practice.organization import User
from keytui.servers.practice.reply import Json, Reply


async def list_all(call: Call) -> Reply:
    """The people of the organisation; ``emails`` picks some of them."""
    emails = query(call).texts("emails")
    users = call.context.world.users.values()
    return cursor_page(call, [_row(user) for user in users if emails is None or user.email in emails])


async def retrieve(call: Call) -> Reply:
    """One person."""
    return Json(_row(_user_of(call)))


async def update(call: Call) -> Reply:
    """Change a person's role. The only owner stays one."""
    user = _user_of(call)
    body = await call.body()
    body.only(("role", "role_id", "developer_persona", "technical_level"))
    role = body.choice("role", ("owner", "reader"))
    if role is not None and role != user.role:
        _keep_an_owner(call, user)
        user = replace(user, role=role)
    call.context.world.users[user.id] = user
    return Json(_row(user))


async def delete(call: Call) -> Reply:
    """Remove a person. The only owner stays."""
    user = _user_of(call)
    _keep_an_owner(call, user)
    del call.context.world.users[user.id]
    return Json({"id": user.id, "object": "organization.user.deleted", "deleted": True})


async def of_project(call: Call) -> Reply:
    """The people of a project: here, those of the organisation."""
    project_of(call)
    rows = [_project_row(user) for user in call.context.world.users.values()]
    return cursor_page(call, rows)


async def one_of_project(call: Call) -> Reply:
    """One person of a project."""
    project_of(call)
    return Json(_project_row(_user_of(call)))


def _keep_an_owner(call: Call, user: User) -> None:
    owners = [each for each in call.context.world.users.values() if each.role == "owner"]
    if owners == [user]:
        raise errors.invalid("An organization must have at least one owner.", code="last_owner")


def _user_of(call: Call) -> User:
    name = call.request.path_params["user_id"]
    user = call.context.world.users.get(name)
    if user is None:
        raise not_found("User", name)
    return user


def _row(user: User) -> Row:
    return {
        "id": user.id,
        "object": "organization.user",
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "added_at": user.added_at,
    }


def _project_row(user: User) -> Row:
    return {**_row(user), "object": "organization.project.user"}
