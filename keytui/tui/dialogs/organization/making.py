"""Making a key for a service account, and keeping it here before anything is called done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from textual.app import App

from keytui.domain.admin import AdminPort
from keytui.domain.key_edit import NotFitting, fitting_name
from keytui.domain.keys import FileState, KeyKind, KeyRecord, Place, new_key_id
from keytui.domain.making import Wish, make_and_keep
from keytui.domain.organization import writing
from keytui.domain.plan_lines import listed
from keytui.domain.presets import preset
from keytui.tui.dialogs.confirm import ConfirmDialog
from keytui.tui.dialogs.form import FormField
from keytui.tui.dialogs.organization.forms import Values, WrittenDialog
from keytui.tui.dialogs.organization.verbs import About
from keytui.tui.dialogs.passphrase import open_file
from keytui.tui.dialogs.place import PLACES, PlaceDialog
from keytui.tui.services import Services

LIFE = timedelta(days=90)
"""How long a key lives unless something else is written."""


async def make_key(app: App[Any], services: Services, admin: AdminPort, about: About) -> KeyRecord | None:
    """Make a key for the account under the cursor; None when the user leaves it.

    Raises ``Refused``, ``VaultTrouble`` and ``StoreUnreadable``.
    """
    project, account, keys = about.project, about.account, services.keys
    taken = frozenset(record.name for record in keys.records())
    answer = await app.push_screen_wait(_form(account.name, taken, about.now))
    if answer is None:
        return None
    name, scopes, expires = answer
    place = await app.push_screen_wait(PlaceDialog(f"Keep {name} where?", await keys.places(), keys.file_state))
    if place is None:
        return None
    if place is Place.FILE and keys.file_state is not FileState.OPEN and not await open_file(app, keys):
        return None
    life = f"ends after {expires.astimezone():%d %b %Y}" if expires else "never ends"
    may = listed(scopes, empty="all that its account may")
    consequence = (
        f"It {life}, and may do: {may}. It is kept in {PLACES[place]} before anything else happens, and revoked again "
        "if that fails."
    )
    question = f"Make the key “{name}” for {account.name} in {project.name}?"
    if not await app.push_screen_wait(ConfirmDialog(question, consequence, yes="Make it", no="Leave it")):
        return None
    record = KeyRecord(
        id=new_key_id(),
        name=name,
        kind=KeyKind.SERVICE_ACCOUNT,
        base_url=admin.base_url,
        place=place,
        last4="",
        created=about.now,
        project=project.id,
        project_name=project.name,
    )
    wish = Wish(project.id, account.id, name, scopes, expires)
    return await make_and_keep(admin, keys, services.agenda, wish, record, now=services.now())


def _form(
    account: str, taken: frozenset[str], now: datetime
) -> WrittenDialog[tuple[str, tuple[str, ...], datetime | None]]:
    fields = (
        FormField("name", "Name", account if account not in taken else ""),
        FormField("scopes", "May do", ", ".join(preset("chat").scopes), "all that its account may"),
        FormField("expires", "Ends after", f"{(now + LIFE).astimezone():%Y-%m-%d}", "never"),
    )

    def read(values: Values) -> tuple[str, tuple[str, ...], datetime | None]:
        name = fitting_name(values["name"])
        if name in taken:
            raise NotFitting("name", "Another key has this name: choose a different one.")
        expires = writing.end(values["expires"], now) if values["expires"].strip() else None
        return name, writing.scopes(values["scopes"]), expires

    note = "The name is the key's here and on the platform. What is proposed is enough for chatting."
    return WrittenDialog(f"A key for {account}", fields, read, note=note)
