"""Asking for the new key of a rotation, and for the moment that ends the old one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from keytui.domain.key_edit import NotFitting
from keytui.domain.keys import KeyRecord
from keytui.domain.paste import clean
from keytui.domain.rotation import OVERLAP
from keytui.domain.routes import is_openai
from keytui.domain.secrets import Secret
from keytui.domain.troubles.pages import address
from keytui.tui.dialogs.choose import Choice, ChooseDialog
from keytui.tui.dialogs.form import FormDialog, FormField
from keytui.tui.widgets.secret_input import SecretInput


@dataclass(frozen=True, slots=True)
class NewKey:
    """What the dialog answers."""

    secret: Secret
    until: datetime
    """When the old key is to be revoked."""


class RotateDialog(FormDialog[NewKey]):
    """Where the new key is pasted."""

    def __init__(self, record: KeyRecord, now: datetime) -> None:
        self._record, self._now = record, now
        proposed = f"{(now + OVERLAP).astimezone():%Y-%m-%d}"
        fields = (FormField("until", "Old one until", proposed, "a date like 2027-03-31"),)
        super().__init__(f"Rotate {record.name}", fields, note=_NOTE, yes="Check it")

    def above(self) -> Iterable[Widget]:
        """Where to make the new key, and the field for it."""
        where = "where the old one was made"
        if is_openai(self._record.base_url):
            where = f"on {address('keys')}, in the same project with the same permissions"
        yield Static(f"Make a new key {where}, and paste it here.", classes="said", markup=False)
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

    def accept(self, values: dict[str, str]) -> NewKey:
        """The new key, cleaned; raises ``NotFitting``."""
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
