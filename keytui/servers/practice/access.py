"""Who asks: from the Authorization header to a key that may do what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keytui.domain.keys import KeyKind
from keytui.servers.practice import errors, identity
from keytui.servers.practice.organization import Key, Project
from keytui.servers.practice.situations import Situation
from keytui.servers.practice.world import World

LIST_MODELS = "api.model.read"
ASK = "model.request"
RESPOND = "api.responses.write"
MANAGE_READ = "api.management.read"
MANAGE_WRITE = "api.management.write"


@dataclass(frozen=True, slots=True)
class Caller:
    """A key that was accepted, the project it is for, and the situation it is in."""

    key: Key
    project: Project
    situation: Situation | None

    @property
    def user_id(self) -> str | None:
        """The service account it belongs to; None for a person's key."""
        return self.key.account_id


def bearer(headers: Mapping[str, str]) -> str:
    """The characters of the key that was sent. Raises 401 when there are none."""
    scheme, _, characters = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not characters.strip():
        raise errors.no_key()
    return characters.strip()


def find(world: World, headers: Mapping[str, str]) -> tuple[Key, Situation | None]:
    """The key that was sent, alive and of this organisation, and its situation. Raises 401 otherwise."""
    characters = bearer(headers)
    key = world.find_key(characters)
    situation = world.situation_of(key)
    masked = identity.masked(characters)
    if situation is not None and situation.everywhere and situation.refusal is not None:
        raise situation.refuse(masked=masked)
    if key is None or key.expired(world.now):
        raise errors.wrong_key(masked)
    organization = headers.get("openai-organization")
    if organization and organization != world.id:
        raise errors.mismatched("Organization")
    project = headers.get("openai-project")
    if project and key.project_id is not None and project != key.project_id:
        raise errors.mismatched("Project")
    return key, situation


def caller(world: World, headers: Mapping[str, str], *scopes: str) -> Caller:
    """The caller of an inference page, with the scopes it needs. Raises 401.

    Admin keys are refused here: they manage and do not ask (openai-facts 1.6).
    """
    key, situation = find(world, headers)
    if key.kind is KeyKind.ADMIN or key.project_id is None:
        raise errors.missing_scopes(*scopes)
    project = world.projects[key.project_id]
    if project.archived_at is not None:
        raise errors.archived_project()
    granted = key.scopes
    if situation is not None and situation.scopes is not None:
        granted = situation.scopes
    account = world.accounts.get(key.account_id) if key.account_id else None
    without_role = account is not None and account.role == "none"
    lacking = scopes if without_role else [scope for scope in scopes if not grants(granted, scope)]
    if lacking:
        raise errors.missing_scopes(*lacking)
    world.used(key)
    return Caller(key, project, situation)


def administrator(world: World, headers: Mapping[str, str], method: str) -> Key:
    """The admin key that was sent. Any other key lacks the scope, which is 403. Raises 401 or 403."""
    key, _ = find(world, headers)
    if key.kind is not KeyKind.ADMIN:
        raise errors.missing_scopes(MANAGE_READ if method == "GET" else MANAGE_WRITE, status=403)
    world.used(key)
    return key


def grants(granted: tuple[str, ...], scope: str) -> bool:
    """Whether a key's scopes contain one. No scopes at all means no restriction; ``api.`` in front is optional."""
    if not granted:
        return True
    plain = scope.removeprefix("api.")
    names = {name.removeprefix("api.") for name in granted}
    if plain in names or "all" in names or "all.write" in names:
        return True
    resource, _, action = plain.rpartition(".")
    return action == "read" and ("all.read" in names or f"{resource}.write" in names)
