"""Step 4, the paste: the key, its name, and the address it is for."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from keytui.domain.found import Found, FoundKey
from keytui.domain.keeping import Candidate
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind
from keytui.domain.paste import Pasted, clean
from keytui.domain.secrets import Secret
from keytui.tui.screens.setup.address_rows import AddressRows
from keytui.tui.screens.setup.field import Field, Row
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.picker import Picker
from keytui.tui.widgets.secret_input import SecretInput

ADMIN = (
    "This is an admin key: it manages the organisation and cannot ask a model anything. "
    "Paste a project key (they begin with sk-proj- or sk-svcacct-)."
)
Source = FoundKey | Literal["paste"]


class KeyField(SecretInput):
    """The field for the key; the footer says what enter does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "check", id="setup.check")]


class PastePart(Vertical):
    """Says at once what a paste turned out to be."""

    def __init__(self, *, found: Found, name: str, address: str | None, ready: Secret | None) -> None:
        """``address`` is the one to begin with (None: OpenAI's); ``ready`` a key that is pasted already."""
        super().__init__(id="paste")
        self._found, self._proposed_name, self._ready = found, name, ready
        self._address = address or found.base_url or OPENAI_BASE_URL

    def compose(self) -> ComposeResult:
        """The key first; the address is folded away unless it is not OpenAI's."""
        dots = marks(self).dots
        sources: list[tuple[Source, str, str]] = [("paste", "paste it", "")]
        sources += [(key, f"{dots}{key.last4}", f"from {key.where}") for key in self._found.keys]
        if len(sources) > 1:
            yield Row("Take it from", Picker(sources, sources[0][0], id="source"))
        yield Row("Key", KeyField(placeholder="paste it here", id="secret"), id="secret-row")
        yield Static("", id="said", markup=False)
        yield Row("Name", Field(self._proposed_name, max_length=60, id="name"))
        yield AddressRows(self._address)
        yield Static("", id="problem", markup=False)

    def on_mount(self) -> None:
        """Fill in what is ready, and propose a found key when there is one."""
        if not self.query(SecretInput):
            # The step was left while this came: it is being taken away again.
            return
        if self._ready is not None:
            self.query_one(SecretInput).load(self._ready)
        elif usable := [key for key in self._found.keys if key.place is not None and key.kind is not KeyKind.ADMIN]:
            self.query_one("#source", Picker).value = usable[0]
        self._judge()

    @property
    def source(self) -> Source:
        """Where the key comes from."""
        pickers = self.query("#source")
        return pickers.first(Picker).value if pickers else "paste"

    @property
    def key_name(self) -> str:
        """The name the key is to have."""
        return self.query_one("#name", Field).value.strip() or self._proposed_name

    def focus_first(self) -> None:
        """The key, or what it is taken from."""
        if self.source == "paste":
            self.query_one(SecretInput).focus()
        else:
            self.query_one("#source").focus()

    @property
    def _addresses(self) -> AddressRows:
        return self.query_one(AddressRows)

    @on(AddressRows.Changed)
    def _address_changed(self, message: AddressRows.Changed) -> None:
        message.stop()
        self._judge()

    @on(Picker.Changed, "#source")
    def _source_changed(self, message: Picker.Changed) -> None:
        message.stop()
        self._judge()

    @on(Input.Changed, "#secret")
    def _text_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._judge()

    def pasted(self) -> Pasted:
        """The key as it stands, cleaned for its address."""
        source = self.source
        try:
            address = self._addresses.wanted()
        except ValueError:
            address = OPENAI_BASE_URL
        secret = self.query_one(SecretInput).secret if source == "paste" else source.secret
        return clean(secret.reveal(), base_url=address)

    def _judge(self) -> None:
        """Show what the key is, what was taken off, what looks odd."""
        found = self.source != "paste"
        self.query_one("#secret-row").display = not found
        said = self.query_one("#said", Static)
        self.complain("")
        if not found and not self.query_one(SecretInput).secret:
            said.update(Content.styled("It is hidden as you paste, and cleaned of what came along with it.", "$dim"))
            return
        pasted = self.pasted()
        if pasted.problem is not None:
            said.update("")
            self.complain(pasted.problem)
            return
        signs = marks(self)
        last4 = f" {signs.dots}{pasted.secret.last4}" if pasted.secret.last4 else ""
        lines = [Content.assemble((f"{signs.done} ", "bold $success"), f"{pasted.name}{last4}.", f" {pasted.removed}")]
        lines += [Content.assemble((f"{signs.warned} ", "bold $warning"), text) for text in pasted.warnings]
        for other in self._found.shadowing(pasted.secret)[:1]:
            holds = f"{other.where} holds another key ({signs.dots}{other.last4}), which other programs here use."
            lines.append(Content.assemble((f"{signs.warned} ", "bold $warning"), holds))
        said.update(Content("\n").join(lines))

    def complain(self, sentence: str) -> None:
        """Say why this cannot be used."""
        line = Content.assemble((f"{marks(self).wrong} ", "bold $error"), sentence) if sentence else Content("")
        self.query_one("#problem", Static).update(line)

    def candidate(self) -> Candidate | None:
        """The key to be checked; None after a complaint."""
        try:
            address = self._addresses.wanted()
        except ValueError as problem:
            self.complain(str(problem))
            return None
        pasted = self.pasted()
        if pasted.problem is None and pasted.kind is KeyKind.ADMIN:
            self.complain(ADMIN)
        elif pasted.problem is not None:
            self.complain(pasted.problem)
        else:
            source = self.source
            found = None if source == "paste" else source
            return Candidate(pasted.secret, pasted.kind, pasted.name, address, found)
        return None
