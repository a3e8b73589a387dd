"""Step 4 with an admin key: the key, the organisation's address, where the new key is kept, and what comes after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.widgets import Input, Static

from keytui.domain.addresses import host_of
from keytui.domain.admin_troubles import wrong_admin_key
from keytui.domain.found import Found, FoundKey
from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, KeyRecord, Place
from keytui.domain.paste import clean
from keytui.domain.places import PlacesHere
from keytui.domain.secrets import Secret
from keytui.domain.troubles.pages import address
from keytui.tui.screens.setup.address_rows import AddressRows
from keytui.tui.screens.setup.field import Row
from keytui.tui.screens.setup.marks import marks
from keytui.tui.screens.setup.paste_part import KeyField
from keytui.tui.screens.setup.picker import Picker
from keytui.tui.widgets.secret_input import SecretInput

Source = FoundKey | KeyRecord | Literal["paste"]


@dataclass(frozen=True, slots=True)
class AdminGiven:
    """What was entered."""

    key: Secret | KeyRecord
    """The admin key, or the record of one that is stored."""
    base_url: str
    place: Place
    """Where the new key is kept."""
    keep: bool
    """Whether the admin key itself is kept afterwards, in the same place."""


class AdminPart(Vertical):
    """Asks for an admin key; wrong kinds are told at once."""

    def __init__(
        self,
        *,
        found: Found,
        stored: tuple[KeyRecord, ...],
        places: PlacesHere,
        base_url: str | None,
        ready: Secret | None,
    ) -> None:
        """``base_url`` is the address to begin with (None: OpenAI's); ``ready`` an admin key that is given already."""
        super().__init__(id="admin")
        self._places, self._ready = places, ready
        self._address = base_url or found.base_url or OPENAI_BASE_URL
        self._fixed: str | None = None
        self._stored = stored
        self._lying = tuple(key for key in found.keys if key.kind is KeyKind.ADMIN)

    def compose(self) -> ComposeResult:
        """The admin key first; then its address, and what becomes of both keys."""
        dots = marks(self).dots
        sources: list[tuple[Source, str, str]] = [
            (record, f"{dots}{record.last4}", f"stored as “{record.name}”") for record in self._stored
        ]
        sources += [(key, f"{dots}{key.last4}", f"from {key.where}") for key in self._lying]
        if sources:
            yield Row("Take it from", Picker([*sources, ("paste", "paste it", "")], id="source"))
        yield Row("Admin key", KeyField(placeholder="paste it here", id="admin-key"), id="admin-row")
        yield Static("", id="said", markup=False)
        yield AddressRows(self._address)
        yield Row("For", Static("", id="fixed", markup=False), id="fixed-row")
        yield Row("New key in", Picker(self._places.choices, id="place"))
        yield Static("", id="remark", markup=False)
        after = [
            (False, "forget it", "it is in memory until this step ends"),
            (True, "keep it", "where the new key is"),
        ]
        yield Row("Admin key then", Picker(after, id="after"), id="after-row")
        yield Static("", id="problem", markup=False)

    def on_mount(self) -> None:
        """Fill in what is ready."""
        if self._ready is not None:
            self.query_one(SecretInput).load(self._ready)
        self.query_one("#fixed-row").display = False
        self._judge()

    def fix(self, base_url: str | None) -> None:
        """A plan that was left half made is about one address; None: any may be chosen."""
        self._fixed = base_url
        self.query_one("#fixed", Static).update(base_url or "")
        self._judge()

    @property
    def _source(self) -> Source:
        pickers = self.query("#source")
        return pickers.first(Picker).value if pickers else "paste"

    def focus_first(self) -> None:
        """The key, or what it is taken from."""
        self.query_one("#admin-key" if self._source == "paste" else "#source").focus()

    @on(Picker.Changed)
    @on(AddressRows.Changed)
    def _changed(self, message: Picker.Changed | AddressRows.Changed) -> None:
        message.stop()
        self._judge()

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self._judge()

    def _judge(self) -> None:
        """Show what the key is, and what should be known of the place."""
        source, signs = self._source, marks(self)
        self.query_one("#admin-row").display = source == "paste"
        self.query_one(AddressRows).display = not isinstance(source, KeyRecord) and self._fixed is None
        self.query_one("#fixed-row").display = self._fixed is not None
        self.query_one("#after-row").display = not isinstance(source, KeyRecord)
        self.complain("")
        place = self.query_one("#place", Picker).value
        # Why there is no keyring was told in the first step; here it is said of the place that its lack leaves least.
        known = self._places.remark(place) or (self._places.missing if place is Place.SESSION else "")
        remark = self.query_one("#remark", Static)
        remark.update(Content.styled(known, "$dim"))
        remark.display = bool(known)
        said = self.query_one("#said", Static)
        said.display = source == "paste"
        if not self.query_one(SecretInput).secret:
            page = address("admin-keys")
            where = Content.styled(page, Style(link=page)).stylize("$accent")
            said.update(Content.styled("Only owners of the organisation can make one:\n", "$dim") + where)
            return
        pasted = clean(self.query_one(SecretInput).secret.reveal(), base_url=self._wanted())
        if pasted.problem is not None:
            said.update("")
            self.complain(pasted.problem)
        else:
            last4 = f" {signs.dots}{pasted.secret.last4}" if pasted.secret.last4 else ""
            right = wrong_admin_key(pasted.secret, self._wanted()) is None
            sign, look = (signs.done, "bold $success") if right else (signs.warned, "bold $warning")
            said.update(Content.assemble((f"{sign} ", look), f"{pasted.name}{last4}. {pasted.removed}"))

    def _wanted(self) -> str:
        """The address as far as it is one."""
        try:
            return self._fixed or self.query_one(AddressRows).wanted()
        except ValueError:
            return OPENAI_BASE_URL

    def complain(self, sentence: str) -> None:
        """Say why this cannot be used."""
        line = Content.assemble((f"{marks(self).wrong} ", "bold $error"), sentence) if sentence else Content("")
        self.query_one("#problem", Static).update(line)

    def given(self) -> AdminGiven | None:
        """What is to be used; None after a complaint."""
        source = self._source
        place = self.query_one("#place", Picker).value
        if isinstance(source, KeyRecord):
            if self._fixed not in (None, source.base_url):
                self.complain(f"This admin key is for {host_of(source.base_url)}: paste the other organisation's.")
                return None
            return AdminGiven(source, source.base_url, place, keep=False)
        try:
            base_url = self._fixed or self.query_one(AddressRows).wanted()
        except ValueError as problem:
            self.complain(str(problem))
            return None
        secret = self.query_one(SecretInput).secret if source == "paste" else source.secret
        trouble = wrong_admin_key(secret, base_url)
        if trouble is not None:
            self.complain(f"{trouble.title} {trouble.remedy}")
            return None
        cleaned = clean(secret.reveal(), base_url=base_url).secret
        return AdminGiven(cleaned, base_url, place, keep=self.query_one("#after", Picker).value)

    def forget(self) -> None:
        """Empty the field."""
        self.query_one(SecretInput).clear()
