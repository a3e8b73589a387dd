"""The organisation as an admin key sees it: projects, what is set on them, accounts, keys, people, usage and costs.

Times are aware, in UTC. Thresholds are US cents, costs are USD. What the platform leaves out is None or empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from keytui.domain.chat import Refused
from keytui.domain.secrets import Secret


class Gone(Refused):
    """What was named is not there (any more)."""


@dataclass(frozen=True, slots=True)
class Project:
    """One project."""

    id: str
    name: str
    created: datetime | None = None
    archived: bool = False
    residency: str | None = None


@dataclass(frozen=True, slots=True)
class ModelPermissions:
    """Which models a project may use: those listed, or all but those."""

    mode: Literal["allow_list", "deny_list"]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceTiers:
    """Which service tiers a project may ask for, and which one it gets without asking."""

    default: str
    enabled: tuple[str, ...] | None
    """Tiers beside Standard; None means all, also those to come."""


@dataclass(frozen=True, slots=True)
class ModelLimit:
    """A project's rate limits for one model."""

    id: str
    model: str
    requests_per_minute: int | None
    tokens_per_minute: int | None
    images_per_minute: int | None = None
    audio_megabytes_per_minute: int | None = None
    requests_per_day: int | None = None
    batch_tokens_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class SpendAlert:
    """A mail that is sent when a month's spend passes a threshold."""

    id: str
    cents: int
    emails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A user of a project that is no person."""

    id: str
    name: str
    role: str
    """``owner``, ``member``, or ``none``: then its keys may do nothing."""
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProjectKey:
    """A key as the platform lists it: without its characters and without its permissions."""

    id: str
    name: str
    redacted: str
    """Its beginning and its last characters."""
    owner: str = ""
    """The owner's name, of a person or a service account."""
    account_id: str | None = None
    """The service account that owns it; None when a person does."""
    owner_active: bool = True
    """Whether its owner still has access to the project."""
    created: datetime | None = None
    last_used: datetime | None = None
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that was just made. Its characters are never told again."""

    id: str
    name: str
    secret: Secret
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the organisation."""

    id: str
    name: str
    email: str
    role: str
    added: datetime | None = None


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Tokens and requests of one bucket of time and one group. What was not grouped by is None."""

    begins: datetime
    ends: datetime
    requests: int
    input: int
    """Tokens, cached and written ones included."""
    output: int
    cached: int = 0
    written: int = 0
    model: str | None = None
    project_id: str | None = None
    key_id: str | None = None
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class CostRow:
    """What one bucket of time and one group cost, as the invoice will have it."""

    begins: datetime
    ends: datetime
    amount: Decimal
    """USD."""
    item: str | None = None
    project_id: str | None = None
    key_id: str | None = None


class OrganizationView(Protocol):
    """What can be looked at with an admin key. Everything raises ``Refused``."""

    async def projects(self, *, archived: bool = False) -> tuple[Project, ...]:
        """The projects, oldest first; archived ones only when asked for."""
        ...

    async def service_accounts(self, project_id: str) -> tuple[ServiceAccount, ...]:
        """The service accounts of a project."""
        ...

    async def keys(self, project_id: str) -> tuple[ProjectKey, ...]:
        """The keys of a project, whoever owns them."""
        ...

    async def members(self) -> tuple[Member, ...]:
        """The people of the organisation."""
        ...

    async def usage(
        self, since: datetime, until: datetime | None = None, *, group_by: tuple[str, ...] = ()
    ) -> tuple[UsageRow, ...]:
        """Usage of chat and responses by day; groups by the platform's names (``model``, ``api_key_id``)."""
        ...

    async def costs(
        self, since: datetime, until: datetime | None = None, *, group_by: tuple[str, ...] = ()
    ) -> tuple[CostRow, ...]:
        """Costs by day; groups by the platform's names (``project_id``, ``line_item``, ``api_key_id``)."""
        ...


