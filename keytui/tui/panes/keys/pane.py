"""The pane itself: a table of keys, the details of one, and the verbs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from importlib import import_module
from typing import ClassVar, cast

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.reactive import var
from textual.widgets import DataTable, Static

from keytui.domain.chat import Refused
from keytui.domain.keys import FileState, KeyRecord, Place, StoreUnreadable, VaultTrouble
from keytui.domain.ledger import Entry, Spend
from keytui.domain.review.finding import Finding
from keytui.tui.background import in_background
from keytui.tui.messages import KeysChanged, SetupWanted
from keytui.tui.panes.keys import facts
from keytui.tui.panes.keys.no_keys import NoKeys
from keytui.tui.panes.keys.on_clipboard import OnClipboard
from keytui.tui.panes.keys.table import KeyTable
from keytui.tui.panes.keys.words import COMMANDS, HELP, LOCKED
from keytui.tui.panes.pane import Pane
from keytui.tui.services import Services
from keytui.tui.widgets.sheet import Sheet
from keytui.tui.widgets.stages import Stages

VERBS = {
    "verify": "checking",
    "edit": "changing",
    "move": "changing",
    "forget": "changing",
    "rotate": "rotating",
    "reveal": "showing",
    "copy": "showing",
    "export": "showing",
}
"""The verbs, and the module of each; it is imported when the verb is first used."""

Verb = Callable[[Pane, KeyRecord], Awaitable[KeyRecord | None]]
"""Does something with a key; answers its record when that changed. Raises ``VaultTrouble`` and ``StoreUnreadable``."""

_NEED_A_KEY = ("use", "do", "review")


class KeysPane(Pane):
    """A table, and the details of the highlighted key beside or below it."""

    HELP = HELP
    WHY = "safe"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "keep_copied", "keep copied", tooltip="Leave the key on the clipboard.", id="keep-copied"),
        Binding("l", "unlock", "unlock", tooltip="Open the encrypted file.", id="unlock"),
        Binding("a", "add", "add", tooltip="Add a key you have.", id="add-key"),
        Binding("v", "do('verify')", "verify", tooltip="Check this key, stage by stage.", id="verify-key"),
        Binding("u", "use", "use", tooltip="Make this the key in use; enter does the same.", id="use-key"),
        Binding("e", "do('edit')", "edit", tooltip="Name, model, cap, address, dates.", id="edit-key"),
        Binding("r", "do('rotate')", "rotate", tooltip="Let a new key take over this one's name.", id="rotate-key"),
        Binding(
            "d,delete", "do('forget')", "forget", key_display="d", tooltip="Delete this key here.", id="forget-key"
        ),
        Binding("w", "review", "review", tooltip="Look for what should be changed.", id="review-keys"),
        Binding("c", "do('copy')", "copy", tooltip="Copy the characters.", id="copy-key"),
        Binding("s", "do('reveal')", "show", tooltip="Show the characters for ten seconds.", id="show-key"),
        Binding("m", "do('move')", "move", tooltip="Keep this key in another place.", id="move-key"),
        Binding("i", "take_up", "import", tooltip="Import a key that is on this machine.", id="import-key"),
        Binding("o", "organization", "organisation", tooltip="All of it, by admin key.", id="organization"),
        Binding("x", "do('export')", "export", tooltip="Write what is known of keys to a file.", id="export-keys"),
        Binding("W", "review(True)", "review files", show=False, id="review-files"),
    ]

    records: var[tuple[KeyRecord, ...]] = var((), bindings=True)
    findings: var[tuple[Finding, ...]] = var(())

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._spend: dict[str, Spend] = {}

    # -- what is seen -------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The table and the details."""
        with Vertical(id="list"):
            yield KeyTable()
            yield NoKeys(self.services)
            yield Static(LOCKED, id="locked", classes="dim", markup=False)
        with VerticalScroll(id="details"):
            yield OnClipboard()
            yield Stages()
            yield Sheet(id="pressing")
            yield Sheet(id="facts")
            yield Sheet(id="notes")

    def on_mount(self) -> None:
        """Read the keys."""
        self.keys_changed()

    def shown(self) -> None:
        """The table takes the focus."""
        self.query_one(KeyTable).focus()
        self._fill()
        self._sum()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a key works only when there is one."""
        if action == "keep_copied":
            return self.is_mounted and any(clipboard.counting for clipboard in self.query(OnClipboard))
        if action == "unlock":
            return self._locked
        return bool(self.records) if action in _NEED_A_KEY else True

    @property
    def _locked(self) -> bool:
        """Whether there are keys that cannot be read before a passphrase is given."""
        in_file = any(record.place is Place.FILE for record in self.records)
        return in_file and self.services.keys.file_state is FileState.LOCKED

    def services_started(self) -> None:
        """In practice, the key that was given out is there now."""
        self.keys_changed()

    def keys_changed(self) -> None:
        """Read the index again, and look over it."""
        try:
            self.records = self.services.keys.records()
        except StoreUnreadable as trouble:
            self.complain(trouble)

    def watch_records(self) -> None:
        """Other keys: look over them, and draw the table anew."""
        from keytui.domain.review.reviewing import review

        ids = {record.id for record in self.records}
        # What a look at characters and platform found stays known; the rest is looked at again.
        kept = [finding for finding in self.findings if finding.by_looking and finding.key_id in ids]
        capped = self.keytui.settings.monthly_cap is not None
        fresh = review(self.records, self.services.now(), capped=capped).findings
        self.findings = (*kept, *fresh)
        if self.is_mounted:
            self._fill()

    def watch_key(self) -> None:
        """Another key is in use: its mark moves."""
        if self.is_mounted:
            self._fill()

    def _fill(self) -> None:
        count: dict[str, int] = {}
        for finding in self.findings:
            if finding.weight != "know":
                count[finding.key_id] = count.get(finding.key_id, 0) + 1
        table = self.query_one(KeyTable)
        table.display = bool(self.records)
        self.query_one("#empty").display = not self.records
        self.query_one("#locked").display = self._locked
        table.show(
            self.records,
            active=self.key,
            spend=self._spend,
            findings=count,
            file_state=self.services.keys.file_state,
            room=(self.query_one("#list").content_size.width or self.size.width) - 1,
        )
        self._describe()
        self.refresh_bindings()

    def on_resize(self) -> None:
        """Other widths show other columns."""
        self._fill()

    @property
    def highlighted(self) -> KeyRecord | None:
        """The key under the cursor."""
        at = self.query_one(KeyTable).cursor_row
        return self.records[at] if 0 <= at < len(self.records) else None

    @on(DataTable.RowHighlighted)
    def _highlighted(self) -> None:
        record, stages = self.highlighted, self.query_one(Stages)
        if record is not None and record.id != stages.about and not stages.running:
            stages.results = ()
        self._describe()

    def _describe(self) -> None:
        record = self.highlighted
        pressing, about, notes = (self.query_one(f"#{name}", Sheet) for name in ("pressing", "facts", "notes"))
        if record is None:
            pressing.lines = about.lines = notes.lines = ()
            return
        mine = [finding for finding in self.findings if finding.key_id == record.id]
        pressing.lines = facts.found([finding for finding in mine if finding.weight != "know"])
        about.lines = facts.facts(record, self._spend.get(record.id), self.services.keys.file_state)
        notes.lines = facts.found([finding for finding in mine if finding.weight == "know"])
        for sheet in (pressing, notes):
            sheet.display = bool(sheet.lines)

    @work(group="sum", exclusive=True, description="sum up the month by key")
    async def _sum(self) -> None:
        ledger = await self.services.ledger()
        today = self.services.now().astimezone().date()
        for record in self.records:
            self._spend[record.id] = await in_background(
                ledger.total, since=today.replace(day=1), until=today, key_id=record.id
            )
        self._fill()

    def entry_booked(self, entry: Entry) -> None:
        """The month's figures are old."""
        if self.display:
            self._sum()

    def complain(self, trouble: Exception) -> None:
        """Tell a trouble in its own words."""
        said = f"{trouble.trouble.title} {trouble.trouble.remedy}" if isinstance(trouble, Refused) else str(trouble)
        self.notify(said, severity="error", markup=False, timeout=12)

    def told(self, record: KeyRecord | None = None) -> None:
        """Keys have changed: everybody reads them again; ``record`` is put under the cursor."""
        try:
            active = self.services.keys.active()
        except StoreUnreadable as trouble:
            self.complain(trouble)
            return
        self.keys_changed()
        self._fill()
        if record is not None:
            at = [number for number, known in enumerate(self.records) if known.id == record.id]
            self.query_one(KeyTable).move_cursor(row=at[0] if at else 0)
        self.post_message(KeysChanged(active))

    # -- what can be done ------------------------------------------------------------------

    def action_add(self) -> None:
        """Open set-up, where a key is pasted, checked and kept."""
        self.post_message(SetupWanted(at="key"))

    @on(DataTable.RowSelected)
    def _row_selected(self) -> None:
        self.action_use()

    def action_use(self) -> None:
        """Make the highlighted key the one in use."""
        record = self.highlighted
        if record is None:
            return
        try:
            self.services.keys.activate(record.id)
        except (VaultTrouble, StoreUnreadable) as trouble:
            self.complain(trouble)
            return
        self.post_message(KeysChanged(record))
        self.notify(f"{record.name} is the key in use now.", markup=False, timeout=3)

    @work(group="verb", description="do something with a key")
    async def action_do(self, verb: str) -> None:
        """Do something with the highlighted key, and tell what came of it."""
        record = self.highlighted
        if record is None:
            return
        module = import_module(f"keytui.tui.panes.keys.{VERBS[verb]}")
        try:
            changed = await cast("Verb", getattr(module, verb))(self, record)
        except (VaultTrouble, StoreUnreadable, Refused) as trouble:
            self.complain(trouble)
            changed = None
        if changed is not None:
            self.told(changed)
        else:
            self._fill()

    @work(group="verb", description="take up a key that lies here")
    async def action_take_up(self) -> None:
        """Look for keys on this machine, and offer them."""
        from keytui.tui.panes.keys.taking import take_up

        try:
            record = await take_up(self)
        except (VaultTrouble, StoreUnreadable) as trouble:
            self.complain(trouble)
            return
        if record is not None:
            self.told(record)

    @work(group="verb", description="open the organisation")
    async def action_organization(self) -> None:
        """Open the organisation, with an admin key."""
        from keytui.tui.panes.keys.organizing import organization

        try:
            await organization(self, self.highlighted)
        except (VaultTrouble, StoreUnreadable) as trouble:
            self.complain(trouble)

    @work(group="verb", exclusive=True, description="review all keys")
    async def action_review(self, files: bool = False) -> None:
        """Look for what should be changed about any key; ``files``: also where other programs and shells keep keys."""
        from keytui.tui.panes.keys.reviewing import look_over

        try:
            self.findings = await look_over(self, files=files)
        except (VaultTrouble, StoreUnreadable) as trouble:
            self.complain(trouble)
        self._fill()

    @work(group="verb", description="open the encrypted file")
    async def action_unlock(self) -> None:
        """Open the encrypted file."""
        from keytui.tui.dialogs.passphrase import open_file

        if await open_file(self.app, self.services.keys):
            for sentence in await self.services.keys.heal():
                self.notify(sentence, markup=False, timeout=15)
            self.told(self.highlighted)

    def action_keep_copied(self) -> None:
        """Leave the copied key on the clipboard."""
        self.query_one(OnClipboard).keep()

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands of this pane."""
        yield SystemCommand("Add a key", "Paste a key; it is checked and kept", self.action_add)
        yield SystemCommand("Organisation", "All projects and keys, by admin key", self.action_organization)
        yield SystemCommand("Import a key", "Import a key that is on this machine", self.action_take_up)
        record = self.highlighted
        if record is None:
            return
        yield SystemCommand("Review the keys", "Look for what should be changed", self.action_review)
        files = partial(self.action_review, True)
        yield SystemCommand("Review the keys and files", "Also where other programs and shells keep keys", files)
        for verb, (title, what) in COMMANDS.items():
            yield SystemCommand(title.format(record.name), what, partial(self.action_do, verb))
