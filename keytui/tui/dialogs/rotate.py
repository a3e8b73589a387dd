"""Asking for the new key of a rotation, and for the moment that ends the old one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from keytui.domain.addresses import is_openai
from keytui.domain.automatic_rotation import Heir, possible
from keytui.domain.key_edit import NotFitting
from keytui.domain.keys import KeyRecord
from keytui.domain.organization import writing
from keytui.domain.paste import clean
from keytui.domain.rotation import OVERLAP
from keytui.domain.secrets import Secret
from keytui.domain.troubles.pages import address
from keytui.tui.dialogs.choose import Choice, ChooseDialog
from keytui.tui.dialogs.form import FormDialog, FormField
from keytui.tui.widgets.secret_input import SecretInput
from keytui.tui.widgets.sheet import Line, Sheet


@dataclass(frozen=True, slots=True)
class NewKey:
    """What the dialog answers."""

    secret: Secret | None
    """None: an admin key is to make it."""
    until: datetime
    """When the old key is to be revoked."""


class RotateDialog(FormDialog[NewKey]):
    """Where the new key is pasted, or left to an admin key."""

    WHY = "safe"
    HELP = """
    # Rotating a key

    A new key takes over the name, so whatever uses the name goes on. The old one is kept beside it for programs that
    still have it; on the day you choose, keytui reminds you to revoke it.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "automatic", "let an admin key make it", priority=True, id="make-it-for-me"),
    ]

    def __init__(self, record: KeyRecord, now: datetime) -> None:
        self._record, self._now = record, now
        self._automatic = False
        proposed = f"{(now + OVERLAP).astimezone():%Y-%m-%d}"
        fields = (FormField("until", "Old one until", proposed, "a date like 2027-03-31"),)
        super().__init__(f"Rotate {record.name}", fields, note=_NOTE, yes="Check it")

    def above(self) -> Iterable[Widget]:
        """Where to make the new key, and the field for it."""
        where = "where the old one was made"
        if is_openai(self._record.base_url):
            where = f"on {address('keys')}, in the same project with the same permissions"
        instead = " Or let an admin key make it: ctrl+o." if possible(self._record) else ""
        yield Static(f"Make a new key {where}, and paste it here.{instead}", classes="said", markup=False)
        yield Horizontal(Label("New key"), SecretInput(placeholder="paste it here", id="secret"), classes="field")

    def on_mount(self) -> None:
        """The paste comes first."""
        self.query_one(SecretInput).compact = True
        self.query_one(SecretInput).focus()

    @on(Input.Changed, "#secret")
    def _pasted(self, event: Input.Changed) -> None:
        event.stop()
        secret = self.query_one(SecretInput).secret
        if not secret:
            self.query_one("#note", Static).update(_NOTE)
            return
        pasted = clean(secret.reveal(), base_url=self._record.base_url)
        if pasted.problem is not None:
            self.complain(pasted.problem)
        else:
            said = " ".join(word for word in (f"{pasted.name}.", pasted.removed, *pasted.warnings) if word)
            self.query_one("#note", Static).update(Content(said[0].upper() + said[1:]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The platform does not make every kind of key."""
        return possible(self._record) if action == "automatic" else True

    def action_automatic(self) -> None:
        """Go on without a paste."""
        self._automatic = True
        self.take()

    def accept(self, values: dict[str, str]) -> NewKey:
        """The new key, cleaned; raises ``NotFitting``."""
        automatic, self._automatic = self._automatic, False
        if automatic:
            return NewKey(None, day_after(values["until"], self._now))
        pasted = clean(self.query_one(SecretInput).secret.reveal(), base_url=self._record.base_url)
        if pasted.problem is not None:
            raise NotFitting("", pasted.problem)
        return NewKey(pasted.secret, day_after(values["until"], self._now))


_NOTE = "It is checked first. Then it takes over the name; the old one is kept beside it until that day."


def day_after(text: str, now: datetime) -> datetime:
    """The begin of a day to come, in the user's own time. Raises ``NotFitting``."""
    try:
        until = datetime.strptime(text.strip(), "%Y-%m-%d").astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise NotFitting("until", "The day is written like 2027-03-31.") from None
    if until <= now:
        raise NotFitting("until", "This day has come already: choose a later one.")
    return until


@dataclass(frozen=True, slots=True)
class Wished:
    """What the new key is to be like."""

    scopes: tuple[str, ...]
    expires: datetime | None


class HeirDialog(FormDialog[Wished]):
    """Shows what an admin key will make in the place of a key, before it is made."""

    def __init__(self, record: KeyRecord, heir: Heir, until: datetime, now: datetime) -> None:
        self._heir, self._until, self._now = heir, until, now
        scopes = "" if heir.scopes is None else ", ".join(heir.scopes)
        fields = (
            FormField("scopes", "May do", scopes, "all that its account may"),
            FormField("expires", "Ends after", f"{heir.expires.astimezone():%Y-%m-%d}", "never"),
        )
        unknown = "The platform does not tell what the old key may do: say what the new one shall. "
        note = f"{unknown if heir.scopes is None else ''}It is checked before it takes over."
        super().__init__(f"The new key of {record.name}", fields, note=note, yes="Make it")

    def above(self) -> Iterable[Widget]:
        """The old key, and who will own the new one."""
        heir = self._heir
        owner = heir.account_name if heir.account else f"{heir.account_name}, a service account that is made for it"
        used = f"last used {heir.old.last_used.astimezone():%d %b %Y}" if heir.old.last_used else "never used"
        yield Sheet(
            (
                Line("project", heir.project.name),
                Line("old key", f"{heir.old.redacted}, {used}; ends {self._until.astimezone():%d %b %Y}"),
                Line("owner", f"{owner}"),
                Line(),
            )
        )

    def accept(self, values: dict[str, str]) -> Wished:
        """What was written; raises ``NotFitting``."""
        expires = writing.end(values["expires"], self._now) if values["expires"].strip() else None
        return Wished(writing.scopes(values["scopes"]), expires)


class UntilDialog(FormDialog[datetime]):
    """Asks for another moment that ends the old key."""

    def __init__(self, name: str, until: datetime, now: datetime) -> None:
        self._now = now
        field = FormField("until", "Old one until", f"{until.astimezone():%Y-%m-%d}", "a date like 2027-03-31")
        super().__init__(f"How long is the old key of {name} kept?", (field,))

    def accept(self, values: dict[str, str]) -> datetime:
        """The moment; raises ``NotFitting``."""
        return day_after(values["until"], self._now)


class OldKeyDialog(ChooseDialog[str]):
    """What is to be done with a rotation that is under way."""

    def __init__(self, title: str, choices: Iterable[tuple[str, str, str]], note: str) -> None:
        """``choices`` are the answer, its words, and what it does."""
        super().__init__([Choice(*choice) for choice in choices])
        self._words, self._note = title, note

    def on_mount(self) -> None:
        """Say where it stands."""
        super().on_mount()
        self.query_one("#title", Static).update(self._words)
