"""Spend limits and spend alerts, of the organisation and of projects. Thresholds are US cents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from keytui.servers.practice import errors, identity
from keytui.servers.practice.admin.pages import Row, cursor_page, not_found, project_of
from keytui.servers.practice.admission import over
from keytui.servers.practice.bodies import Body
from keytui.servers.practice.errors import ApiError
from keytui.servers.practice.inference import Call
from keytui.servers.practice.organization import Project, SpendAlert
from keytui.servers.practice.reply import Json, Reply


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a limit or an alert belongs: to a project, or to the organisation."""

    call: Call
    project: Project | None

    @property
    def kind(self) -> str:
        return "organization" if self.project is None else "project"

    @property
    def cents(self) -> int | None:
        return self.call.context.world.spend_cents if self.project is None else self.project.spend_cents

    def set_cents(self, cents: int | None) -> None:
        world = self.call.context.world
        if self.project is None:
            world.spend_cents = cents
        else:
            world.projects[self.project.id] = replace(self.project, spend_cents=cents)

    @property
    def alerts(self) -> Mapping[str, SpendAlert]:
        return self.call.context.world.alerts if self.project is None else self.project.alerts

    def set_alerts(self, alerts: Mapping[str, SpendAlert]) -> None:
        world = self.call.context.world
        if self.project is None:
            world.alerts = dict(alerts)
        else:
            world.projects[self.project.id] = replace(self.project, alerts=alerts)

    def limit_row(self, cents: int) -> Row:
        world = self.call.context.world
        spent = world.book.spent(world.now, None if self.project is None else self.project.id)
        return {
            "object": f"{self.kind}.spend_limit",
            "threshold_amount": cents,
            "currency": "USD",
            "interval": "month",
            "enforcement": {"status": "enforcing" if over(spent, cents) else "inactive"},
        }

    def alert_row(self, alert: SpendAlert) -> Row:
        channel: Row = {"type": "email", "recipients": list(alert.recipients)}
        if alert.subject_prefix is not None:
            channel["subject_prefix"] = alert.subject_prefix
        return {
            "id": alert.id,
            "object": f"{self.kind}.spend_alert",
            "threshold_amount": alert.cents,
            "currency": "USD",
            "interval": "month",
            "notification_channel": channel,
        }


def _place(call: Call, *, change: bool = False) -> _Place:
    inside = "project_id" in call.request.path_params
    return _Place(call, project_of(call, active=change) if inside else None)


async def limit(call: Call) -> Reply:
    """The spend limit. Raises 404 while there is none."""
    place = _place(call)
    if place.cents is None:
        raise ApiError(404, "No spend limit is set.", code="not_found")
    return Json(place.limit_row(place.cents))


async def set_limit(call: Call) -> Reply:
    """Set or replace the spend limit."""
    place = _place(call, change=True)
    body = await call.body()
    body.only(("currency", "interval", "threshold_amount"))
    cents = _threshold(body)
    place.set_cents(cents)
    return Json(place.limit_row(cents))


async def delete_limit(call: Call) -> Reply:
    """Remove the spend limit."""
    place = _place(call, change=True)
    if place.cents is None:
        raise ApiError(404, "No spend limit is set.", code="not_found")
    place.set_cents(None)
    return Json({"object": f"{place.kind}.spend_limit.deleted", "deleted": True})


async def list_alerts(call: Call) -> Reply:
    """The spend alerts."""
    place = _place(call)
    return cursor_page(call, [place.alert_row(alert) for alert in place.alerts.values()])


async def create_alert(call: Call) -> Reply:
    """Make a spend alert. The practice service sends no mail."""
    place = _place(call, change=True)
    alert = _alert(await call.body(), identity.identifier("alert_"))
    place.set_alerts({**place.alerts, alert.id: alert})
    return Json(place.alert_row(alert))


async def alert(call: Call) -> Reply:
    """One spend alert."""
    place = _place(call)
    return Json(place.alert_row(_alert_of(place)))


async def set_alert(call: Call) -> Reply:
    """Replace a spend alert."""
    place = _place(call, change=True)
    changed = _alert(await call.body(), _alert_of(place).id)
    place.set_alerts({**place.alerts, changed.id: changed})
    return Json(place.alert_row(changed))


async def delete_alert(call: Call) -> Reply:
    """Remove a spend alert."""
    place = _place(call, change=True)
    gone = _alert_of(place)
    place.set_alerts({name: each for name, each in place.alerts.items() if name != gone.id})
    return Json({"id": gone.id, "object": f"{place.kind}.spend_alert.deleted", "deleted": True})


def _alert_of(place: _Place) -> SpendAlert:
    name = place.call.request.path_params["alert_id"]
    if name not in place.alerts:
        raise not_found("Spend alert", name)
    return place.alerts[name]


def _threshold(body: Body) -> int:
    for name, value in (("currency", "USD"), ("interval", "month")):
        if body.choice(name, (value,)) is None:
            raise body.missing(name)
    cents = body.integer("threshold_amount", 1)
    if cents is None:
        raise body.missing("threshold_amount")
    return cents


def _alert(body: Body, name: str) -> SpendAlert:
    body.only(("currency", "interval", "threshold_amount", "notification_channel"))
    cents = _threshold(body)
    channel = body.part("notification_channel")
    if channel is None:
        raise body.missing("notification_channel")
    channel.only(("type", "recipients", "subject_prefix"))
    if channel.choice("type", ("email",)) is None:
        raise channel.missing("type")
    recipients = channel.texts("recipients")
    if recipients is None:
        raise channel.missing("recipients")
    if not recipients or not all("@" in each for each in recipients):
        raise errors.invalid(
            "Invalid 'notification_channel.recipients': expected e-mail addresses.",
            "notification_channel.recipients",
            "invalid_value",
        )
    return SpendAlert(name, cents, tuple(recipients), channel.text("subject_prefix"))
