"""Which of the platform's keys is which kept one."""

from __future__ import annotations

import re

from keytui.domain.admin import Gone, OrganizationView, Project, ProjectKey
from keytui.domain.keys import KeyRecord, VaultTrouble
from keytui.domain.secrets import Secret

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
    that end alike. Raises ``Refused``, and ``VaultTrouble`` when there is none or more than one.
    """
    projects = await admin.projects()
    if record.project is not None:
        projects = tuple(project for project in projects if project.id == record.project) or projects
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
