"""The passphrase of the encrypted file: asked for in the app, never on the terminal under it."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Input, Label, Static

from keytui.domain.keys import FileState, KeyStore, VaultTrouble
from keytui.tui.dialogs.dialog import Dialog
from keytui.tui.widgets.secret_input import SecretInput

_LOCKED = "Keys are kept in an encrypted file here. Its passphrase opens it until it has lain unused for 15 minutes."
_NEW = (
    "It encrypts the file that keys are kept in: a few unrelated words are good. "
    "Nobody can recover a forgotten passphrase: the keys in the file would have to be made anew."
)


class PassphraseField(SecretInput):
    """Where a passphrase is written."""

    HELP = """
    ### Passphrase

    It is hidden, stays in memory only as long as it is needed, and is written nowhere.
    """


class PassphraseDialog(Dialog[bool]):
    """Opens the encrypted file, or makes it; answers whether it is open."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "not now", id="leave")]

    def __init__(self, keys: KeyStore) -> None:
        super().__init__()
        self._keys = keys
        self._new = keys.file_state is FileState.MISSING
        self.answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """Whether the file is open; settled when the dialog is gone."""

    def compose(self) -> ComposeResult:
        """What it is for, the field (two for a new one), two buttons."""
        with Vertical(id="dialog"):
            title = "Choose a passphrase" if self._new else "The encrypted file is locked"
            yield Static(title, id="title", markup=False)
            yield Static(_NEW if self._new else _LOCKED, classes="said", markup=False)
            with Horizontal(classes="field"):
                yield Label("Passphrase")
                yield PassphraseField(clean=_one_line, id="passphrase")
            if self._new:
                with Horizontal(classes="field"):
                    yield Label("Once more")
                    yield PassphraseField(clean=_one_line, id="again")
            yield Static("", id="note", markup=False)
            with Horizontal(classes="actions"):
                yield Button("Not now", id="keep", compact=True)
                yield Button("Make it" if self._new else "Open it", id="go", variant="primary", compact=True)

    def on_mount(self) -> None:
        """Ready to be written in."""
        for field in self.query(PassphraseField):
            field.compact = True
        self.query_one("#passphrase").focus()

    def on_unmount(self) -> None:
        """Whoever waits is told."""
        if not self.answer.done():
            self.answer.set_result(self._keys.file_state is FileState.OPEN)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._new and event.input.id == "passphrase":
            self.query_one("#again").focus()
        else:
            self._open()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "go":
            self._open()
        else:
            self.dismiss(False)

    def action_leave(self) -> None:
        """Leave it locked."""
        self.dismiss(False)

    @work(exclusive=True, description="open the encrypted file")
    async def _open(self) -> None:
        fields = list(self.query(PassphraseField))
        if not fields[0].secret:
            self._say("Write the passphrase first.", "$error")
            fields[0].focus()
            return
        if fields[0].secret != fields[-1].secret:
            self._say("The two are not the same: write it once more.", "$error")
            fields[-1].clear()
            fields[-1].focus()
            return
        # Deriving the key takes a noticeable moment on purpose: that is what makes guessing slow.
        self._say("Opening it …")
        self.query_one("#go", Button).disabled = True
        try:
            await self._keys.unlock(fields[0].secret)
        except VaultTrouble as trouble:
            self._say(str(trouble), "$error")
            for field in fields:
                field.clear()
            fields[0].focus()
            self.query_one("#go", Button).disabled = False
            return
        self.dismiss(True)

    def _say(self, sentence: str, style: str = "$dim") -> None:
        self.query_one("#note", Static).update(Content.styled(sentence, style))


def _one_line(pasted: str) -> str:
    """A pasted passphrase without the line break that came along with it."""
    return pasted.rstrip("\r\n")


async def open_file(app: App[Any], keys: KeyStore) -> bool:
    """Whether the encrypted file is open, after asking for its passphrase if need be; all who ask share one dialog."""
    if keys.file_state is FileState.OPEN:
        return True
    for screen in app.screen_stack:
        if isinstance(screen, PassphraseDialog):
            return await asyncio.shield(screen.answer)
    dialog = PassphraseDialog(keys)
    app.push_screen(dialog)
    return await asyncio.shield(dialog.answer)
