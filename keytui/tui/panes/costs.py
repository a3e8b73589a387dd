"""The running cost: today, the month, where it goes, and what it would have been."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import var
from textual.widgets import DataTable, Digits, Static

from keytui.domain.forecast import Forecast, forecast
from keytui.domain.ledger import By, Entry, Ledger, Spend
from keytui.domain.money import dollars
from keytui.domain.pricing import PriceBook
from keytui.tui.background import in_background
from keytui.tui.panes.pane import Pane
from keytui.tui.services import Services
from keytui.tui.widgets.day_bars import Day, DayBars

GROUPS: tuple[By, ...] = ("model", "day", "key", "app", "project", "conversation", "tier")
FORECAST_FROM = timedelta(days=56)
"""How far back the habit is looked at that a forecast goes by: eight weeks, so that weekdays can be told apart."""

HELP = """\
# Costs

Every request keytui makes is booked here when it ends, at the price of that moment.

- Amounts are **estimates from published prices**; the platform's invoice is what counts.
- `≥` means that some requests have no known price, so the sum is a lower bound. An unknown price is `$?`, never zero.
- A request that was stopped or cut is booked as an estimate: the platform bills what it produced.
- **Saved by caching** is what the same input would have cost uncached, less what it did cost.

**b** shows the table by another group.
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the pane shows, read in one go."""

    today: Spend
    month: Spend
    days: Sequence[Spend]
    rows: Sequence[Spend]
    forecast: Forecast | None
    waiting: int


def read(ledger: Ledger, group: By, today: date) -> Figures:
    """The figures of the month so far. Blocking."""
    first = today.replace(day=1)
    days = ledger.by("day", since=first, until=today)
    habit = ledger.by("day", since=today - FORECAST_FROM, until=today)
    spent = {date.fromisoformat(day.label): day.cost for day in habit}
    return Figures(
        today=ledger.total(since=today, until=today),
        month=ledger.total(since=first, until=today),
        days=days,
        rows=days if group == "day" else ledger.by(group, since=first, until=today),
        forecast=forecast(spent, today),
        waiting=ledger.waiting,
    )


class CostsPane(Pane):
    """Large figures, a bar for each day, and a table by whatever the user asks."""

    HELP = HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "next_group", "by …", tooltip="Show the table by another group.", id="cost-by"),
    ]

    group: var[By] = var("model", init=False)

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._prices: PriceBook | None = None

    def compose(self) -> ComposeResult:
        """Figures, chart, table."""
        with Horizontal(id="figures"):
            for name, title in (("today", "Today"), ("month", "This month"), ("forecast", "Forecast")):
                with Vertical(classes="figure"):
                    yield Static(title, classes="dim")
                    yield Digits("", id=name)
                    yield Static("", id=f"{name}-note", classes="dim", markup=False)
        yield DayBars()
        yield Static("", id="by", markup=False)
        yield DataTable(cursor_type="row")
        yield Static("", id="foot", classes="dim", markup=False)

    def shown(self) -> None:
        """Read the ledger again; the table takes the focus."""
        self.query_one(DataTable).focus()
        self.refresh_figures()

    def entry_booked(self, entry: Entry) -> None:
        """The figures are old."""
        if self.display:
            self.refresh_figures()

    def watch_group(self) -> None:
        """Another group: another table."""
        self.refresh_figures()

    def action_next_group(self) -> None:
        """Show the table by the next group."""
        self.group = GROUPS[(GROUPS.index(self.group) + 1) % len(GROUPS)]

    def show_group(self, group: By) -> None:
        """Show the table by this group."""
        self.group = group

    @work(group="figures", exclusive=True, description="read the ledger")
    async def refresh_figures(self) -> None:
        """Read the ledger and show what it says."""
        if self._prices is None:
            self._prices = await self.services.prices()
        ledger = await self.services.ledger()
        today = self.services.now().astimezone().date()
        figures = await in_background(read, ledger, self.group, today)
        self._show(figures, today)

    def _show(self, figures: Figures, today: date) -> None:
        cap = self.key.monthly_cap if self.key and self.key.monthly_cap else self.keytui.settings.monthly_cap
        self._figure("today", figures.today.cost, requests(figures.today.requests))
        note = requests(figures.month.requests) + (f", cap {dollars(cap)}" if cap else ", no cap set")
        self._figure("month", figures.month.cost, note)
        if figures.forecast is None:
            self.query_one("#forecast", Digits).update("–")
            self.query_one("#forecast-note", Static).update("after three days of use")
        else:
            low, high = figures.forecast.low, figures.forecast.high
            self._figure("forecast", figures.forecast.expected, f"by month's end, {dollars(low)} to {dollars(high)}")
        bars = self.query_one(DayBars)
        spent = {date.fromisoformat(day.label): day.cost for day in figures.days}
        first = today.replace(day=1)
        every = [first + timedelta(days=number) for number in range((today - first).days + 1)]
        bars.days = tuple(Day(on, spent.get(on, Decimal(0))) for on in every)
        bars.today = today
        following = (first + timedelta(days=32)).replace(day=1)
        bars.even = cap / (following - first).days if cap else None
        self._table(figures)
        self.query_one("#foot", Static).update(self._foot(figures))

    def _figure(self, name: str, amount: Decimal, note: str) -> None:
        self.query_one(f"#{name}", Digits).update(dollars(amount))
        self.query_one(f"#{name}-note", Static).update(note)

    def _table(self, figures: Figures) -> None:
        self.query_one("#by", Static).update(f"This month by {self.group}")
        table = self.query_one(DataTable)
        at = table.cursor_row
        table.clear(columns=True)
        wide = self.size.width >= 100
        columns = ["Requests", "In", "Cached", "Out", "Cost", "Share"] if wide else ["Requests", "In", "Out", "Cost"]
        table.add_column(self.group.capitalize(), width=max(16, self.size.width - (64 if wide else 46)))
        for column in columns:
            table.add_column(f"{column:>9}", width=9)
        total = figures.month.cost
        for row in figures.rows:
            unknown = row.unpriced and not row.cost
            cells = {
                "Requests": f"{row.requests:,}",
                "In": f"{row.input:,}",
                "Cached": f"{row.cached:,}",
                "Out": f"{row.output:,}",
                "Cost": "$?" if unknown else dollars(row.cost, at_least=row.at_least),
                "Share": f"{row.cost / total:.0%}" if total else "–",
            }
            table.add_row(row.label or "none", *(f"{cells[column]:>9}" for column in columns))
        if figures.rows:
            table.move_cursor(row=min(at, len(figures.rows) - 1))

    def _foot(self, figures: Figures) -> str:
        assert self._prices is not None
        parts = [f"Prices of {self._prices.as_of:%d %b %Y}", f"saved by caching {dollars(figures.month.saved)}"]
        if figures.month.estimated:
            parts.append(f"{figures.month.estimated:,} of {figures.month.requests:,} requests are estimates")
        if figures.month.unpriced:
            parts.append(f"{figures.month.unpriced:,} have no known price ($?)")
        if figures.waiting:
            parts.append(f"{figures.waiting:,} entries wait in the journal: the database cannot be written")
        return " · ".join(parts)

    def commands(self) -> Iterable[SystemCommand]:
        """The palette's commands of this pane."""
        for group in GROUPS:
            yield SystemCommand(f"Costs by {group}", "Show the table by this group", partial(self.show_group, group))


def requests(number: int) -> str:
    """How many, in words: ``1 request``, ``1,024 requests``."""
    return f"{number:,} request{'' if number == 1 else 's'}"
