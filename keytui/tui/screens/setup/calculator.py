"""Step 3, the calculator: what a habit comes to in a month, on three models and three ways of being served."""

from __future__ import annotations

from decimal import Decimal

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from keytui.domain.advice import COMPARED, Demand, Measured, MonthCost, fitting_cap, month_costs
from keytui.domain.habits import begun, demand_of
from keytui.domain.keys import StoreUnreadable
from keytui.domain.money import dollars
from keytui.domain.setup import Habit, Progress
from keytui.tui.background import in_background
from keytui.tui.screens.setup.field import Field
from keytui.tui.services import Services


class Calculator(Vertical):
    """Reckons with every change; the smallest plan that fits stands below the table."""

    class Reckoned(Message):
        """What is enough is known now."""

        def __init__(self, enough: MonthCost) -> None:
            super().__init__()
            self.enough = enough

    def __init__(self, services: Services, progress: Progress) -> None:
        """The habit of ``progress`` stands there first, or real use of its key where nothing was chosen yet."""
        super().__init__(id="calculator")
        self._services, self._progress, self._first = services, progress, progress.habit

    def compose(self) -> ComposeResult:
        """The habit, the table, the advice."""
        yield Static("What will it cost?", classes="group", markup=False)
        yield Field(self._first.message, placeholder=_wanted(self._first), max_length=4000, id="typical")
        for name, figure, length, words in (
            ("messages", self._first.messages_a_day, 6, "messages like this a day"),
            ("together", self._first.together, 2, "in each conversation"),
        ):
            field = Field(str(figure), restrict=r"[0-9]*", max_length=length, id=name)
            yield Horizontal(field, Static(words, markup=False), classes="habit", id=f"{name}-row")
        yield Static("", id="costs", markup=False)
        yield Static("", id="advice", markup=False)

    def on_mount(self) -> None:
        """Reckon once with what stands there."""
        self._begin()

    @work(description="begin with real use")
    async def _begin(self) -> None:
        try:
            real = await begun(
                self._progress,
                keys=self._services.keys,
                ledger=await self._services.ledger(),
                now=self._services.now(),
                background=in_background,
            )
        except StoreUnreadable:
            # The step of the key says so; here the reckoning begins as on the first day.
            real = self._first
        if real != self._first and self.query("#typical") and self.habit == self._first:
            self._first = real
            self._field("typical").placeholder = _wanted(real)
            self._field("typical").value, self._field("messages").value = real.message, str(real.messages_a_day)
        self._reckon()

    @property
    def habit(self) -> Habit:
        """What stands in the fields."""
        return Habit(
            messages_a_day=int(self._value("messages") or 0),
            message=self._value("typical"),
            answer=self._first.answer,
            together=int(self._value("together") or 0) or 1,
            sent=self._first.sent,
            cached=self._first.cached,
            written=self._first.written,
        )

    def _field(self, name: str) -> Field:
        return self.query_one(f"#{name}", Field)

    def _value(self, field: str) -> str:
        return self._field(field).value.strip()

    @on(Input.Changed)
    def _changed(self, message: Input.Changed) -> None:
        message.stop()
        self._reckon()

    @work(exclusive=True, group="reckon", description="reckon a month's cost")
    async def _reckon(self) -> None:
        habit = self.habit
        # How long conversations are is part of what was measured.
        self.query_one("#together-row").display = not habit.measured
        counted = (await self._services.count([habit.message], COMPARED[0]))[0]
        demand = demand_of(habit, counted)
        months = month_costs(demand, prices=await self._services.prices(), now=self._services.now())
        if not self.query("#advice"):
            # The step was left meanwhile.
            return
        self.query_one("#costs", Static).update(table(months, demand))
        enough = months[0]
        cap = f", cap {dollars(fitting_cap(enough.amount))}"
        self.query_one("#advice", Static).update(Content.assemble(("Enough: ", "$dim"), (enough.model, "bold"), cap))
        self.post_message(self.Reckoned(enough))


def _wanted(habit: Habit) -> str:
    """What an empty message stands for."""
    return "as in your ledger" if habit.sent else "a message like yours"


def table(months: tuple[MonthCost, ...], demand: Demand | Measured) -> Content:
    """The cost of a month on each model and each way, amounts below each other, and what they are reckoned from."""
    ways = [
        ("a month", [month.model for month in months]),
        ("Standard", _amounts([month.amount for month in months])),
        ("Flex", _amounts([month.flex for month in months])),
        ("Batch", _amounts([month.batch for month in months])),
    ]
    widths = [max(len(way), *map(len, texts)) for way, texts in ways]
    rows = [Content.styled(_row([way for way, _ in ways], widths), "$dim")]
    for number in range(len(months)):
        row = _row([texts[number] for _, texts in ways], widths)
        rows.append(Content.styled(row, "" if number else "bold"))
    saved = months[0].saved
    each = f"~{demand.message:,} tokens in, ~{demand.answer:,} out each"
    if saved:
        each = f"~{demand.message:,} in, ~{demand.answer:,} out; cache {dollars(-saved, digits=1)}"
    rows.append(Content.styled(each, "$dim"))
    return Content("\n").join(rows)


def _amounts(amounts: list[Decimal | None]) -> list[str]:
    """Amounts of a month; a way that is not offered, or has no known price, has none."""
    return ["–" if amount is None else _short(amount) for amount in amounts]


def _short(amount: Decimal) -> str:
    """An amount in six characters, for three of them stand side by side."""
    if amount < 100:
        return dollars(amount, digits=1)
    return f"${amount:,.0f}" if amount < 10_000 else f"${amount / 1000:,.0f}k"


def _row(texts: list[str], widths: list[int]) -> str:
    """The name to the left, amounts to the right."""
    name, *amounts = zip(texts, widths, strict=True)
    return " ".join([name[0].ljust(name[1]), *(text.rjust(width) for text, width in amounts)])
