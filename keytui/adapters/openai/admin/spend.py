"""Spend limits and spend alerts, of a project or of the whole organisation. Thresholds are US cents."""

from __future__ import annotations

from typing import Any

from keytui.adapters.openai.admin.calling import Calling
from keytui.adapters.openai.rows import alert, number
from keytui.domain.organization.parts import SpendAlert


class Spend(Calling):
    """The part of ``AdminPort`` that is about spend."""

    async def spend_limit(self, project_id: str | None = None) -> int | None:
        """See ``AdminPort.spend_limit``."""
        row = await self._gone_or(lambda o: _of(o, project_id).spend_limit.with_raw_response.retrieve(*_at(project_id)))
        return number(row, "threshold_amount")

    async def set_spend_limit(self, project_id: str | None, cents: int | None) -> None:
        """See ``AdminPort.set_spend_limit``."""
        if cents is None:
            await self._gone_or(lambda o: _of(o, project_id).spend_limit.with_raw_response.delete(*_at(project_id)))
            return
        wanted: Any = {"currency": "USD", "interval": "month", "threshold_amount": cents}
        await self._call(lambda o: _of(o, project_id).spend_limit.with_raw_response.update(*_at(project_id), **wanted))

    async def spend_alerts(self, project_id: str | None) -> tuple[SpendAlert, ...]:
        """See ``AdminPort.spend_alerts``."""
        return await self._every(
            lambda o, **page: _of(o, project_id).spend_alerts.with_raw_response.list(*_at(project_id), **page), alert
        )

    async def make_spend_alert(self, project_id: str | None, cents: int, emails: tuple[str, ...]) -> SpendAlert:
        """See ``AdminPort.make_spend_alert``."""
        wanted = _alert(cents, emails)
        return await self._read(
            lambda o: _of(o, project_id).spend_alerts.with_raw_response.create(*_at(project_id), **wanted), alert
        )

    async def set_spend_alert(self, project_id: str | None, alert: SpendAlert) -> None:
        """See ``AdminPort.set_spend_alert``."""
        wanted = _alert(alert.cents, alert.emails) | _in(project_id)
        await self._call(lambda o: _of(o, project_id).spend_alerts.with_raw_response.update(alert.id, **wanted))

    async def delete_spend_alert(self, project_id: str | None, alert_id: str) -> None:
        """See ``AdminPort.delete_spend_alert``."""
        await self._gone_or(
            lambda o: _of(o, project_id).spend_alerts.with_raw_response.delete(alert_id, **_in(project_id))
        )


def _of(organization: Any, project_id: str | None) -> Any:
    """Where the calls are that a project and the organisation both have."""
    return organization if project_id is None else organization.projects


def _at(project_id: str | None) -> tuple[str, ...]:
    """The first arguments of such a call."""
    return () if project_id is None else (project_id,)


def _in(project_id: str | None) -> dict[str, Any]:
    """The named argument of such a call that is about something inside."""
    return {} if project_id is None else {"project_id": project_id}


def _alert(cents: int, emails: tuple[str, ...]) -> dict[str, Any]:
    return {
        "currency": "USD",
        "interval": "month",
        "threshold_amount": cents,
        "notification_channel": {"type": "email", "recipients": list(emails)},
    }
