"""What the pages of the Admin API share: paging, and finding what a path names."""

from __future__ import annotations

from collections.abc import Sequence

from keytui.servers.practice import bodies, errors
from keytui.servers.practice.errors import ApiError
from keytui.servers.practice.inference import Call
from keytui.servers.practice.organization import Key, Project, ServiceAccount
from keytui.servers.practice.reply import Json

Row = dict[str, object]
MOST = 100
USUAL = 20
"""Rows on a page unless ``limit`` says otherwise (openai-facts 2.2)."""
LONGEST_LIFE = 31_536_000
"""The longest life of a key, in seconds (openai-facts 2.3)."""


def not_found(what: str, name: str) -> ApiError:
    """404: there is nothing by that name."""
    return ApiError(404, f"{what} with id '{name}' not found.", code="not_found")


def query(call: Call) -> bodies.Body:
    """The query as a body, so that it is read and refused in the same way; numbers are read as numbers."""
    fields: dict[str, object] = {}
    for name, value in call.request.query_params.multi_items():
        if name.endswith("[]"):
            earlier = fields.setdefault(name[:-2], [])
            if isinstance(earlier, list):
                earlier.append(value)
        elif value.lstrip("-").isascii() and value.lstrip("-").isdigit() and len(value) < 16:
            fields[name] = int(value)
        elif value in ("true", "false"):
            fields[name] = value == "true"
        else:
            fields[name] = value
    return bodies.Body(fields)


def cursor_page(call: Call, rows: Sequence[Row], *, order: str = "asc", ends: bool = True) -> Json:
    """One page of rows, found by the ids before and after it. ``ends`` adds ``first_id`` and ``last_id``.

    Raises 400 for a limit out of range or a cursor that names no row.
    """
    asked = query(call)
    limit = asked.integer("limit", 1, MOST) or USUAL
    if (asked.choice("order", ("asc", "desc")) or order) == "desc":
        rows = list(reversed(rows))
    ids = [row["id"] for row in rows]
    start, end = 0, len(rows)
    after, before = asked.text("after"), asked.text("before")
    if after is not None:
        start = _place(ids, after, "after") + 1
    if before is not None:
        end = _place(ids, before, "before")
        start = max(start, end - limit)
    page = rows[start : min(end, start + limit)]
    value: Row = {"object": "list", "data": list(page), "has_more": start + len(page) < end}
    if ends:
        value["first_id"] = page[0]["id"] if page else None
        value["last_id"] = page[-1]["id"] if page else None
    return Json(value)


def _place(ids: Sequence[object], name: str, param: str) -> int:
    if name not in ids:
        raise errors.invalid(f"Invalid '{param}': no object with id '{name}' found.", param, "invalid_cursor")
    return ids.index(name)


def project_of(call: Call, *, active: bool = False) -> Project:
    """The project that the path names. Raises 404, or 400 when it has to be active and was archived."""
    name = call.request.path_params["project_id"]
    project = call.context.world.projects.get(name)
    if project is None:
        raise not_found("Project", name)
    if active and project.archived_at is not None:
        raise errors.invalid(f"Project '{name}' is archived and cannot be changed.", code="project_archived")
    return project


def account_of(call: Call, project: Project) -> ServiceAccount:
    """The service account that the path names. Raises 404."""
    name = call.request.path_params["service_account_id"]
    account = call.context.world.accounts.get(name)
    if account is None or account.project_id != project.id:
        raise not_found("Service account", name)
    return account


def keys_of(call: Call, project: Project) -> list[Key]:
    """The keys of a project, oldest first. Those that the service offers for practice are no part of it."""
    return [k for k in call.context.world.keys.values() if k.project_id == project.id and k.situation is None]


def lifetime(call: Call, body: bodies.Body, *, new: bool = False) -> int | None:
    """``expires_in_seconds``, within 365 days and the organisation's policy.

    A policy wants it for every ``new`` key. Raises 400.
    """
    situation = call.context.world.situation
    policy = None if situation is None else situation.longest_life
    life = body.integer("expires_in_seconds", 1, LONGEST_LIFE)
    if policy is not None and ((life is None and new) or (life is not None and life > policy)):
        raise errors.invalid(
            "The organization's API key expiry policy requires 'expires_in_seconds' to be provided and to be at most "
            f"{policy}.",
            "expires_in_seconds",
            "api_key_expiry_policy",
        )
    return life


def scopes_of(body: bodies.Body) -> tuple[str, ...] | None:
    """``scopes``: None when they were not given. Raises 400 for what cannot be a scope."""
    names = body.texts("scopes")
    for name in names or ():
        if not name or set(name) - set("abcdefghijklmnopqrstuvwxyz._"):
            raise errors.invalid(f"Invalid value: '{name}' is not a scope.", "scopes", "invalid_value")
    return None if names is None else tuple(names)
