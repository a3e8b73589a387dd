"""The line that counts down while a key is on the clipboard."""

from __future__ import annotations

from textual.reactive import reactive
from textual.widgets import Static

from keytui.domain.keys import KeyRecord
from keytui.domain.secrets import Secret
from keytui.tui.background import in_background
from keytui.tui.private.clipboard import Copied
from keytui.tui.private.secret_copy import SECONDS, can_take_back, copy_secret, take_back


class OnClipboard(Static):
    """Counts down while a key is on the clipboard, then takes it back; says only what is known."""

    left: reactive[int] = reactive(0)

    def __init__(self) -> None:
        super().__init__("", id="clipboard", markup=False)
        self._copied: Copied | None = None
        self._secret = Secret("")
        self._name = ""

    @property
    def counting(self) -> bool:
        """Whether a key will be taken back."""
        return self.left > 0

    async def copy(self, record: KeyRecord, secret: Secret) -> str:
        """Copy a key; gives what to tell the user."""
        copied = await copy_secret(self.app, secret)
        if not can_take_back(copied):
            self.keep()
            return f"{copied.words} It stays there until something else is copied: keytui cannot empty it here."
        self._copied, self._secret, self._name, self.left = copied, secret, record.name, SECONDS
        return copied.words

    def keep(self) -> None:
        """Leave it on the clipboard."""
        self._copied, self._secret, self.left = None, Secret(""), 0

    def on_mount(self) -> None:
        """Hidden until there is something to count."""
        self.display = False
        self.set_interval(1, self._tick)

    async def _tick(self) -> None:
        if self.left <= 0:
            return
        self.left -= 1
        if self.left == 0 and self._copied is not None:
            copied, secret = self._copied, self._secret
            self.keep()
            emptied = await in_background(take_back, copied, secret)
            elsewhere = " Your terminal may still have it." if copied.tool == "tmux" else ""
            words = f"Taken off the clipboard.{elsewhere}" if emptied else "The clipboard holds something else by now."
            self.notify(words, markup=False, timeout=4)

    def watch_left(self, left: int) -> None:
        """Say how long it stays."""
        self.display = left > 0
        self.update(f"{self._name} is on the clipboard for {left} s more; k leaves it there.")
        if self.is_mounted:
            self.screen.refresh_bindings()

    def on_unmount(self) -> None:
        """Leaving keytui takes it back at once."""
        if self._copied is not None:
            take_back(self._copied, self._secret)
            self.keep()
