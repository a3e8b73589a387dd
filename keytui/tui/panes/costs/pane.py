"""The running cost: today, the month, where it goes, and what it would have been."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Input

from keytui.domain.keys import KeyRecord, StoreUnreadable, VaultTrouble
from keytui.domain.ledger import By
from keytui.domain.pricing import PricesUnchanged
from keytui.domain.settings import NAMES
from keytui.domain.spend_limits import SpendLimit, read_spend_limits
from keytui.tui.background import in_background
from keytui.tui.messages import ConversationWanted, KeysChanged
from keytui.tui.panes.costs import words
from keytui.tui.panes.costs.bill import CostsBill
from keytui.tui.panes.costs.figures import SORTS, spent_so_far
from keytui.tui.panes.costs.view import View

GROUPS: tuple[By, ...] = ("model", "day", "key", "app", "project", "conversation", "tier")


class CostsPane(CostsBill):
    """What the keys of the pane do: other groups, months, keys and orders, caps, prices, and the ways on."""

    HELP = words.HELP
    WHY = "bill"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "next_group", "by", tooltip="Show the table by another group.", id="cost-by"),
        Binding("s", "next_sort", "sort", tooltip="Sort the table by another column.", id="cost-sort"),
        Binding("t", "take_over", "take over", tooltip="Book what was spent elsewhere.", id="cost-take-over"),
        Binding("left", "month(-1)", "month", key_display="←/→", tooltip="Another month.", id="cost-month-back"),
        Binding("right", "month(1)", "month", show=False, id="cost-month-on"),
        Binding("k", "choose_key", "key", tooltip="Look at one key only.", id="cost-key"),
        Binding("e", "view('elsewhere')", "instead", tooltip="The same month elsewhere.", id="cost-elsewhere"),
        Binding("d", "view('dearest')", "turns", tooltip="The turns that cost most.", id="cost-dearest"),
        Binding("p", "view('bill')", "bill", tooltip="The platform's figures beside these.", id="cost-bill"),
        Binding("c", "caps", "caps", tooltip="Set keytui's own limits on spend.", id="cost-caps"),
        Binding("slash", "filter", "filter", key_display="/", tooltip="Show only rows with a word.", id="cost-filter"),
        Binding("escape", "back", "back", id="cost-back"),
    ]

    # -- what is asked ------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each key works where it does something."""
        if self._figures is None or not self.is_mounted:
            return action not in (
                *("next_group", "next_sort", "filter", "month", "choose_key", "view", "take_over", "back"),
            )
        if action == "back":
            return self.view != "table" or self._filtering or self.only is not None
        if action == "take_over":
            return self.can_take_over
        if self.view == "bill" and action in ("next_group", "next_sort", "filter", "choose_key"):
            return action == "next_group"
        if action in ("next_group", "next_sort", "filter"):
            return not self._figures.untouched and not self._typing
        if action == "month":
            return len(self._figures.months) > 1 and not self._typing
        return not self._figures.untouched or (action == "view" and parameters == ("bill",)) or action == "caps"

    @property
    def _filtering(self) -> bool:
        return bool(self.query_one("#wanted", Input).display)

    @property
    def _typing(self) -> bool:
        return self.query_one("#wanted", Input).has_focus

    def watch_group(self, group: By) -> None:
        """Another group: another table, days by date and all else by cost."""
        self.sort = "name" if group == "day" else "cost"
        self.refresh_figures()

    def watch_sort(self) -> None:
        """The same rows in another order."""
        self._draw_table()

    def watch_month(self) -> None:
        """Another month: all anew."""
        self.refresh_figures()
        if self.view == "bill":
            self.read_bill()

    def watch_only(self) -> None:
        """Another key: all anew."""
        self.refresh_figures()

    def watch_view(self, before: View, after: View) -> None:
        """Narrow windows show one of the three; the bill takes the room of them all."""
        self.remove_class(f"-{before}")
        self.add_class(f"-{after}")
        if after == "bill":
            self.read_bill()
        elif before == "bill":
            self.leave_bill()
        self._focus()
        self.call_after_refresh(self._draw)

    def action_next_group(self) -> None:
        """Show the table by the next group."""
        if self.view == "bill":
            self.next_bill_group()
            return
        self.view = "table"
        self.group = GROUPS[(GROUPS.index(self.group) + 1) % len(GROUPS)]

    def show_group(self, group: By) -> None:
        """Show the table by this group."""
        self.view, self.group = "table", group

    def action_next_sort(self) -> None:
        """Sort the table by its next column."""
        self.view = "table"
        self.sort = SORTS[(SORTS.index(self.sort) + 1) % len(SORTS)]

    def action_month(self, step: int) -> None:
        """Show the next or the last month that has entries."""
        if self._figures is None:
            return
        months, today = self._figures.months, self._today()
        shown = self.month or today.replace(day=1)
        there = [one for one in months if (one < shown if step < 0 else one > shown)]
        if there:
            chosen = there[-1] if step < 0 else there[0]
            self.month = None if chosen == today.replace(day=1) else chosen

    def action_view(self, view: View) -> None:
        """Bring the comparison or the dearest turns to the front; again, the table."""
        self.view = "table" if self.view == view else view

    def action_take_over(self) -> None:
        """Book what the platform charged and the ledger has not."""
        self.take_over()

    def action_filter(self) -> None:
        """Type what the rows should have in them."""
        self.view = "table"
        wanted = self.query_one("#wanted", Input)
        wanted.display = True
        wanted.focus()

    def action_back(self) -> None:
        """One step back: out of the filter, of the comparison or the turns, of the one key."""
        wanted = self.query_one("#wanted", Input)
        if wanted.display:
            wanted.value = ""
            wanted.display = False
            self._focus()
            self._draw_table()
        elif self.view != "table":
            self.view = "table"
        else:
            self.only = None

    @on(Input.Changed, "#wanted")
    def _narrow(self) -> None:
        self._draw_table()

    @on(Input.Submitted, "#wanted")
    def _narrowed(self) -> None:
        self._focus()

    @work(description="choose a key to look at")
    async def action_choose_key(self) -> None:
        """Narrow all to one key, or show all keys again."""
        from keytui.tui.dialogs.key import KeyDialog

        chosen = await self.app.push_screen_wait(KeyDialog(self._records(), self.only))
        if chosen is not None:
            self.only = chosen.record

    # -- caps -----------------------------------------------------------------------------------------

    @work(description="set caps")
    async def action_caps(self) -> None:
        """Set and change caps: those of the settings, and that of the key looked at or in use."""
        from keytui.tui.dialogs.caps import CapsDialog

        key = self.only or self.key
        ledger, today = await self.services.ledger(), self._today()
        spent = await in_background(spent_so_far, ledger, key, today)
        settings = self.keytui.settings
        dialog = CapsDialog(self.services.settings, settings, key, spent, platform=self._spend_limits)
        caps = await self.app.push_screen_wait(dialog)
        if caps is None:
            return
        changed = {name: value for name in NAMES if (value := getattr(caps.settings, name)) != getattr(settings, name)}
        if changed:
            self.keytui.change_settings(**changed)
        if key is not None and caps.key_cap != key.monthly_cap:
            await self._cap_key(key, caps.key_cap)
        self.refresh_figures()

    async def _spend_limits(self, ask: bool) -> tuple[SpendLimit, ...] | None:
        """The platform's own limits, by the admin key of the bill in sight or another one."""
        admin = self._admin or await self.open_admin(ask=ask)
        if admin is None:
            return None
        try:
            return await read_spend_limits(admin, self._records(), self.services.now())
        finally:
            if admin is not self._admin:
                await admin.close()

    async def _cap_key(self, key: KeyRecord, cap: Decimal | None) -> None:
        changed = replace(key, monthly_cap=cap)
        try:
            await self.services.keys.replace(changed)
        except (StoreUnreadable, VaultTrouble) as trouble:
            self.notify(str(trouble), severity="error", markup=False, timeout=10)
            return
        if self.only is not None:
            self.only = changed
        if self.key is not None and self.key.id == key.id:
            self.post_message(KeysChanged(changed))

    # -- prices ---------------------------------------------------------------------------------------

    @work(group="prices", exclusive=True, description="update the prices")
    async def update_prices(self) -> None:
        """Fetch newer prices; what is booked keeps its own."""
        try:
            as_of = await self.services.update_prices()
        except PricesUnchanged as unchanged:
            self.notify(str(unchanged), severity="warning", markup=False, timeout=10)
            return
        self.notify(f"Prices of {as_of:%d %b %Y} from now on; what is booked keeps its own.", markup=False, timeout=6)
        self.refresh_figures()

    # -- ways on --------------------------------------------------------------------------------------

    @on(DataTable.RowSelected, "#rows")
    def _row_chosen(self, event: DataTable.RowSelected) -> None:
        key = event.row_key.value or ""
        if self.group == "conversation":
            self._open(key)
        elif self.group == "key":
            self.only = next((record for record in self._records() if record.id == key), self.only)

    @on(DataTable.RowSelected, "#turns")
    def _turn_chosen(self, event: DataTable.RowSelected) -> None:
        figures = self._figures
        entry = next((one for one in figures.dearest if one.id == event.row_key.value), None) if figures else None
        if entry is None:
            return
        if entry.conversation is None:
            self.notify(f"{entry.app} made this request; it was in no conversation.", markup=False, timeout=5)
        else:
            self._open(entry.conversation)

    def _open(self, conversation: str) -> None:
        head = self._heads.get(conversation)
        if head is not None:
            self.post_message(ConversationWanted(head))
        elif conversation:
            self.notify("This conversation is not kept any more; what it cost is.", markup=False, timeout=5)

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands of this pane."""
        for group in GROUPS:
            yield SystemCommand(f"Costs by {group}", "Show the table by this group", partial(self.show_group, group))
        yield SystemCommand("Update prices", "Fetch the newest price list of genai-prices", self.update_prices)
        yield SystemCommand("Caps", "Set keytui's own limits on spend", self.action_caps)
        yield SystemCommand("Costs of one key", "Narrow all figures to one key", self.action_choose_key)
        yield SystemCommand(
            "The same month elsewhere",
            "What it would have cost on another model or tier",
            partial(self.action_view, "elsewhere"),
        )
        yield SystemCommand(
            "The bill", "The platform's figures beside these, explained", partial(self.action_view, "bill")
        )
        yield SystemCommand(
            "Dearest turns", "What cost most; enter opens the conversation", partial(self.action_view, "dearest")
        )
