"""What an organisation consists of: projects, service accounts, keys, users, and the limits on them.

Values are frozen; the world replaces them. Times are Unix seconds, thresholds are US cents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keytui.domain.keys import KeyKind

HOSTED_TOOLS = ("code_interpreter", "file_search", "image_generation", "mcp", "web_search")


@dataclass(frozen=True, slots=True)
class User:
    """A person of the organisation."""

    id: str
    name: str
    email: str
    role: str
    added_at: int


@dataclass(frozen=True, slots=True)
class ModelPermission:
    """Which models a project may use."""

    mode: str
    """``allow_list`` or ``deny_list``."""
    models: tuple[str, ...]

    def allows(self, model: str) -> bool:
        """Whether a model is inside."""
        return (model in self.models) == (self.mode == "allow_list")


@dataclass(frozen=True, slots=True)
class TierSettings:
    """Which service tiers a project may ask for, and which one it gets without asking."""

    default: str = "standard"
    enabled: tuple[str, ...] | None = None
    """None: all."""

    def allows(self, tier: str) -> bool:
        """Whether a tier of ``flex``, ``fast`` or ``ultrafast`` may be asked for."""
        return self.enabled is None or tier in self.enabled


@dataclass(frozen=True, slots=True)
class SpendAlert:
    """Mail to be sent when a month's spend passes a threshold."""

    id: str
    cents: int
    recipients: tuple[str, ...]
    subject_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A project's own limits for one model, where they differ from the organisation's."""

    requests_per_minute: int
    tokens_per_minute: int


@dataclass(frozen=True, slots=True)
class Project:
    """A project and everything that is set on it."""

    id: str
    name: str
    created_at: int
    default: bool = False
    archived_at: int | None = None
    residency: str | None = None
    external_key_id: str | None = None
    models: ModelPermission | None = None
    tools: Mapping[str, bool] = field(default_factory=lambda: dict.fromkeys(HOSTED_TOOLS, True))
    tiers: TierSettings = TierSettings()
    rates: Mapping[str, RateLimit] = field(default_factory=dict)
    spend_cents: int | None = None
    alerts: Mapping[str, SpendAlert] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A user of a project that is no person."""

    id: str
    project_id: str
    name: str
    role: str
    """``owner``, ``member``, or ``none``: without a role its keys may do nothing."""
    created_at: int


@dataclass(frozen=True, slots=True)
class Key:
    """One key. Its characters are not kept: only their digest, and the form for lists."""

    id: str
    kind: KeyKind
    name: str
    digest: str
    redacted: str
    created_at: int
    project_id: str | None = None
    """None for admin keys."""
    account_id: str | None = None
    """The service account it belongs to; None when a person owns it."""
    scopes: tuple[str, ...] = ()
    """Empty: everything its owner may do."""
    expires_at: int | None = None
    last_used_at: int | None = None
    situation: str | None = None
    """The situation that this key is fixed to."""

    def expired(self, now: float) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and now >= self.expires_at
