"""What can be looked at, made and changed in an organisation with an admin key: the port to the platform."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from keytui.domain.chat import Refused
from keytui.domain.organization.parts import (
    CostRow,
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


class Gone(Refused):
    """What was named is not there (any more)."""


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
