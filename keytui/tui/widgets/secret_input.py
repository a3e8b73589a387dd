"""Where a key is pasted: the field shows and holds dots, the characters are in a ``Secret``."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.widgets import Input

from keytui.domain.secrets import Secret
from keytui.tui.private.keys import take_own_key

_DOT = "•"

_LONGEST = 20_000
"""Characters taken of one paste; no key is nearly as long."""


class SecretInput(Input):
    """An ``Input`` whose ``value`` is one dot for each character: neither its messages nor its pictures can leak any.

    ``secret`` is what was typed or pasted, line breaks of a paste included. ``Changed`` and ``Submitted`` are those of
    ``Input`` and carry dots; whoever takes a submitted secret calls ``take()``, which empties the field at once.
    """

    HELP = """
    ### Key

    Paste the key here. It is hidden, cannot be copied out of this field, and is cleaned of what came along with it.
    """

    def __init__(
        self,
        *,
        placeholder: str = "",
        clean: Callable[[str], str] | None = None,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own word
        classes: str | None = None,
    ) -> None:
        """Make a field for a key.

        Args:
            placeholder: Shown while it is empty.
            clean: Applied to what is pasted, whole, before it is kept.
            name: See ``Widget``.
            id: See ``Widget``.
            classes: See ``Widget``.
        """
        self._secret = Secret("")
        self._clean = clean
        super().__init__(placeholder=placeholder, password=True, name=name, id=id, classes=classes)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        await take_own_key(self, event)

    @property
    def secret(self) -> Secret:
        """What was typed or pasted so far."""
        return self._secret

    def load(self, secret: Secret) -> None:
        """Fill the field."""
        self._keep(secret, len(secret))

    def take(self) -> Secret:
        """The secret; the field is empty from now on."""
        secret = self._secret
        self.clear()
        return secret

    def clear(self) -> None:
        """Empty the field."""
        self._keep(Secret(""), 0)

    def replace(self, text: str, start: int, end: int) -> None:
        """Put text in the place of some characters; every edit comes through here."""
        start, end = sorted((max(0, start), min(len(self._secret), end)))
        characters = self._secret.reveal()
        self._keep(Secret(characters[:start] + text + characters[end:]), start + len(text))

    def _keep(self, secret: Secret, cursor: int) -> None:
        same_length = len(secret) == len(self.value)
        changed = secret != self._secret
        self._secret = secret
        self.value = _DOT * len(secret)
        self.cursor_position = cursor
        if changed and same_length and self.is_mounted:
            # The dots are the same, so the input itself says nothing.
            self.post_message(self.Changed(self, self.value, None))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        text = event.text[:_LONGEST]
        if self._clean is not None:
            text = self._clean(text)
        selection = self.selection
        self.replace(text, *(selection if not selection.is_empty else (self.cursor_position,) * 2))

    def action_copy(self) -> None:
        """A key does not leave this field by the clipboard."""
        self.app.bell()

    def action_cut(self) -> None:
        """A key does not leave this field by the clipboard."""
        self.app.bell()

    def action_paste(self) -> None:
        """Paste what was copied within the app."""
        self.post_message(events.Paste(self.app.clipboard))
