"""How the costs pane looks: what it reads from the ledger, and where on the screen it goes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from rich.style import Style
from textual import work
from textual.app import ComposeResult
from textual.color import Color
from textual.containers import Horizontal, Vertical
from textual.reactive import var
from textual.widgets import Input, Static

from keytui.domain.advice import COMPARED
from keytui.domain.conversations import Conversation
from keytui.domain.keys import KeyRecord, StoreUnreadable
from keytui.domain.ledger import By, Entry, Spend
from keytui.domain.pricing import PriceBook
from keytui.tui.background import in_background
from keytui.tui.panes.costs import words
from keytui.tui.panes.costs.bars import day_bar, drawn_apart
from keytui.tui.panes.costs.figures import MOST_ROWS, Asked, Figures, Sort, heads, read
from keytui.tui.panes.costs.rows import Table, breakdown, others, turns
from keytui.tui.panes.pane import Pane
from keytui.tui.services import Services
from keytui.tui.widgets.bill_view import BillView
from keytui.tui.widgets.day_bars import SERIES, DayBars, Rule
from keytui.tui.widgets.figure import Figure
from keytui.tui.widgets.rows import Rows

View = Literal["table", "elsewhere", "dearest", "bill"]


_LISTS = {"table": "#rows", "elsewhere": "#others", "dearest": "#turns", "bill": "#bill-rows"}


class CostsView(Pane):
    """Large figures, a bar for each day, and three tables; ``CostsPane`` adds what keys do.

    In a wide window all are seen at once; in a narrow one the table, the comparison and the turns take turns.
    """

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
            yield BillView(id="bill")
        yield Static("", id="foot", classes="dim", markup=False)

    def on_mount(self) -> None:
        """The table is in front."""
        self.query_one("#wanted", Input).display = False
        empty = self.query_one("#empty", Static)
        empty.display, empty.can_focus = False, True
        self.set_class(True, "-table")
        # Not by watching the theme's name: its colours are other ones only after that.
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw_table())

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
        """The keys go to the list in sight, or to the sentence in its place: what is hidden takes none."""
        empty = self.query_one("#empty", Static)
        self.query_one("#empty" if empty.display else _LISTS[self.view]).focus()

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

    def _records(self) -> tuple[KeyRecord, ...]:
        try:
            return self.services.keys.records()
        except StoreUnreadable:
            return ()  # the keys pane says so

    # -- drawing ----------------------------------------------------------------------------------

    def _draw(self) -> None:
        figures = self._figures
        if figures is None or not self.is_mounted:
            return
        untouched, nothing = figures.untouched, not figures.month.requests
        narrow = not self.screen.has_class("-wide")
        # The bill has bars of its own: in a narrow window its rows need the room.
        self.query_one(DayBars).display = not nothing and not (self.view == "bill" and narrow)
        self.query_one("#lower").display = not nothing or self.view == "bill"
        empty = self.query_one("#empty", Static)
        here = self.screen.focused
        waits = here is None or (self in here.ancestors and here.can_focus and here.id != "wanted")
        if empty.display != (nothing and self.view != "bill"):
            empty.display = not empty.display
            if waits and self.display:
                self._focus()
        if nothing:
            nothing_yet = words.NOTHING_YET + ("" if self._records() else words.NO_KEY_YET)
            empty.update(nothing_yet if untouched else words.empty_month(figures))
        self._draw_figures(figures)
        self._draw_bars(figures)
        self._draw_table()
        self._fill("elsewhere", others(figures))
        self._fill("dearest", turns(figures, self._heads))
        assert self._prices is not None
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
        every = [asked.month + timedelta(days=number) for number in range((asked.last - asked.month).days + 1)]
        bars.days = tuple(day_bar(figures, on) for on in every)
        bars.today = asked.today
        cap, daily = self._cap(), self.keytui.settings.daily_cap
        if daily and self.only is None:
            bars.rule = Rule(daily, "cap")
        else:
            bars.rule = Rule(cap / len(every), "cap") if cap else None

    def _draw_table(self) -> None:
        if self._figures is None or not self.is_mounted:
            return
        wanted = self.query_one("#wanted", Input).value.casefold().strip()
        table = breakdown(
            self._figures,
            self.sort,
            wanted,
            named=self._row_name,
            coloured=self._colours(),
            only=self.only,
            plain=self._plain,
            ascii_only=self._ascii,
        )
        self._fill("table", table)

    def _colours(self) -> dict[str, Style]:
        """The colours of the bars' parts by what they are of; by the empty name that of all the rest."""
        if self._figures is None or self._ascii or self.app.no_color:
            return {}
        values = self.app.theme_variables
        if not self._figures.shares:
            return {"": Style(color=Color.parse(values["secondary"]).rich_color)}
        found = [Style(color=Color.parse(values[name.removeprefix("$")]).rich_color) for name in SERIES]
        return dict(zip(drawn_apart(self._figures), found, strict=False)) | {"": found[-1]}

    def _fill(self, part: str, table: Table) -> None:
        self.query_one(f"#{part} .head", Static).update(table.title)
        self.query_one(f"#{part} Rows", Rows).fill(
            table.heads, table.rows, droppable=table.droppable, texts=table.texts, least_name=table.least_name
        )

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
