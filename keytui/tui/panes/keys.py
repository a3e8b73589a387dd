"""The keys: which there are, what each can do, and what to do with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.reactive import var
from textual.widgets import DataTable, Static

from keytui.domain.keys import KeyRecord, KeyState, StoreUnreadable, VaultTrouble
from keytui.domain.ledger import Entry, Spend
from keytui.domain.money import dollars
from keytui.domain.probe import StageResult, Verdict
from keytui.domain.troubles import Exit
from keytui.tui.background import in_background
from keytui.tui.messages import KeysChanged, SetupWanted
from keytui.tui.panes.pane import Pane
from keytui.tui.services import Services
from keytui.tui.widgets.sheet import Line, Sheet
from keytui.tui.widgets.stages import Stages

HELP = """\
# Keys

One row for each key that keytui knows. The characters of a key are never shown here, only its last four.

- **enter** makes the highlighted key the one in use.
- **v** checks it stage by stage, and says what is wrong and what to do.
- **a** adds a key you have, **f2** walks you to a new one.
- **d** forgets it here. It stays valid on the platform until you revoke it there.

A key is bound to one address and is never sent to another.
"""

EMPTY = "No keys yet.\n\nF2 walks you to one. If you have a key already, press a and paste it."


class KeysPane(Pane):
    """A table, and the details of the highlighted key beside or below it."""

    HELP = HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "add", tooltip="Keep a key you have.", id="add-key"),
        Binding("u", "use", "use", tooltip="Make this the key in use; enter does the same.", id="use-key"),
        Binding("v", "verify", "verify", tooltip="Check this key, stage by stage.", id="verify-key"),
        Binding("d,delete", "forget", "forget", key_display="d", tooltip="Delete this key here.", id="forget-key"),
    ]

    records: var[tuple[KeyRecord, ...]] = var((), bindings=True)

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._spend: dict[str, Spend] = {}
        self._checked: str | None = None
        """The key whose check is shown."""

    # -- what is seen -------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """The table and the details."""
        with Vertical(id="list"):
            yield DataTable(cursor_type="row", zebra_stripes=False)
            yield Static(EMPTY, id="empty", markup=False)
        with VerticalScroll(id="details"):
            yield Stages()
            yield Sheet(id="facts")

    def on_mount(self) -> None:
        """Read the keys."""
        self.keys_changed()

    def shown(self) -> None:
        """The table takes the focus."""
        self.query_one(DataTable).focus()
        self._sum()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a key works only when there is one."""
        return bool(self.records) if action in ("use", "verify", "forget") else True

    def keys_changed(self) -> None:
        """Read the index again."""
        try:
            self.records = self.services.keys.records()
        except StoreUnreadable as trouble:
            self.notify(str(trouble), severity="error", markup=False, timeout=20)

    def watch_records(self) -> None:
        """Other keys: draw the table anew, the cursor where it was."""
        if self.is_mounted:
            self._fill()

    def watch_key(self) -> None:
        """Another key is in use: its mark moves."""
        if self.is_mounted:
            self._fill()

    def _fill(self) -> None:
        table = self.query_one(DataTable)
        at = table.cursor_row
        table.clear(columns=True)
        rows = [self._cells(record) for record in self.records]
        columns = self._columns(rows)
        table.add_columns(*columns)
        for record, cells in zip(self.records, rows, strict=True):
            table.add_row(*(cells[column] for column in columns), key=record.id)
        table.display = bool(self.records)
        self.query_one("#empty").display = not self.records
        if self.records:
            table.move_cursor(row=min(max(at, 0), len(self.records) - 1))
        self._describe()

    def _columns(self, rows: list[dict[str, str]]) -> list[str]:
        """As many columns as fit, in the order in which they are read; what matters least goes first."""
        columns = ["", "Name", "Key", "Kind", "Project", "Kept in", "Last used", "Expires", "Month", "State"]
        room = (self.query_one("#list").content_size.width or self.size.width) - 1

        def width(column: str) -> int:
            return max([len(column), *(len(row[column]) for row in rows)]) + 2

        for least in ("Project", "Expires", "Kind", "Last used", "Kept in", "Month"):
            if sum(map(width, columns)) <= room:
                break
            columns.remove(least)
        return columns

    def _cells(self, record: KeyRecord) -> dict[str, str]:
        return {
            "": "●" if self.key and record.id == self.key.id else " ",
            "Name": record.name,
            "Key": f"····{record.last4}" if record.last4 else "····",
            "Kind": record.kind.value,
            "Project": record.project_name or record.project or "–",
            "Kept in": record.place.value,
            "Last used": day(record.last_used),
            "Expires": day(record.expires, never="–"),
            "Month": self._month(record),
            "State": record.state.value,
        }

    def on_resize(self) -> None:
        """Other widths show other columns."""
        self._fill()

    def _month(self, record: KeyRecord) -> str:
        spend = self._spend.get(record.id)
        if spend is None:
            return "–"
        return f"{'≥ ' if spend.unpriced else ''}{dollars(spend.cost)}"

    @property
    def highlighted(self) -> KeyRecord | None:
        """The key under the cursor."""
        at = self.query_one(DataTable).cursor_row
        return self.records[at] if 0 <= at < len(self.records) else None

    @on(DataTable.RowHighlighted)
    def _highlighted(self) -> None:
        record, stages = self.highlighted, self.query_one(Stages)
        if record is not None and record.id != self._checked and not stages.running:
            stages.results = ()
        self._describe()

    def _describe(self) -> None:
        record = self.highlighted
        sheet = self.query_one("#facts", Sheet)
        if record is None:
            sheet.lines = ()
            return
        cap = "none" if record.monthly_cap is None else f"{dollars(record.monthly_cap)} a month, kept by keytui"
        lines = [
            Line(record.name),
            Line("kind", record.kind.value),
            Line("address", record.base_url),
            Line("kept in", record.place.value + (f" ({record.locator})" if record.locator else "")),
            Line("added", day(record.created)),
            Line("checked", f"{record.state.value}, {day(record.verified)}" if record.verified else "never"),
            Line("expires", day(record.expires, never="not known")),
            Line("model", record.default_model or "the app's own choice"),
            Line("cap", cap),
            Line("this month", self._month(record)),
        ]
        if record.project_name or record.project:
            lines.insert(3, Line("project", record.project_name or record.project or ""))
        if record.note:
            lines += [Line(), Line("", record.note)]
        sheet.lines = tuple(lines)

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
        if record is not None:
            self.services.keys.activate(record.id)
            self.post_message(KeysChanged(record))
            self.notify(f"{record.name} answers from now on.", markup=False, timeout=3)

    @work(group="verify", exclusive=True, description="check a key")
    async def action_verify(self) -> None:
        """Check the highlighted key; what came of it is kept with it."""
        record = self.highlighted
        if record is None:
            return
        stages = self.query_one(Stages)
        self._checked = record.id
        self.query_one("#details").scroll_home(animate=False)
        stages.restart()
        results: list[StageResult] = []
        try:
            secret = await self.services.keys.secret(record)
            prober = await self.services.prober()
            async for result in prober.key(secret, record.base_url, model=record.default_model or self.model):
                results.append(result)
                stages.add(result)
        except VaultTrouble as trouble:
            self.notify(str(trouble), severity="error", markup=False, timeout=10)
            return
        finally:
            stages.running = False
        now = self.services.now()
        changed = replace(record, verified=now, state=state_after(results))
        await self.services.keys.replace(changed)
        self.keys_changed()
        if self.key is not None and self.key.id == record.id:
            self.post_message(KeysChanged(changed))

    @work(description="forget a key")
    async def action_forget(self) -> None:
        """Delete the highlighted key here, after asking."""
        from keytui.tui.dialogs.confirm import ConfirmDialog

        record = self.highlighted
        if record is None:
            return
        kept = "The characters stay where they are; " if record.place.read_only else "The characters are deleted; "
        consequence = (
            f"{kept}they cannot be shown again. The key stays valid on the platform until it is revoked there. "
            "What it spent stays in the ledger."
        )
        if not await self.app.push_screen_wait(ConfirmDialog(f"Forget {record.name}?", consequence, yes="Forget it")):
            return
        try:
            await self.services.keys.forget(record.id)
        except VaultTrouble as trouble:
            self.notify(str(trouble), severity="error", markup=False, timeout=10)
            return
        self.keys_changed()
        self.post_message(KeysChanged(self.services.keys.active()))

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands of this pane."""
        yield SystemCommand("Add a key", "Paste a key; it is checked and kept", self.action_add)
        if self.highlighted is not None:
            name = self.highlighted.name
            yield SystemCommand(f"Verify {name}", "Check this key stage by stage", partial(self.action_verify))
            yield SystemCommand(f"Forget {name}", "Delete this key here", partial(self.action_forget))


def day(moment: datetime | None, never: str = "never") -> str:
    """A date as it is read: ``23 Nov 2026``."""
    return f"{moment.astimezone():%d %b %Y}" if moment else never


def state_after(results: list[StageResult]) -> KeyState:
    """What a check says of a key."""
    failed = [result.trouble for result in results if result.verdict is Verdict.FAILED]
    if not failed:
        return KeyState.WORKS
    exits = {trouble.exit for trouble in failed if trouble is not None}
    if exits & {Exit.CREDIT, Exit.RATE}:
        return KeyState.LIMITED
    return KeyState.REFUSED if Exit.AUTHENTICATION in exits else KeyState.UNCHECKED
