"""The address that a key is for: OpenAI's, or another one."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from keytui.domain.addresses import base_url, host_of
from keytui.domain.keys import OPENAI_BASE_URL
from keytui.tui.screens.setup.field import Field, Row
from keytui.tui.screens.setup.picker import Picker


class AddressRows(Vertical):
    """The address itself is folded away unless it is not OpenAI's."""

    class Changed(Message):
        """Another address was chosen or written."""

    def __init__(self, address: str) -> None:
        """``address`` is the one to begin with."""
        super().__init__()
        self._address = address

    def compose(self) -> ComposeResult:
        """Whose it is, then the base URL."""
        addresses = [("", "OpenAI", host_of(OPENAI_BASE_URL)), ("other", "another address", "")]
        chosen = "" if self._address == OPENAI_BASE_URL else "other"
        yield Row("For", Picker(addresses, chosen, id="address"))
        yield Row("Base URL", Field(self._address, id="base-url"), id="base-url-row")

    def on_mount(self) -> None:
        """Fold it away."""
        self.query_one("#base-url-row").display = self._other

    @property
    def _other(self) -> bool:
        return bool(self.query_one("#address", Picker).value)

    def wanted(self) -> str:
        """The base URL as it will be asked. Raises ``ValueError`` with one sentence."""
        return base_url(self.query_one("#base-url", Field).value).url if self._other else OPENAI_BASE_URL

    @on(Picker.Changed)
    def _turned(self, message: Picker.Changed) -> None:
        message.stop()
        self.query_one("#base-url-row").display = self._other
        field = self.query_one("#base-url", Field)
        if self._other and field.value == OPENAI_BASE_URL:
            field.value = ""
            field.placeholder = "https://gateway.example/v1"
        self.post_message(self.Changed())

    @on(Input.Changed)
    def _written(self, message: Input.Changed) -> None:
        message.stop()
        self.post_message(self.Changed())
