"""What an organisation consists of, as an admin key sees it: projects and all that is set on them, people, usage, cost.

Times are aware, in UTC. Thresholds are US cents, costs are USD. What the platform leaves out is None or empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from keytui.domain.secrets import Secret


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
