"""The running cost: today, the month, where it goes, and what it would have been."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import var
from textual.widgets import DataTable, Input, Static

from keytui.domain.advice import COMPARED
from keytui.domain.conversations import Conversation
from keytui.domain.keys import KeyRecord, StoreUnreadable, VaultTrouble
from keytui.domain.ledger import By, Entry, Spend
from keytui.domain.pricing import PriceBook, PricesUnchanged
from keytui.domain.settings import NAMES
from keytui.tui.background import in_background
from keytui.tui.messages import ConversationWanted, KeysChanged
from keytui.tui.panes import costs_words as words
from keytui.tui.panes.costs_figures import MOST_ROWS, SORTS, Asked, Figures, Sort, heads, read, spent_so_far
from keytui.tui.panes.costs_rows import Table, breakdown, others, turns
from keytui.tui.panes.pane import Pane
from keytui.tui.services import Services
from keytui.tui.widgets.day_bars import Day, DayBars, Rule
from keytui.tui.widgets.figure import Figure
from keytui.tui.widgets.rows import Rows

GROUPS: tuple[By, ...] = ("model", "day", "key", "app", "project", "conversation", "tier")
View = Literal["table", "elsewhere", "dearest"]


class CostsPane(Pane):
    """Large figures, a bar for each day, a table by whatever the user asks, comparisons and the dearest turns.

    In a wide window all are seen at once; in a narrow one the table, the comparison and the turns take turns.
    """

    HELP = words.HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "next_group", "by …", tooltip="Show the table by another group.", id="cost-by"),
        Binding("s", "next_sort", "sort", tooltip="Sort the table by another column.", id="cost-sort"),
        Binding("slash", "filter", "filter", key_display="/", tooltip="Show only rows with a word.", id="cost-filter"),
        Binding("left", "month(-1)", "month", key_display="←/→", tooltip="The month before.", id="cost-month-back"),
        Binding("right", "month(1)", "month", show=False, tooltip="The month after.", id="cost-month-on"),
        Binding("k", "choose_key", "key", tooltip="Look at one key only.", id="cost-key"),
        Binding("e", "view('elsewhere')", "elsewhere", tooltip="The same month elsewhere.", id="cost-elsewhere"),
        Binding("d", "view('dearest')", "dearest", tooltip="The turns that cost most.", id="cost-dearest"),
        Binding("c", "caps", "caps", tooltip="Set keytui's own limits on spend.", id="cost-caps"),
        Binding("escape", "back", "back", id="cost-back"),
    ]

    group: var[By] = var("model", init=False)
    sort: var[Sort] = var("cost", init=False)
    view: var[View] = var("table", init=False)
    month: var[date | None] = var(None, init=False)
    """The first day of the month that is shown; None is the present one, whatever the day."""
    only: var[KeyRecord | None] = var(None, init=False)
    """The key that all is narrowed to."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._prices: PriceBook | None = None
        self._figures: Figures | None = None
        self._heads: dict[str, Conversation] = {}

    # -- what is seen -----------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Figures, chart, and below them the table beside the comparison and the dearest turns."""
        with Horizontal(id="figures"):
            yield Figure("Today", id="today")
            yield Figure("This month", id="month")
            yield Figure("Forecast", id="forecast")
            yield Figure("Saved by caching", id="saved")
        yield DayBars()
        yield Static("", id="empty", markup=False)
        with Horizontal(id="lower"):
            with Vertical(id="table"):
                with Horizontal(classes="head-line"):
                    yield Static("", classes="head", markup=False)
                    yield Input(placeholder="show rows with …", compact=True, id="wanted")
                yield Rows(id="rows")
            with Vertical(id="beside"):
                with Vertical(id="elsewhere"):
                    yield Static("", classes="head", markup=False)
                    yield Rows(id="others")
                with Vertical(id="dearest"):
                    yield Static("", classes="head", markup=False)
                    yield Rows(id="turns")
        yield Static("", id="foot", classes="dim", markup=False)

    def on_mount(self) -> None:
        """The table is in front."""
        self.query_one("#wanted", Input).display = False
        self.set_class(True, "-table")

    def shown(self) -> None:
        """Read the ledger again; the table takes the focus."""
        self._focus()
        self.refresh_figures()

    def entry_booked(self, entry: Entry) -> None:
        """The figures are old."""
        if self.display:
            self.refresh_figures()

    def keys_changed(self) -> None:
        """Caps and names may be others."""
        if self.display:
            self.refresh_figures()

    def on_resize(self) -> None:
        """Other widths show other columns."""
        self._draw()

    @property
    def _ascii(self) -> bool:
        return self.keytui.ascii_only

    def _plain(self, text: str) -> str:
        """A text in characters that the locale has."""
        return text.replace("≥", ">=").replace(" · ", ", ") if self._ascii else text

    def _focus(self) -> None:
        self.query_one({"table": "#rows", "elsewhere": "#others", "dearest": "#turns"}[self.view]).focus()

    # -- what is asked ------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each key works where it does something."""
        if self._figures is None or not self.is_mounted:
            return action not in ("next_group", "next_sort", "filter", "month", "choose_key", "view", "back")
        if action == "back":
            return self.view != "table" or self._filtering or self.only is not None
        if action in ("next_group", "next_sort", "filter"):
            return not self._figures.untouched and not self._typing
        if action == "month":
            return len(self._figures.months) > 1 and not self._typing
        return not self._figures.untouched

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

    def watch_only(self) -> None:
        """Another key: all anew."""
        self.refresh_figures()

    def watch_view(self, before: View, after: View) -> None:
        """Narrow windows show one of the three."""
        self.remove_class(f"-{before}")
        self.add_class(f"-{after}")
        self._focus()
        self.call_after_refresh(self._draw)

    def action_next_group(self) -> None:
        """Show the table by the next group."""
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

    def _records(self) -> tuple[KeyRecord, ...]:
        try:
            return self.services.keys.records()
        except StoreUnreadable:
            return ()  # the keys pane says so

    # -- reading --------------------------------------------------------------------------------

    def _today(self) -> date:
        return self.services.now().astimezone().date()

    @work(group="figures", exclusive=True, description="read the ledger")
    async def refresh_figures(self) -> None:
        """Read the ledger and show what it says."""
        if self._prices is None:
            self._prices = await self.services.prices()
        ledger, today = await self.services.ledger(), self._today()
        asked = Asked(
            today, self.month or today.replace(day=1), self.group, self.only.id if self.only is not None else None
        )
        compared = tuple(dict.fromkeys((*COMPARED, self.model)))
        now = self.services.now()
        figures = await in_background(read, ledger, self._prices, asked, compared=compared, now=now)
        wanted = {entry.conversation for entry in figures.dearest if entry.conversation}
        if asked.group == "conversation":
            wanted |= {row.label for row in figures.rows[:MOST_ROWS] if row.label}
        if missing := wanted - set(self._heads):
            try:
                self._heads |= await in_background(heads, await self.services.conversations(), missing)
            except StoreUnreadable as trouble:
                self.notify(str(trouble), severity="warning", markup=False, timeout=10)
        self._figures = figures
        self.refresh_bindings()
        self._draw()

    # -- drawing ----------------------------------------------------------------------------------

    def _draw(self) -> None:
        figures = self._figures
        if figures is None or not self.is_mounted:
            return
        untouched, nothing = figures.untouched, not figures.month.requests
        self.query_one(DayBars).display = not nothing
        self.query_one("#lower").display = not nothing
        empty = self.query_one("#empty", Static)
        empty.display = nothing
        if nothing:
            empty.update(words.NOTHING_YET if untouched else words.empty_month(figures))
        self._draw_figures(figures)
        self._draw_bars(figures)
        self._draw_table()
        self._fill("elsewhere", others(figures))
        self._fill("dearest", turns(figures, self._heads))
        assert self._prices is not None
        narrow = not self.screen.has_class("-wide")
        self.query_one("#foot", Static).update(self._plain(words.foot(figures, self._prices.as_of, with_saved=narrow)))

    def _cap(self) -> Decimal | None:
        """The cap that the month shown is under: the key's, or the one for all keys."""
        if self.only is not None:
            return self.only.monthly_cap
        records = self._records()
        alone = records[0].monthly_cap if len(records) == 1 else None
        return self.keytui.settings.monthly_cap if alone is None else alone

    def _draw_figures(self, figures: Figures) -> None:
        today, month, asked = figures.today, figures.month, figures.asked
        self.query_one("#today", Figure).show(
            self._plain(words.at_least("Today", today)), words.known(today), words.requests(today.requests)
        )
        notes = words.against_cap(month, self._cap(), ascii_only=self._ascii)
        name = words.month_name(asked.month, asked.today)
        self.query_one("#month", Figure).show(self._plain(words.at_least(name, month)), words.known(month), *notes)
        self.query_one("#forecast", Figure).show(*words.third_figure(figures))
        self.query_one("#saved", Figure).show("Saved by caching", *words.saved(month))

    def _draw_bars(self, figures: Figures) -> None:
        asked, bars = figures.asked, self.query_one(DayBars)
        spent = {date.fromisoformat(day.label): day.cost for day in figures.days}
        every = [asked.month + timedelta(days=number) for number in range((asked.last - asked.month).days + 1)]
        bars.days = tuple(Day(on, spent.get(on, Decimal(0))) for on in every)
        bars.today = asked.today
        cap, daily = self._cap(), self.keytui.settings.daily_cap
        if daily and self.only is None:
            bars.rule = Rule(daily, "cap")
        else:
            bars.rule = Rule(cap / len(every), f"cap/{len(every)}") if cap else None

    def _draw_table(self) -> None:
        if self._figures is None or not self.is_mounted:
            return
        wanted = self.query_one("#wanted", Input).value.casefold().strip()
        table = breakdown(
            self._figures,
            self.sort,
            wanted,
            named=self._row_name,
            only=self.only,
            plain=self._plain,
            ascii_only=self._ascii,
        )
        self._fill("table", table)

    def _fill(self, part: str, table: Table) -> None:
        self.query_one(f"#{part} .head", Static).update(table.title)
        self.query_one(f"#{part} Rows", Rows).fill(table.heads, table.rows, droppable=table.droppable)

    def _row_name(self, row: Spend) -> str:
        """A row's name as the user knows it: a conversation by its title, a project by its name."""
        group = self._figures.asked.group if self._figures else self.group
        if not row.label:
            return f"no {group}"
        if group == "conversation":
            head = self._heads.get(row.label)
            return (head.title or "untitled") if head else "not kept any more"
        if group == "project":
            named = (record.project_name for record in self._records() if record.project == row.label)
            return next((name for name in named if name), row.label)
        if group == "day":
            return f"{date.fromisoformat(row.label):%Y-%m-%d %a}"
        return row.label

    # -- caps -----------------------------------------------------------------------------------------

    @work(description="set caps")
    async def action_caps(self) -> None:
        """Set and change caps: those of the settings, and that of the key looked at or in use."""
        from keytui.tui.dialogs.caps import CapsDialog

        key = self.only or self.key
        ledger, today = await self.services.ledger(), self._today()
        spent = await in_background(spent_so_far, ledger, key, today)
        settings = self.keytui.settings
        caps = await self.app.push_screen_wait(CapsDialog(self.services.settings, settings, key, spent))
        if caps is None:
            return
        changed = {name: value for name in NAMES if (value := getattr(caps.settings, name)) != getattr(settings, name)}
        if changed:
            self.keytui.change_settings(**changed)
        if key is not None and caps.key_cap != key.monthly_cap:
            await self._cap_key(key, caps.key_cap)
        self.refresh_figures()

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
            "Dearest turns", "What cost most; enter opens the conversation", partial(self.action_view, "dearest")
        )
