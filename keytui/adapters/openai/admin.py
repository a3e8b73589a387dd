"""The organisation, managed through the official SDK with an admin key.

Import it lazily: its first use loads the SDK, in a thread. The key is kept in memory, in this object and the SDK's
client, until ``close``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from keytui.adapters.http import HttpClients
from keytui.adapters.openai.failures import Asked
from keytui.adapters.openai.reading import document_signal
from keytui.adapters.openai.rows import (
    account,
    alert,
    cost,
    flag,
    key,
    limit,
    member,
    moment,
    number,
    project,
    text,
    texts,
    usage,
)
from keytui.domain.admin import (
    CostRow,
    Gone,
    MadeKey,
    Member,
    ModelLimit,
    ModelPermissions,
    Project,
    ProjectKey,
    ServiceAccount,
    ServiceTiers,
    SpendAlert,
    UsageRow,
)
from keytui.domain.admin_troubles import GONE, explain_admin, wrong_admin_key
from keytui.domain.chat import Refused
from keytui.domain.plan_rules import HOSTED_TOOLS
from keytui.domain.secrets import Secret
from keytui.domain.shapes import kind_of

if TYPE_CHECKING:
    from openai import AsyncOpenAI

ANSWER_WITHIN = 60.0
"""Seconds without a byte before a call is given up."""
_PAGE = 100
_MOST_PAGES = 200
"""Pages that are read of one list: far more than any organisation has, and an end to a server that never ends."""

R = TypeVar("R")


class OpenAIAdmin:
    """Implements ``AdminPort``. Making one is instant. Retries nothing."""

    def __init__(self, secret: Secret, base_url: str, http: HttpClients | None = None) -> None:
        """``secret`` is an admin key; it is sent to ``base_url`` only."""
        self.base_url = base_url
        self._secret: Secret | None = secret
        self._http = http or HttpClients()
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    # Looking.

    async def projects(self, *, archived: bool = False) -> tuple[Project, ...]:
        """See ``OrganizationView.projects``."""
        found = await self._every(
            lambda o, **page: o.projects.with_raw_response.list(include_archived=archived, **page), project
        )
        # A server that ignores the parameter lists them all.
        kept = [each for each in found if archived or not each.archived]
        return tuple(sorted(kept, key=lambda each: each.created or datetime.max.replace(tzinfo=UTC)))

    async def service_accounts(self, project_id: str) -> tuple[ServiceAccount, ...]:
        """See ``OrganizationView.service_accounts``."""
        return await self._every(
            lambda o, **page: o.projects.service_accounts.with_raw_response.list(project_id, **page), account
        )

    async def keys(self, project_id: str) -> tuple[ProjectKey, ...]:
        """See ``OrganizationView.keys``."""
        return await self._every(lambda o, **page: o.projects.api_keys.with_raw_response.list(project_id, **page), key)

    async def members(self) -> tuple[Member, ...]:
        """See ``OrganizationView.members``."""
        return await self._every(lambda o, **page: o.users.with_raw_response.list(**page), member)

    async def usage(
        self, since: datetime, until: datetime | None = None, *, group_by: tuple[str, ...] = ()
    ) -> tuple[UsageRow, ...]:
        """See ``OrganizationView.usage``."""
        asked = _period(since, until, group_by)
        return await self._buckets(
            lambda o, **page: o.usage.with_raw_response.completions(**asked, limit=31, **page), usage
        )

    async def costs(
        self, since: datetime, until: datetime | None = None, *, group_by: tuple[str, ...] = ()
    ) -> tuple[CostRow, ...]:
        """See ``OrganizationView.costs``."""
        asked = _period(since, until, group_by)
        return await self._buckets(lambda o, **page: o.usage.with_raw_response.costs(**asked, limit=180, **page), cost)

    # Projects and what is set on them.

    async def make_project(self, name: str, *, residency: str | None = None) -> Project:
        """See ``AdminPort.make_project``."""
        wanted: dict[str, Any] = {} if residency is None else {"residency": residency}
        return await self._read(lambda o: o.projects.with_raw_response.create(name=name, **wanted), project)

    async def archive_project(self, project_id: str) -> None:
        """See ``AdminPort.archive_project``."""
        await self._gone_or(lambda o: o.projects.with_raw_response.archive(project_id))

    async def model_permissions(self, project_id: str) -> ModelPermissions | None:
        """See ``AdminPort.model_permissions``."""
        row = await self._gone_or(lambda o: o.projects.model_permissions.with_raw_response.retrieve(project_id))
        models = texts(row, "api_model_ids")
        if row is None or models is None:
            return None
        deny = text(row, "mode") == "deny_list"
        if deny and not models:
            return None
        return ModelPermissions("deny_list" if deny else "allow_list", models)

    async def set_model_permissions(self, project_id: str, permissions: ModelPermissions | None) -> None:
        """See ``AdminPort.set_model_permissions``."""
        if permissions is None:
            await self._gone_or(lambda o: o.projects.model_permissions.with_raw_response.delete(project_id))
            return
        mode, models = permissions.mode, list(permissions.models)
        await self._call(
            lambda o: o.projects.model_permissions.with_raw_response.update(project_id, mode=mode, model_ids=models)
        )

    async def hosted_tools(self, project_id: str) -> Mapping[str, bool]:
        """See ``AdminPort.hosted_tools``."""
        row = await self._call(lambda o: o.projects.hosted_tool_permissions.with_raw_response.retrieve(project_id))
        told = {tool: flag(getattr(row, tool, None), "enabled") for tool in HOSTED_TOOLS}
        return {tool: on for tool, on in told.items() if on is not None}

    async def set_hosted_tools(self, project_id: str, tools: Mapping[str, bool]) -> None:
        """See ``AdminPort.set_hosted_tools``."""
        wanted: dict[str, Any] = {tool: {"enabled": on} for tool, on in tools.items()}
        if wanted:
            await self._call(
                lambda o: o.projects.hosted_tool_permissions.with_raw_response.update(project_id, **wanted)
            )

    async def service_tiers(self, project_id: str) -> ServiceTiers:
        """See ``AdminPort.service_tiers``."""
        row = await self._call(lambda o: o.projects.service_tier_settings.with_raw_response.retrieve(project_id))
        enabled = None if getattr(row, "enabled_tiers", None) == "all" else texts(row, "enabled_tiers") or ()
        return ServiceTiers(text(row, "default") or "standard", enabled)

    async def set_service_tiers(self, project_id: str, tiers: ServiceTiers) -> None:
        """See ``AdminPort.set_service_tiers``."""
        wanted: Any = {"default": tiers.default, "enabled_tiers": "all" if tiers.enabled is None else [*tiers.enabled]}
        await self._call(lambda o: o.projects.service_tier_settings.with_raw_response.update(project_id, **wanted))

    async def rate_limits(self, project_id: str) -> tuple[ModelLimit, ...]:
        """See ``AdminPort.rate_limits``."""
        return await self._every(
            lambda o, **page: o.projects.rate_limits.with_raw_response.list_rate_limits(project_id, **page), limit
        )

    async def set_rate_limit(self, project_id: str, limit: ModelLimit) -> None:
        """See ``AdminPort.set_rate_limit``."""
        figures = {
            "max_requests_per_1_minute": limit.requests_per_minute,
            "max_tokens_per_1_minute": limit.tokens_per_minute,
        }
        wanted: dict[str, Any] = {name: figure for name, figure in figures.items() if figure is not None}
        await self._call(
            lambda o: o.projects.rate_limits.with_raw_response.update_rate_limit(
                limit.id, project_id=project_id, **wanted
            )
        )

    async def spend_limit(self, project_id: str | None = None) -> int | None:
        """See ``AdminPort.spend_limit``."""
        if project_id is None:
            row = await self._gone_or(lambda o: o.spend_limit.with_raw_response.retrieve())
        else:
            row = await self._gone_or(lambda o: o.projects.spend_limit.with_raw_response.retrieve(project_id))
        return number(row, "threshold_amount")

    async def set_spend_limit(self, project_id: str, cents: int | None) -> None:
        """See ``AdminPort.set_spend_limit``."""
        if cents is None:
            await self._gone_or(lambda o: o.projects.spend_limit.with_raw_response.delete(project_id))
            return
        wanted: Any = {"currency": "USD", "interval": "month", "threshold_amount": cents}
        await self._call(lambda o: o.projects.spend_limit.with_raw_response.update(project_id, **wanted))

    async def spend_alerts(self, project_id: str) -> tuple[SpendAlert, ...]:
        """See ``AdminPort.spend_alerts``."""
        return await self._every(
            lambda o, **page: o.projects.spend_alerts.with_raw_response.list(project_id, **page), alert
        )

    async def make_spend_alert(self, project_id: str, cents: int, emails: tuple[str, ...]) -> SpendAlert:
        """See ``AdminPort.make_spend_alert``."""
        wanted: Any = {
            "currency": "USD",
            "interval": "month",
            "threshold_amount": cents,
            "notification_channel": {"type": "email", "recipients": list(emails)},
        }
        return await self._read(lambda o: o.projects.spend_alerts.with_raw_response.create(project_id, **wanted), alert)

    async def delete_spend_alert(self, project_id: str, alert_id: str) -> None:
        """See ``AdminPort.delete_spend_alert``."""
        await self._gone_or(lambda o: o.projects.spend_alerts.with_raw_response.delete(alert_id, project_id=project_id))

    # Accounts and keys.

    async def make_service_account(self, project_id: str, name: str) -> ServiceAccount:
        """See ``AdminPort.make_service_account``: without a key of its own, which could not be scoped."""
        wanted: Any = {"name": name, "create_service_account_only": True}
        return await self._read(
            lambda o: o.projects.service_accounts.with_raw_response.create(project_id, **wanted), account
        )

    async def set_account_role(self, project_id: str, account_id: str, role: Literal["member", "owner"]) -> None:
        """See ``AdminPort.set_account_role``."""
        await self._call(
            lambda o: o.projects.service_accounts.with_raw_response.update(account_id, project_id=project_id, role=role)
        )

    async def delete_service_account(self, project_id: str, account_id: str) -> None:
        """See ``AdminPort.delete_service_account``."""
        await self._gone_or(
            lambda o: o.projects.service_accounts.with_raw_response.delete(account_id, project_id=project_id)
        )

    async def make_key(
        self, project_id: str, account_id: str, name: str, *, scopes: tuple[str, ...], expires_seconds: int | None
    ) -> MadeKey:
        """See ``AdminPort.make_key``."""
        wanted: dict[str, Any] = {"name": name}
        if scopes:
            wanted["scopes"] = list(scopes)
        if expires_seconds is not None:
            wanted["expires_in_seconds"] = expires_seconds

        def made(row: Any) -> MadeKey:
            value = text(row, "value")
            if not value:
                raise ValueError("a made key without its characters")
            return MadeKey(row.id, text(row, "name") or name, Secret(value), moment(row, "expires_at"))

        return await self._read(
            lambda o: o.projects.service_accounts.api_keys.with_raw_response.create(
                account_id, project_id=project_id, **wanted
            ),
            made,
        )

    async def revoke_key(self, project_id: str, key_id: str) -> None:
        """See ``AdminPort.revoke_key``."""
        await self._gone_or(lambda o: o.projects.api_keys.with_raw_response.delete(key_id, project_id=project_id))

    async def close(self) -> None:
        """See ``AdminPort.close``."""
        client, self._client, self._secret = self._client, None, None
        if client is not None:
            client.admin_api_key = None
            await client.close()

    # Calling.

    async def _call(self, ask: Callable[[Any], Awaitable[Any]]) -> Any:
        """What one call gives. Raises ``Refused``, and ``Gone`` for a 404."""
        return await self._read(ask, lambda answer: answer)

    async def _read(self, ask: Callable[[Any], Awaitable[Any]], read: Callable[[Any], R]) -> R:
        """What one call gives, read; an answer that cannot be read is refused as well. Raises as ``_call``."""
        asked = self._asked()
        client = await self._open(asked)
        page = ""
        try:
            answer = await ask(client.admin.organization)
            if "html" in answer.headers.get("content-type", ""):
                page = answer.http_response.text[:2000]
                raise ValueError("a web page where an answer was expected")
            return read(answer.parse())
        except Exception as error:  # the SDK lets ValueError, AttributeError and others through (openai-facts 3.10)
            signal = document_signal(error, asked, page)
        trouble = explain_admin(signal)
        # Not chained: what the SDK raised may hold the admin key.
        raise (Gone if trouble.id == GONE else Refused)(trouble) from None

    async def _gone_or(self, ask: Callable[[Any], Awaitable[Any]]) -> Any:
        """What one call gives, or None when what it is about is not there."""
        try:
            return await self._call(ask)
        except Gone:
            return None

    async def _every(self, ask: Callable[..., Awaitable[Any]], read: Callable[[Any], R]) -> tuple[R, ...]:
        """All rows of a list, page by page; a page that brings nothing new ends it."""
        found: dict[str, R] = {}
        after: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            page, rows = await self._read(partial(ask, limit=_PAGE, **after), _listed)
            fresh = {row.id: row for row in rows if text(row, "id") and row.id not in found}
            found |= {name: read(row) for name, row in fresh.items()}
            if not fresh or not flag(page, "has_more"):
                break
            after = {"after": text(page, "last_id") or [*fresh][-1]}
        return tuple(found.values())

    async def _buckets(self, ask: Callable[..., Awaitable[Any]], read: Callable[[Any, Any], R | None]) -> tuple[R, ...]:
        """All rows of all buckets; these lists are paged by hand (openai-facts 2.2)."""
        found: list[R] = []
        asked: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            page, buckets = await self._read(partial(ask, **asked), _listed)
            for bucket in buckets:
                rows = (read(bucket, row) for row in getattr(bucket, "results", None) or ())
                found += [row for row in rows if row is not None]
            following = text(page, "next_page")
            if not flag(page, "has_more") or not following or asked.get("page") == following:
                break
            asked = {"page": following}
        return tuple(found)

    def _asked(self) -> Asked:
        if self._secret is None:
            raise RuntimeError("the admin key was let go of")
        kind = kind_of(self._secret.reveal()).value
        return Asked("admin", self.base_url, None, kind, self._http.proxy_of(self.base_url), (self._secret,))

    async def _open(self, asked: Asked) -> AsyncOpenAI:
        """The SDK's client, made at first use. Raises ``Refused``."""
        assert self._secret is not None
        if (trouble := wrong_admin_key(self._secret, self.base_url)) is not None:
            raise Refused(trouble)
        async with self._opening:
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(self._make, self._secret)
                except Refused:
                    raise
                except Exception as error:  # a bad environment breaks construction in many ways (openai-facts 8.14)
                    raise Refused(explain_admin(document_signal(error, asked))) from None
            return self._client

    def _make(self, secret: Secret) -> AsyncOpenAI:
        from keytui.adapters.openai.sdk import load_sdk, without_variable

        http = self._http.client(self.base_url, answer_within=ANSWER_WITHIN)
        openai = load_sdk()
        # As in ``sdk.client``: empty values keep the SDK from looking into the environment. No project's header goes
        # with a call of the organisation (openai-facts 2.1).
        with without_variable("OPENAI_CUSTOM_HEADERS"):
            made: AsyncOpenAI = openai.AsyncOpenAI(
                api_key="",
                admin_api_key=secret.reveal(),
                organization="",
                project="",
                webhook_secret="",
                base_url=self.base_url,
                max_retries=0,
                http_client=http,
            )
        made.webhook_secret = None
        made.organization = made.project = None
        return made


def _listed(page: Any) -> tuple[Any, list[Any]]:
    """A page and its rows. Raises ``ValueError`` for what is none."""
    rows = getattr(page, "data", "")
    if rows is not None and not isinstance(rows, list):
        raise ValueError("a list that is none")
    return page, rows or []


def _period(since: datetime, until: datetime | None, group_by: tuple[str, ...]) -> dict[str, Any]:
    asked: dict[str, Any] = {"start_time": int(since.timestamp()), "bucket_width": "1d"}
    if until is not None:
        asked["end_time"] = int(until.timestamp())
    if group_by:
        asked["group_by"] = list(group_by)
    return asked
