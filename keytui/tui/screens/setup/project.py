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
from keytui.domain.plan import Permissions, Preset, RateLimit
from keytui.domain.presets import PRESETS, PresetRow, preset
from keytui.domain.setup import HAVE, Habit, Progress
from keytui.tui.screens.setup.field import Field, Row
from keytui.tui.screens.setup.picker import Picker
from keytui.tui.screens.setup.step import StepView

AMOUNT = r"[0-9]*\.?[0-9]*"
"""What may stand in a field for an amount of USD."""

EXPIRIES: tuple[tuple[int | None, str, str], ...] = (
    (30, "in 30 days", ""),
    (90, "in 90 days", ""),
    (365, "in a year", ""),
    (None, "never", ""),
)

WHY_WITH_KEY = (
    "The name is how you will know the key. The cap is kept on this machine: above it, "
    "nothing is sent. Start small, and raise it when you need to."
)


class ProjectStep(StepView):
    """The plan on the left, the calculator on the right."""

    HEADING: ClassVar[str] = "Your project"
    WHY: ClassVar[str] = (
        "A project keeps the keys, limits and spending of one purpose together. "
        "Small limits cost nothing: start with them, and raise them when you need to."
    )
    TOPIC: ClassVar[str] = "project"

    @property
    def _has_key(self) -> bool:
        return self.progress.way == HAVE.name

    @property
    def heading(self) -> str:
        """With a key there is no project to make."""
        return "What is it for?" if self._has_key else self.HEADING

    @property
    def why(self) -> str:
        """See ``heading``."""
        return WHY_WITH_KEY if self._has_key else self.WHY

    def content(self) -> Iterable[Widget]:
        """Two columns."""
        habit = self.progress.habit
        calculator = Vertical(
            Static("What will it cost?", classes="group", markup=False),
            Field(habit.message, placeholder="a message like yours", max_length=4000, id="typical"),
            Horizontal(
                Field(str(habit.messages_a_day), restrict=r"[0-9]*", max_length=6, id="messages"),
                Static("messages like this a day", id="messages-words", markup=False),
                id="habit",
            ),
            Static("", id="costs", markup=False),
            Static("", id="advice", markup=False),
            id="calculator",
        )
        yield Horizontal(Vertical(*self._rows(), id="plan"), calculator, id="project")

    def _rows(self) -> Iterable[Row]:
        """The form; what only a new project has is left out when there is a key already."""
        plan = self.progress.plan
        alert = written(plan.alerts[0] if plan.alerts else None)
        limit = plan.rate_limits[0] if plan.rate_limits else RateLimit("")
        requests, tokens = limit.requests_per_minute, limit.tokens_per_minute
        presets = Picker([(row.name, row.title, "") for row in PRESETS], plan.permissions.preset, id="preset")
        rows = (
            Row("Name", Field(plan.project.name, max_length=60, id="name")),
            Row("Description", Field(plan.project.description, placeholder="what it is", id="description")),
            Row("Used for", Field(plan.project.intended_use, placeholder="by whom, for what", id="use"), classes="new"),
            Row("It may do", presets, classes="new"),
            Row("Models", Static("", id="allowed", markup=False), classes="new"),
            Row("Usual model", Picker(models_of(plan.permissions.preset), plan.default_model, id="model")),
            Row("Cap, $ a month", Field(written(plan.cap), restrict=AMOUNT, max_length=8, id="cap")),
            Row("Alert at, $", Field(alert, restrict=AMOUNT, max_length=8, id="alert"), classes="new"),
            Row("Requests, min", _rate(requests, "requests"), classes="new"),
            Row("Tokens, min", _rate(tokens, "tokens"), classes="new"),
            Row("Key expires", Picker(EXPIRIES, plan.key.expires_days, id="expires"), classes="new"),
        )
        for row in rows:
            row.display = not (self._has_key and row.has_class("new"))
        return rows

    def first_focus(self) -> Widget:
        """The name: enter goes on all the same."""
        return self.query_one("#name", Field)

    def on_mount(self) -> None:
        """Reckon once with what stands there."""
        self._tell_models()
        self._reckon()

    def _tell_models(self) -> None:
        """The models that the preset allows."""
        row = preset(self.query_one("#preset", Picker).value)
        self.query_one("#allowed", Static).update("\n".join(row.models) or "all of them")

    @on(Picker.Changed, "#preset")
    def _preset_changed(self, message: Picker.Changed) -> None:
        message.stop()
        row = preset(self.query_one("#preset", Picker).value)
        self.query_one("#model", Picker).offer(models_of(row.name), row.default_model)
        self.query_one("#expires", Picker).value = row.expires_days
        self._tell_models()

    @on(Input.Changed, "#cap")
    def _cap_changed(self, message: Input.Changed) -> None:
        """The alert follows the cap until it was set by hand."""
        message.stop()
        before, now = self.progress.plan.cap, amount(message.value)
        alert = self.query_one("#alert", Field)
        if alert.value in ("", written(alert_below(before) if before else None)):
            alert.value = written(alert_below(now) if now else None)
        self.progress = self.choose(plan=replace(self.progress.plan, cap=now))

    # -- the calculator -----------------------------------------------------------------

    @on(Input.Changed, "#typical, #messages")
    def _habit_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._reckon()

    @work(exclusive=True, group="reckon", description="reckon a month's cost")
    async def _reckon(self) -> None:
        habit = self._habit()
        counted = (await self.services.count([habit.message], COMPARED[0]))[0]
        months = month_costs(
            messages_a_day=habit.messages_a_day,
            tokens_in=counted + message_overhead(1),
            tokens_out=habit.answer,
            prices=await self.services.prices(),
            now=self.services.now(),
        )
        if not self.query("#advice"):
            # The step was left meanwhile.
            return
        self.query_one("#costs", Static).update(table(months, counted, habit.answer))
        cheapest = months[0]
        self.query_one("#advice", Static).update(
            Content.assemble(
                ("Enough: ", "$dim"), (cheapest.model, "bold"), f", cap {dollars(fitting_cap(cheapest.amount))}"
            )
        )

    def _habit(self) -> Habit:
        messages = int(self._value("messages") or 0)
        return replace(self.progress.habit, messages_a_day=messages, message=self._value("typical"))

    def _value(self, field: str) -> str:
        return self.query_one(f"#{field}", Field).value.strip()

    def so_far(self) -> Progress:
        """The plan as it stands in the form; a name that is empty keeps its default."""
        plan, row = self.progress.plan, preset(self.query_one("#preset", Picker).value)
        name = self._value("name") or plan.project.name
        cap, alert = amount(self._value("cap")), amount(self._value("alert"))
        project = replace(
            plan.project, name=name, description=self._value("description"), intended_use=self._value("use")
        )
        key = replace(
            plan.key,
            name=name,
            service_account=name,
            scopes=row.scopes,
            expires_days=self.query_one("#expires", Picker).value,
        )
        plan = replace(
            plan,
            project=project,
            rate_limits=self._rate_limits(row),
            permissions=Permissions(row.name, row.models, row.hosted_tools, row.service_tiers),
            key=key,
            cap=cap,
            spend_limit=cap,
            alerts=() if alert is None else (alert,),
            default_model=self.query_one("#model", Picker).value,
        )
        return self.choose(plan=plan, habit=self._habit())

    def _rate_limits(self, row: PresetRow) -> tuple[RateLimit, ...]:
        """One limit for each model that is allowed; none while both fields are empty."""
        requests, tokens = (int(self._value(name) or 0) or None for name in ("requests", "tokens"))
        if requests is None and tokens is None:
            return ()
        return tuple(RateLimit(model, requests, tokens) for model in row.models or (row.default_model,))


def _rate(figure: int | None, name: str) -> Field:
    """A field for a rate limit."""
    shown = "" if figure is None else str(figure)
    return Field(shown, placeholder="as they are", restrict=r"[0-9]*", max_length=9, id=name)


def models_of(name: Preset) -> list[tuple[str, str, str]]:
    """The models of a preset, for a picker."""
    return [(model, model, "") for model in preset(name).models or COMPARED]


def table(months: tuple[MonthCost, ...], asked: int, answered: int) -> Content:
    """The cost of a month on each model, amounts below each other."""
    amounts = column([month.amount for month in months])
    rows = [
        Content.assemble(f"{month.model:<13}", (f"{shown} a month", "" if number else "bold"))
        for number, (month, shown) in enumerate(zip(months, amounts, strict=True))
    ]
    rows.append(Content.styled(f"~{asked:,} tokens in, ~{answered:,} out each", "$dim"))
    return Content("\n").join(rows)


def amount(text: str) -> Decimal | None:
    """An amount of USD from a field; None when there is none in it."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None


def written(number: Decimal | None) -> str:
    """An amount for a field."""
    return "" if number is None else plain(number)
