"""Step 3: the project, and what it may do and cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Static

from keytui.domain.advice import COMPARED, MonthCost, alert_below, fitting_cap
from keytui.domain.money import plain
from keytui.domain.plan import Permissions, Preset, RateLimit
from keytui.domain.plan_lines import tiers
from keytui.domain.presets import PRESETS, TIERS, PresetRow, preset
from keytui.domain.setup import HAVE, Progress
from keytui.tui.screens.setup.calculator import Calculator
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


class ProjectStep(StepView):
    """The plan on the left, the calculator on the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "take_advice", "take advice", tooltip="Take the model and the cap that are enough.", id="advice")
    ]

    _advised: MonthCost | None = None
    """What is enough; None until it is reckoned."""

    @property
    def _has_key(self) -> bool:
        return self.progress.way == HAVE.name

    def content(self) -> Iterable[Widget]:
        """Two columns."""
        yield Horizontal(Vertical(*self._rows(), id="plan"), Calculator(self.services, self.progress), id="project")

    def _rows(self) -> Iterable[Row]:
        """The form; what only a new project has is left out when there is a key already."""
        plan = self.progress.plan
        alert = written(plan.alerts[0] if plan.alerts else None)
        limit = plan.rate_limits[0] if plan.rate_limits else RateLimit("")
        service = plan.permissions.service_tiers
        requests, tokens = limit.requests_per_minute, limit.tokens_per_minute
        presets = Picker([(row.name, row.title, "") for row in PRESETS], plan.permissions.preset, id="preset")
        rows = (
            Row("Name", Field(plan.project.name, max_length=60, id="name")),
            Row("Description", Field(plan.project.description, placeholder="what it is", id="description")),
            Row("Used for", Field(plan.project.intended_use, placeholder="by whom, for what", id="use"), classes="new"),
            Row("It may do", presets, classes="new"),
            Row("Models", Static("", id="allowed", markup=False), classes="new"),
            Row("Usual model", Picker(models_of(plan.permissions.preset), plan.default_model, id="model")),
            Row("Service tier", Picker(tiers_of(service), service, id="tiers"), classes="new"),
            Row("Cap, $ a month", Field(written(plan.cap), restrict=AMOUNT, max_length=8, id="cap")),
            Row("Alert at, $", Field(alert, restrict=AMOUNT, max_length=8, id="alert"), classes="new"),
            Row("Requests/min", _rate(requests, "requests"), classes="new"),
            Row("Tokens/min", _rate(tokens, "tokens"), classes="new"),
            Row("Key expires", Picker(EXPIRIES, plan.key.expires_days, id="expires"), classes="new"),
        )
        for row in rows:
            row.display = not (self._has_key and row.has_class("new"))
        return rows

    def first_focus(self) -> Widget:
        """The name: enter goes on all the same."""
        return self.query_one("#name", Field)

    def on_mount(self) -> None:
        """Name the models once."""
        self._tell_models()

    def _tell_models(self) -> None:
        """The models that the preset allows."""
        row = preset(self.query_one("#preset", Picker).value)
        self.query_one("#allowed", Static).update("\n".join(row.models) or "all of them")

    @on(Picker.Changed, "#preset")
    def _preset_changed(self, message: Picker.Changed) -> None:
        message.stop()
        row = preset(self.query_one("#preset", Picker).value)
        self.query_one("#model", Picker).offer(models_of(row.name), row.default_model)
        self.query_one("#tiers", Picker).value = row.service_tiers
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

    # -- advice ---------------------------------------------------------------------------

    @on(Calculator.Reckoned)
    def _reckoned(self, message: Calculator.Reckoned) -> None:
        message.stop()
        self._advised = message.enough
        self.screen.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Advice can be taken once there is some."""
        return action != "take_advice" or self._advised is not None

    def action_take_advice(self) -> None:
        """Put the smallest plan that fits into the form."""
        if self._advised is None:
            return
        model = self.query_one("#model", Picker)
        if self._advised.model in preset(self.query_one("#preset", Picker).value).models:
            model.value = self._advised.model
        self.query_one("#cap", Field).value = written(fitting_cap(self._advised.amount))

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
            permissions=Permissions(row.name, row.models, row.hosted_tools, self.query_one("#tiers", Picker).value),
            key=key,
            cap=cap,
            spend_limit=cap,
            alerts=() if alert is None else (alert,),
            default_model=self.query_one("#model", Picker).value,
        )
        return self.choose(plan=plan, habit=self.query_one(Calculator).habit)

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


def tiers_of(chosen: tuple[str, ...]) -> list[tuple[tuple[str, ...], str, str]]:
    """Service tiers for a picker; a choice of a plan's own is among them."""
    choices = [(names, words, "") for names, words, _ in TIERS]
    return choices if chosen in [names for names, _, _ in choices] else [*choices, (chosen, tiers(chosen), "")]


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