class AdminPort(OrganizationView, Protocol):
    """What can be made and changed with an admin key. Everything raises ``Refused``; nothing is retried here.

    Deleting what is not there (any more) is no trouble.
    """

    base_url: str

    async def make_project(self, name: str, *, residency: str | None = None) -> Project:
        """Make a project."""
        ...

    async def rename_project(self, project_id: str, name: str) -> None:
        """Give a project another name."""
        ...

    async def archive_project(self, project_id: str) -> None:
        """Archive a project, for good."""
        ...

    async def model_permissions(self, project_id: str) -> ModelPermissions | None:
        """Which models are allowed; None when every one is."""
        ...

    async def set_model_permissions(self, project_id: str, permissions: ModelPermissions | None) -> None:
        """Allow these models, or with None every one."""
        ...

    async def hosted_tools(self, project_id: str) -> Mapping[str, bool]:
        """Which hosted tools are on; a tool that the platform does not name is missing."""
        ...

    async def set_hosted_tools(self, project_id: str, tools: Mapping[str, bool]) -> None:
        """Switch hosted tools on and off; those not named stay as they are."""
        ...

    async def service_tiers(self, project_id: str) -> ServiceTiers:
        """The service tiers."""
        ...

    async def set_service_tiers(self, project_id: str, tiers: ServiceTiers) -> None:
        """Set the service tiers."""
        ...

    async def rate_limits(self, project_id: str) -> tuple[ModelLimit, ...]:
        """The rate limits of a project, model by model."""
        ...

    async def set_rate_limit(self, project_id: str, limit: ModelLimit) -> None:
        """Set the limits of one model, by the row's id; None leaves a figure as it is."""
        ...

    async def spend_limit(self, project_id: str | None = None) -> int | None:
        """The hard limit a month, in cents, of a project or (None) of the organisation; None when there is none."""
        ...

    async def set_spend_limit(self, project_id: str | None, cents: int | None) -> None:
        """Set the hard limit a month of a project or (None) of the organisation; with ``cents`` None remove it."""
        ...

    async def spend_alerts(self, project_id: str | None) -> tuple[SpendAlert, ...]:
        """The spend alerts of a project, or (None) of the organisation."""
        ...

    async def make_spend_alert(self, project_id: str | None, cents: int, emails: tuple[str, ...]) -> SpendAlert:
        """Make a spend alert; it needs at least one address."""
        ...

    async def set_spend_alert(self, project_id: str | None, alert: SpendAlert) -> None:
        """Change the threshold and the addresses of an alert, by its id."""
        ...

    async def delete_spend_alert(self, project_id: str | None, alert_id: str) -> None:
        """Delete a spend alert."""
        ...

    async def make_service_account(self, project_id: str, name: str) -> ServiceAccount:
        """Make a service account without a key; it may have no role yet."""
        ...

    async def rename_account(self, project_id: str, account_id: str, name: str) -> None:
        """Give a service account another name."""
        ...

    async def set_account_role(self, project_id: str, account_id: str, role: Literal["member", "owner"]) -> None:
        """Give a service account a role."""
        ...

    async def delete_service_account(self, project_id: str, account_id: str) -> None:
        """Delete a service account and its keys."""
        ...

    async def make_key(
        self, project_id: str, account_id: str, name: str, *, scopes: tuple[str, ...], expires_seconds: int | None
    ) -> MadeKey:
        """Make a key of a service account. Empty ``scopes`` mean all that the account may do."""
        ...

    async def set_key_scopes(self, project_id: str, key_id: str, scopes: tuple[str, ...]) -> None:
        """Say what a key may do; empty means all that its owner may. Takes a while to hold."""
        ...

    async def set_key_life(self, project_id: str, key_id: str, seconds: int) -> None:
        """Let a key expire so many seconds from now, at most a year."""
        ...

    async def revoke_key(self, project_id: str, key_id: str) -> None:
        """Revoke a key; its service account stays."""
        ...

    async def close(self) -> None:
        """Give the connections back, and let go of the admin key."""
        ...
