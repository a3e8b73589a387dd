"""Somebody who applies plans: keys and a journal of their own, and the practice service's organisation to look at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from openai import DefaultHttpx2Client, OpenAI

from keytui.adapters.apply_journal import ApplyJournal
from keytui.adapters.keystore import Keys
from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.probe import Probe
from keytui.adapters.openai.admin import OpenAIAdmin
from keytui.domain.apply.events import Done, Finished, Progress, Stuck
from keytui.domain.apply.run import Means, Outcome
from keytui.domain.applying import apply, undo
from keytui.domain.keys import KeyRecord, Place
from keytui.domain.plan import RateLimit, SetupPlan
from keytui.domain.presets import plan_for
from keytui.domain.secrets import Secret
from tests.adapters.keys_support import Home
from tests.support.practice import Practice

MODEL = "gpt-6-luna"


def plan(name: str, **changes: Any) -> SetupPlan:
    """A plan with every kind of step, for a project of this name."""
    whole = replace(
        plan_for("chat"),
        rate_limits=(RateLimit(MODEL, requests_per_minute=100),),
        spend_limit=Decimal("10"),
        alerts=(Decimal("8"),),
    )
    return replace(whole.with_project(name=name), **changes)


@dataclass(frozen=True)
class Applied:
    """The events of one application."""

    events: list[Progress]

    @property
    def outcomes(self) -> dict[str, Outcome]:
        return {event.step.name: event.outcome for event in self.events if isinstance(event, Done)}

    @property
    def words(self) -> dict[str, str]:
        return {event.step.name: event.words for event in self.events if isinstance(event, Done)}

    @property
    def stuck(self) -> Stuck:
        last = self.events[-1]
        assert isinstance(last, Stuck), last
        return last

    @property
    def finished(self) -> bool:
        last = self.events[-1]
        assert isinstance(last, Finished), last
        return True

    @property
    def record(self) -> KeyRecord:
        last = self.events[-1]
        assert isinstance(last, Finished), last
        assert last.record is not None
        return last.record


async def all_of(progress: AsyncGenerator[Progress, None]) -> Applied:
    async with aclosing(progress) as events:
        return Applied([event async for event in events])


@dataclass
class Office:
    """One user, with the means to apply plans."""

    means: Means
    home: Home
    slept: list[float] = field(default_factory=list)

    @property
    def keys(self) -> Keys:
        assert isinstance(self.means.keep, Keys)
        return self.means.keep

    async def apply(self, wanted: SetupPlan, *, without: Collection[str] = ()) -> Applied:
        return await all_of(apply(wanted, self.means, without=without))

    async def undo(self) -> Applied:
        return await all_of(undo(self.means))

    def but(self, **means: Any) -> Office:
        """The same user with other means."""
        return Office(replace(self.means, **means), self.home, self.slept)


@asynccontextmanager
async def office(service: Practice, folder: Path, *, secret: str | None = None) -> AsyncIterator[Office]:
    home = Home(folder)
    home.clock.time = datetime.now(UTC)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    admin = OpenAIAdmin(Secret(secret or service.admin_key), service.base_url, HttpClients())
    journal = ApplyJournal(folder / "state" / "plan.json")
    keys = await home.open()
    try:
        yield Office(
            Means(admin, keys, Place.FILE, Probe(HttpClients(), environment={}), journal, home.clock, sleep),
            home,
            slept,
        )
    finally:
        await admin.close()


class Organization:
    """The organisation as the unmodified SDK shows it, for looking and for changing it behind a plan's back."""

    def __init__(self, service: Practice) -> None:
        self._service = service
        self._opened: list[OpenAI] = []
        self.api: Any = self.client("").admin.organization

    def client(self, api_key: str) -> OpenAI:
        client = OpenAI(
            api_key=api_key,
            admin_api_key=self._service.admin_key,
            base_url=self._service.base_url,
            max_retries=0,
            http_client=DefaultHttpx2Client(trust_env=False, verify=False),
        )
        self._opened.append(client)
        return client

    def close(self) -> None:
        for client in self._opened:
            client.close()

    def projects(self, name: str, *, archived: bool = False) -> list[str]:
        rows = self.api.projects.list(include_archived=archived, limit=100)
        return [row.id for row in rows if row.name == name]

    def accounts(self, project: str) -> list[str]:
        return [row.name for row in self.api.projects.service_accounts.list(project)]

    def keys(self, project: str) -> list[Any]:
        return list(self.api.projects.api_keys.list(project))

    def settings(self, project: str) -> dict[str, Any]:
        """Everything that is set on a project."""
        there = self.api.projects
        rates = {row.model: row.max_requests_per_1_minute for row in there.rate_limits.list_rate_limits(project)}
        alerts = sorted(row.threshold_amount for row in there.spend_alerts.list(project))
        tiers = there.service_tier_settings.retrieve(project)
        return {
            "models": _or_none(lambda: sorted(there.model_permissions.retrieve(project).api_model_ids)),
            "tools": there.hosted_tool_permissions.retrieve(project).to_dict(),
            "tiers": (tiers.default, tiers.enabled_tiers),
            "rates": rates[MODEL],
            "limit": _or_none(lambda: there.spend_limit.retrieve(project).threshold_amount),
            "alerts": alerts,
            "accounts": self.accounts(project),
            "keys": [key.id for key in self.keys(project)],
        }


def _or_none(ask: Any) -> Any:
    import openai

    try:
        return ask()
    except openai.NotFoundError:
        return None
