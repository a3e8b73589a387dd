"""Step 3: the project, what it may do and cost, and what that comes to in a month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from textual import on, work
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from keytui.domain.advice import COMPARED, MonthCost, alert_below, fitting_cap, month_costs
from keytui.domain.money import column, dollars, plain
from keytui.domain.overhead import message_overhead
from keytui.domain.plan import Preset
from keytui.domain.presets import PRESETS, preset
from keytui.domain.setup import Habit, Progress
from keytui.tui.screens.setup.field import Field, Row
from keytui.tui.screens.setup.picker import Picker
from keytui.tui.screens.setup.step import StepView

EXPIRIES: tuple[tuple[int | None, str, str], ...] = (
    (30, "30 days", ""),
    (90, "90 days", ""),
    (365, "a year", ""),
    (None, "never", ""),
)
USUAL_WORDS = "a message like this"


class ProjectStep(StepView):
    """The plan on the left, the calculator on the right."""

    HEADING: ClassVar[str] = "Your project"
    WHY: ClassVar[str] = (
        "A project keeps the keys, limits and spending of one purpose together.\n"
        "Small limits cost nothing: start with them, and raise them when you need to."
    )
    TOPIC: ClassVar[str] = "project"

    def content(self) -> Iterable[Widget]:
        """Two columns."""
        plan, habit = self.progress.plan, self.progress.habit
        yield Horizontal(
            Vertical(
                Row("Name", Field(plan.project.name, max_length=60, id="name")),
                Row("Description", Field(plan.project.description, placeholder="what it is", id="description")),
                Row("Used for", Field(plan.project.intended_use, placeholder="by whom, for what", id="use")),
                Row(
                    "It may do",
                    Picker([(row.name, row.title, "") for row in PRESETS], plan.permissions.preset, id="preset"),
                ),
                Row("Model", Picker(self._models(plan.permissions.preset), plan.default_model, id="model")),
                Row("Cap, $ a month", Field(self._amount(plan.cap), restrict=r"[0-9.]*", max_length=8, id="cap")),
                Row(
                    "Mail me at, $",
                    Field(
                        self._amount(plan.alerts[0] if plan.alerts else None),
                        restrict=r"[0-9.]*",
                        max_length=8,
                        id="alert",
                    ),
                ),
                Row("Key expires", Picker(EXPIRIES, plan.key.expires_days, id="expires")),
                id="plan",
            ),
            Vertical(
                Static("What will it cost?", classes="group", markup=False),
                Field(habit.message, placeholder=USUAL_WORDS, max_length=4000, id="typical"),
                Horizontal(
                    Field(str(habit.messages_a_day), restrict=r"[0-9]*", max_length=6, id="messages"),
                    Static("such messages a day", id="messages-words", markup=False),
                    id="habit",
                ),
                Static("", id="costs", markup=False),
                Static("", id="advice", markup=False),
                id="calculator",
            ),
            id="project",
        )

    def first_focus(self) -> Widget:
        """The name: enter goes on all the same."""
        return self.query_one("#name", Field)

    def on_mount(self) -> None:
        """Reckon once with what stands there."""
        self._reckon()

    @staticmethod
    def _amount(amount: Decimal | None) -> str:
        return "" if amount is None else plain(amount)

    @staticmethod
    def _models(name: Preset) -> list[tuple[str, str, str]]:
        row = preset(name)
        return [(model, model, "") for model in row.models or COMPARED]

    @on(Picker.Changed, "#preset")
    def _preset_changed(self, message: Picker.Changed) -> None:
        message.stop()
        row = preset(self.query_one("#preset", Picker).value)
        self.query_one("#model", Picker).offer(self._models(row.name), row.default_model)
        self.query_one("#expires", Picker).value = row.expires_days

    @on(Input.Changed, "#typical, #messages")
    def _habit_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._reckon()

    @on(Input.Changed, "#cap")
    def _cap_changed(self, message: Input.Changed) -> None:
        """The alert follows the cap until it is set by hand."""
        message.stop()
        alert, before = self.query_one("#alert", Field), self.progress.plan.cap
        if before is not None and alert.value in ("", plain(alert_below(before))):
            cap = amount(message.value)
            alert.value = "" if cap is None else plain(alert_below(cap))
        self.progress = replace(self.progress, plan=replace(self.progress.plan, cap=amount(message.value)))

    @work(exclusive=True, group="reckon", description="reckon a month's cost")
    async def _reckon(self) -> None:
        habit = self._habit()
        counted, prices = await self.services.count([habit.message], COMPARED[0]), await self.services.prices()
        months = month_costs(
            messages_a_day=habit.messages_a_day,
            tokens_in=counted[0] + message_overhead(1),
            tokens_out=habit.answer,
            prices=prices,
            now=self.services.now(),
        )
        words = f"such messages a day: ~{counted[0]} tokens"
        self.query_one("#messages-words", Static).update(words)
        self.query_one("#costs", Static).update(self._table(months, habit))
        cheapest = months[0]
        self.query_one("#advice", Static).update(
            Content.assemble(
                ("Enough: ", "$dim"),
                (cheapest.model, "bold"),
                f" with a cap of {dollars(fitting_cap(cheapest.amount))}.",
            )
        )

    def _table(self, months: tuple[MonthCost, ...], habit: Habit) -> Content:
        amounts = column([month.amount for month in months])
        rows = [
            Content.assemble(f"{month.model:<13}", (f"{shown} a month", "" if number else "bold"))
            for number, (month, shown) in enumerate(zip(months, amounts, strict=True))
        ]
        rows.append(Content.styled(f"answers of ~{habit.answer} tokens, nothing cached", "$dim"))
        return Content("\n").join(rows)

    def _habit(self) -> Habit:
        written = self.query_one("#messages", Field).value
        message = self.query_one("#typical", Field).value
        return replace(self.progress.habit, messages_a_day=int(written or 0), message=message)

    def _written(self, field: str) -> str:
        return self.query_one(f"#{field}", Field).value.strip()

    def so_far(self) -> Progress:
        """The plan as it stands in the form; what is empty keeps its default."""
        plan, value = self.progress.plan, self._written
        row = preset(self.query_one("#preset", Picker).value)
        cap, alert = amount(value("cap")), amount(value("alert"))
        name = value("name") or plan.project.name
        plan = replace(
            plan,
            project=replace(plan.project, name=name, description=value("description"), intended_use=value("use")),
            permissions=replace(plan.permissions, preset=row.name, models=row.models),
            key=replace(
                plan.key,
                name=name,
                service_account=name,
                scopes=row.scopes,
                expires_days=self.query_one("#expires", Picker).value,
            ),
            cap=cap,
            spend_limit=cap,
            alerts=() if alert is None else (alert,),
            default_model=self.query_one("#model", Picker).value,
        )
        return self.choose(plan=plan, habit=self._habit())


def amount(written: str) -> Decimal | None:
    """An amount of USD from a field; None when there is none in it."""
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None
