"""Which of the platform's keys is which kept one."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from keytui.domain.addresses import same_platform
from keytui.domain.admin import AdminPort, Gone, OrganizationView
from keytui.domain.keys import KeyKind, KeyRecord, VaultTrouble
from keytui.domain.organization.parts import Project, ProjectKey
from keytui.domain.organization.reading import AT_ONCE, Together, patient
from keytui.domain.secrets import Secret

MOST = 200
"""Projects that are looked through, unasked, for keys of which no project is known."""

_GAP = re.compile(r"[.*…•]+")


def same(record: KeyRecord, key: ProjectKey) -> bool:
    """Whether a kept key may be one that the platform lists: by its id, else by its last characters as far as shown."""
    if record.platform_id is not None:
        return record.platform_id == key.id
    shown = _GAP.split(key.redacted)[-1]
    return bool(shown and record.last4) and (shown.endswith(record.last4) or record.last4.endswith(shown))


def shows(key: ProjectKey, secret: Secret) -> bool:
    """Whether what the platform shows of a key fits these characters, at both ends."""
    parts = _GAP.split(key.redacted)
    characters = secret.reveal()
    return len(parts) > 1 and characters.startswith(parts[0]) and characters.endswith(parts[-1]) and bool(parts[-1])


async def find(admin: OrganizationView, record: KeyRecord, secret: Secret | None) -> tuple[Project, ProjectKey]:
    """The platform's entry of a kept key, in the project that is known of it or in any.

    ``secret`` are its characters, if they can be had: the platform shows both ends of a key, so they tell two apart
    that end alike. Raises ``Refused``, and ``VaultTrouble`` when there is none, more than one, or too much to look at.
    """
    projects = await admin.projects()
    if record.project is not None:
        projects = tuple(project for project in projects if project.id == record.project) or projects
    if len(projects) > MOST:
        raise VaultTrouble(
            f"The organisation has {len(projects):,} projects, and it is not known which of them “{record.name}” "
            "belongs to: write that into its entry (e in the Keys pane)."
        )
    found = []
    for project in projects:
        try:
            keys = await admin.keys(project.id)
        except Gone:
            continue
        found += [
            (project, key)
            for key in keys
            if same(record, key) and (record.platform_id or secret is None or shows(key, secret))
        ]
    if not found:
        raise VaultTrouble(
            f"The organisation of this admin key lists no key like “{record.name}”: it was made elsewhere, or is "
            "revoked already. Make its successor on the platform's page and paste it."
        )
    if len(found) > 1:
        raise VaultTrouble(
            f"The organisation lists {len(found)} keys that look like “{record.name}”: write its project into its "
            "entry (e in the Keys pane), or make its successor on the platform's page and paste it."
        )
    return found[0]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an admin key sees of a kept key."""

    project: Project
    key: ProjectKey
    limited: bool
    """Whether the project or the organisation has a spend limit."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the platform tells of kept keys."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    """By the ids of their records; keys that it does not list are missing."""
    unsought: tuple[str, ...] = ()
    """Names of keys of unknown projects, when there are too many projects to look through unasked."""


async def standings(
    admin: AdminPort,
    records: Iterable[KeyRecord],
    *,
    together: Together,
    sleep: Callable[[float], Awaitable[None]],
    most: float = MOST,
) -> Told:
    """What the platform tells of kept keys; in more than ``most`` projects none is sought whose project is not known.

    Keys that look alike in one project are left out: nothing is said of a key that may be another one's. Raises
    ``Refused``.
    """
    wanted = [one for one in records if one.base_url == admin.base_url and one.kind is not KeyKind.ADMIN]
    if not wanted:
        return Told()
    projects = await admin.projects()
    named = {one.project for one in wanted if one.project is not None}
    lost = [one.name for one in wanted if one.project is None]
    unsought = tuple(lost) if len(projects) > most else ()
    if unsought or not lost:
        projects = tuple(project for project in projects if project.id in named)
    limited = await admin.spend_limit() is not None

    async def listed(project: Project) -> tuple[ProjectKey, ...]:
        try:
            return await patient(lambda: admin.keys(project.id), sleep)
        except Gone:
            return ()

    found: dict[str, list[tuple[Project, ProjectKey]]] = {}
    for at in range(0, len(projects), AT_ONCE):
        some = projects[at : at + AT_ONCE]
        for project, keys in zip(some, await together(*map(listed, some)), strict=True):
            for one in wanted:
                if one.project in (None, project.id):
                    found.setdefault(one.id, []).extend((project, key) for key in keys if same(one, key))
    certain = {record_id: matches[0] for record_id, matches in found.items() if len(matches) == 1}
    limits = {
        project.id: limited or await admin.spend_limit(project.id) is not None
        for project in {project.id: project for project, _ in certain.values()}.values()
    }
    seen = {record_id: Standing(project, key, limits[project.id]) for record_id, (project, key) in certain.items()}
    return Told(seen, unsought)


def learnt(record: KeyRecord, standing: Standing) -> KeyRecord:
    """The record with what the platform knows better: its project, its end, and when it was last used anywhere."""
    key, last = standing.key, [moment for moment in (record.last_used, standing.key.last_used) if moment is not None]
    return replace(
        record,
        project=standing.project.id,
        project_name=standing.project.name or record.project_name,
        expires=key.expires or record.expires,
        last_used=max(last, default=None),
    )


def admin_key_for(records: Iterable[KeyRecord], base_url: str) -> KeyRecord | None:
    """The admin key that is kept for a platform; None when there is none."""
    return next((one for one in records if one.kind is KeyKind.ADMIN and same_platform(one.base_url, base_url)), None)
