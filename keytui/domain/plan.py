"""The plan of a set-up: everything that will be made or changed, as one value that can be shown before it is done."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

Preset = Literal["chat", "embeddings", "everything", "ci"]
"""What a key is for; ``domain.presets`` says what each allows."""

ALL = "all"
"""Alone in a list of hosted tools or service tiers: every one, also those to come."""


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """The project on the platform. Description and use live in keytui and on the checklist: the API has no field."""

    name: str = "keytui"
    description: str = ""
    intended_use: str = ""
    residency: str | None = None
    """Where data is kept and processed, in the platform's words (``EU_STORAGE`` …); None: no constraint."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What one model may be asked a minute; never above the organisation's own limit. None leaves a figure as it is."""

    model: str
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the project may do. Empty ``models`` means that every model is allowed."""

    preset: Preset = "chat"
    models: tuple[str, ...] = ()
    hosted_tools: tuple[str, ...] = ()
    """Names of hosted tools that are switched on (or ``ALL``); all others are switched off."""
    service_tiers: tuple[str, ...] = ()
    """Tiers beside Standard that may be used (or ``ALL``)."""


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """The key, and the service account that owns it."""

    name: str = "keytui"
    service_account: str = "keytui"
    scopes: tuple[str, ...] = ()
    """The platform's names of permissions; empty means all."""
    expires_days: int | None = 90


@dataclass(frozen=True, slots=True)
class SetupPlan:
    """All of it. ``spend_limit``, ``alerts`` and ``cap`` are USD a month; None leaves what is set on the platform."""

    project: ProjectPlan = field(default_factory=ProjectPlan)
    permissions: Permissions = field(default_factory=Permissions)
    rate_limits: tuple[RateLimit, ...] = ()
    spend_limit: Decimal | None = Decimal(10)
    """The platform's hard limit: above it, requests are refused."""
    alerts: tuple[Decimal, ...] = (Decimal(8),)
    """The platform mails when the month's spend passes these."""
    alert_emails: tuple[str, ...] = ()
    """Who is mailed; empty means the owners of the organisation."""
    key: KeyPlan = field(default_factory=KeyPlan)
    cap: Decimal | None = Decimal(10)
    """keytui's own cap on this key, refused before sending."""
    default_model: str = "gpt-6-luna"

    def with_project(self, **changes: str | None) -> SetupPlan:
        """The same with a project changed."""
        return replace(self, project=replace(self.project, **changes))  # type: ignore[arg-type]
