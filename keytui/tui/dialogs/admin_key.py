"""Asking for an admin key that is needed now and kept nowhere."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Label, Static

from keytui.domain.addresses import is_openai
from keytui.domain.key_edit import NotFitting
from keytui.domain.keys import KeyKind
from keytui.domain.paste import clean
from keytui.domain.secrets import Secret
from keytui.domain.troubles.pages import address
from keytui.tui.dialogs.form import FormDialog
from keytui.tui.widgets.secret_input import SecretInput


class AdminKeyDialog(FormDialog[Secret]):
    """Where an admin key is pasted; it stays in memory until the view that needs it is closed."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        note = f"It is sent to {base_url} only, and forgotten when the view is closed."
        super().__init__("The organisation", (), note=note, yes="Open it")

    def above(self) -> Iterable[Widget]:
        """What it takes, and the field for it."""
        where = f" Owners make one on {address('admin-keys')}." if is_openai(self._base_url) else ""
        yield Static(
            f"Projects, their keys and limits are shown to admin keys only.{where}", classes="said", markup=False
        )
        yield Horizontal(Label("Admin key"), SecretInput(placeholder="paste it here", id="secret"), classes="field")

    def on_mount(self) -> None:
        """The paste comes first."""
        self.query_one(SecretInput).compact = True

    def accept(self, values: dict[str, str]) -> Secret:
        """The key, cleaned; raises ``NotFitting``."""
        pasted = clean(self.query_one(SecretInput).secret.reveal(), base_url=self._base_url)
        if pasted.problem is not None:
            raise NotFitting("", pasted.problem)
        if is_openai(self._base_url) and pasted.kind is not KeyKind.ADMIN:
            raise NotFitting("", f"This is {pasted.name}: admin keys begin with sk-admin-.")
        return pasted.secret
