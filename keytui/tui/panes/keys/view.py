"""What is seen of the keys: the table, and the details of the highlighted one."""

from __future__ import annotations

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.reactive import var
from textual.widgets import DataTable, Static

from keytui.domain.chat import Refused
from keytui.domain.keys import FileState, KeyRecord, Place, StoreUnreadable
from keytui.domain.ledger import Entry, Spend
from keytui.domain.review.finding import Finding
from keytui.tui.background import in_background
from keytui.tui.messages import KeysChanged
from keytui.tui.panes.keys import facts
from keytui.tui.panes.keys.no_keys import NoKeys
from keytui.tui.panes.keys.on_clipboard import OnClipboard
from keytui.tui.panes.keys.table import KeyTable
from keytui.tui.panes.keys.words import LOCKED
from keytui.tui.panes.pane import Pane
from keytui.tui.services import Services
from keytui.tui.widgets.sheet import Sheet
from keytui.tui.widgets.stages import Stages


class KeysView(Pane):
    """A table, and the details of the highlighted key beside or below it."""

    records: var[tuple[KeyRecord, ...]] = var((), bindings=True)
    findings: var[tuple[Finding, ...]] = var(())

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._spend: dict[str, Spend] = {}

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

    @property
    def locked(self) -> bool:
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
        self.query_one("#locked").display = self.locked
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
