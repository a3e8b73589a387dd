"""From the SDK's rows of the Admin API to the domain's values. What is missing or null is met calmly.

The SDK does not check what a server sends: any field may be absent or of another type.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from keytui.domain.organization.parts import (
    CostRow,
    Member,
    ModelLimit,
    Project,
    ProjectKey,
    ServiceAccount,
    SpendAlert,
    UsageRow,
)
from keytui.domain.safe_text import safe_text

LIMITS = {
    "requests_per_minute": "max_requests_per_1_minute",
    "tokens_per_minute": "max_tokens_per_1_minute",
    "images_per_minute": "max_images_per_1_minute",
    "audio_megabytes_per_minute": "max_audio_megabytes_per_1_minute",
    "requests_per_day": "max_requests_per_1_day",
    "batch_tokens_per_day": "batch_1_day_max_input_tokens",
}
"""The figures of a ``ModelLimit``, and the platform's names of them."""


def text(row: Any, name: str) -> str | None:
    """A field that is text, safe to show; None when it is not there."""
    value = getattr(row, name, None)
    return safe_text(value) if isinstance(value, str) else None


def number(row: Any, name: str) -> int | None:
    """A field that is a whole number; None when it is not there."""
    value = getattr(row, name, None)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def flag(row: Any, name: str) -> bool | None:
    """A field that is true or false; None when it is not there."""
    value = getattr(row, name, None)
    return value if isinstance(value, bool) else None


def texts(row: Any, name: str) -> tuple[str, ...] | None:
    """A field that is a list of texts; None when it is not there."""
    value = getattr(row, name, None)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else None


def moment(row: Any, name: str) -> datetime | None:
    """A field that is a Unix time; None when it is not there or no time that can be."""
    seconds = number(row, name)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def project(row: Any) -> Project:
    """A project. Raises ``ValueError`` without an id."""
    archived = text(row, "status") == "archived" or number(row, "archived_at") is not None
    residency = text(row, "residency")
    return Project(_id(row), text(row, "name") or "", moment(row, "created_at"), archived, residency)


def account(row: Any) -> ServiceAccount:
    """A service account. Raises ``ValueError`` without an id."""
    return ServiceAccount(_id(row), text(row, "name") or "", text(row, "role") or "none", moment(row, "created_at"))


def key(row: Any) -> ProjectKey:
    """A key. Raises ``ValueError`` without an id."""
    owner = getattr(row, "owner", None)
    service, person = getattr(owner, "service_account", None), getattr(owner, "user", None)
    return ProjectKey(
        id=_id(row),
        name=text(row, "name") or "",
        redacted=text(row, "redacted_value") or "",
        owner=text(service, "name") or text(person, "name") or text(person, "email") or "",
        account_id=text(service, "id"),
        owner_active=text(row, "owner_project_access") != "inactive",
        created=moment(row, "created_at"),
        last_used=moment(row, "last_used_at"),
        expires=moment(row, "expires_at"),
    )


def limit(row: Any) -> ModelLimit:
    """The rate limits of a model. Raises ``ValueError`` without an id."""
    figures = {field: number(row, name) for field, name in LIMITS.items()}
    return ModelLimit(_id(row), text(row, "model") or "", **figures)


def alert(row: Any) -> SpendAlert:
    """A spend alert. Raises ``ValueError`` without an id."""
    emails = texts(getattr(row, "notification_channel", None), "recipients") or ()
    return SpendAlert(_id(row), number(row, "threshold_amount") or 0, emails)


def member(row: Any) -> Member:
    """A person. Raises ``ValueError`` without an id."""
    name, email, role = (text(row, field) or "" for field in ("name", "email", "role"))
    return Member(_id(row), name, email, role, moment(row, "added_at"))


def usage(bucket: Any, row: Any) -> UsageRow | None:
    """A row of usage; None for one of another kind, or a bucket without its times."""
    begins, ends = moment(bucket, "start_time"), moment(bucket, "end_time")
    if begins is None or ends is None or text(row, "object") != "organization.usage.completions.result":
        return None
    return UsageRow(
        begins,
        ends,
        requests=number(row, "num_model_requests") or 0,
        input=number(row, "input_tokens") or 0,
        output=number(row, "output_tokens") or 0,
        cached=number(row, "input_cached_tokens") or 0,
        written=number(row, "input_cache_write_tokens") or 0,
        model=text(row, "model"),
        project_id=text(row, "project_id"),
        key_id=text(row, "api_key_id"),
        tier=text(row, "service_tier"),
    )


def cost(bucket: Any, row: Any) -> CostRow | None:
    """A row of costs; None for one of another kind, in another currency, or without an amount."""
    begins, ends = moment(bucket, "start_time"), moment(bucket, "end_time")
    amount = getattr(row, "amount", None)
    value, currency = getattr(amount, "value", None), text(amount, "currency")
    if begins is None or ends is None or value is None or (currency or "usd").lower() != "usd":
        return None
    try:
        # The SDK gives a float: its shortest decimal form is what the server wrote.
        usd = Decimal(str(value))
    except InvalidOperation:
        return None
    item, project_id, key_id = text(row, "line_item"), text(row, "project_id"), text(row, "api_key_id")
    return CostRow(begins, ends, usd, item, project_id, key_id) if usd.is_finite() else None


def _id(row: Any) -> str:
    name = text(row, "id")
    if not name:
        raise ValueError("an answer without an id")
    return name
