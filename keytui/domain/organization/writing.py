"""What a user wrote, as the organisation's values. Everything raises ``NotFitting``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from keytui.domain.key_edit import NotFitting
from keytui.domain.organization.parts import ModelLimit, ModelPermissions, ServiceTiers, SpendAlert
from keytui.domain.plan import ALL
from keytui.domain.plan_rules import LONGEST_LIFE
from keytui.domain.settings import written_amount
from keytui.domain.shapes import looks_like_secret

LONGEST_NAME = 100
FIGURES = (
    ("requests_per_minute", "Requests a minute"),
    ("tokens_per_minute", "Tokens a minute"),
    ("images_per_minute", "Images a minute"),
    ("audio_megabytes_per_minute", "MB audio a minute"),
    ("requests_per_day", "Requests a day"),
    ("batch_tokens_per_day", "Batch tokens a day"),
)
"""The figures of a rate limit, and what a form calls them."""


def name(text: str, field: str = "name") -> str:
    """A name of a project, an account or a key."""
    written = text.strip()
    if looks_like_secret(written):
        raise NotFitting(field, "A name must not be a key: choose a word for it.")
    if not written or len(written) > LONGEST_NAME or not written.isprintable():
        raise NotFitting(field, f"A name has 1 to {LONGEST_NAME} printable characters.")
    return written


def cents(text: str, field: str) -> int | None:
    """An amount of USD a month in cents; None when nothing is written."""
    try:
        amount = written_amount(text)
    except ValueError:
        raise NotFitting(field, "This is an amount of USD a month, such as 10 or 2.50.") from None
    if amount is None:
        return None
    if amount * 100 < 1:
        raise NotFitting(field, "The least is one cent; leave the field empty for none.")
    if amount * 100 % 1:
        raise NotFitting(field, "The platform takes whole cents, such as 2.50.")
    return int(amount * 100)


def spend_alert(amount: str, emails: str) -> SpendAlert | None:
    """An alert, still without an id; None when no amount is written."""
    at = cents(amount, "amount")
    if at is None:
        return None
    to = words(emails)
    if not to or not all("@" in each.strip("@") for each in to):
        raise NotFitting("emails", "Write at least one mail address; commas between several.")
    return SpendAlert("", at, to)


def permissions(only: str, but: str) -> ModelPermissions | None:
    """Which models are allowed; None for every one."""
    allowed, denied = words(only), words(but)
    if allowed and denied:
        raise NotFitting("but", "Fill one of the two: only these models, or every one but these.")
    if allowed:
        return ModelPermissions("allow_list", allowed)
    return ModelPermissions("deny_list", denied) if denied else None


def rate_limit(now: ModelLimit, values: Mapping[str, str]) -> ModelLimit:
    """Rate limits with the written figures; an empty one stays as it is."""
    figures = {}
    for field, _ in FIGURES:
        written = values.get(field, "").replace(",", "").replace("_", "").strip()
        if not written:
            continue
        if not (written.isascii() and written.isdigit()) or len(written) > 15:
            raise NotFitting(field, "This is a whole number, such as 500.")
        figures[field] = int(written)
    return replace(now, **figures)  # type: ignore[arg-type]  # figures only


def tools(now: Mapping[str, bool], on: str) -> Mapping[str, bool]:
    """Which hosted tools are on, of those that the platform names."""
    wanted = set(now) if on.strip() == ALL else set(words(on))
    _refuse_unknown("on", wanted, sorted(now))
    return {tool: tool in wanted for tool in now}


def tiers(default: str, enabled: str) -> ServiceTiers:
    """The service tiers."""
    wanted = default.strip() or "standard"
    _refuse_unknown("default", {wanted}, ("standard", "fast", "scale"))
    also = words(enabled)
    if also == (ALL,):
        return ServiceTiers(wanted, None)
    _refuse_unknown("enabled", set(also), ("flex", "fast", "ultrafast"))
    if wanted == "fast" and "fast" not in also:
        raise NotFitting("default", "Fast can only be the default where it may be asked for: add it below.")
    return ServiceTiers(wanted, also)


def role(text: str) -> str:
    """A service account's role."""
    wanted = text.strip()
    _refuse_unknown("role", {wanted}, ("member", "owner"))
    return wanted


def scopes(text: str) -> tuple[str, ...]:
    """The platform's names of permissions; empty means all."""
    wanted = words(text)
    for each in wanted:
        if set(each) - set("abcdefghijklmnopqrstuvwxyz._"):
            raise NotFitting("scopes", "Permissions have names such as api.model.read; commas between them.")
    return wanted


def end(text: str, now: datetime) -> datetime:
    """The last moment of a day that a key is to live, at most a year from now."""
    try:
        until = datetime.strptime(text.strip(), "%Y-%m-%d").replace(hour=23, minute=59).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise NotFitting("expires", "The day is written like 2027-03-31.") from None
    if until <= now:
        raise NotFitting("expires", "This day has passed already: choose a later one, or revoke the key.")
    if until - now > timedelta(days=LONGEST_LIFE):
        raise NotFitting("expires", "The platform lets a key live a year at most.")
    return until


def words(text: str) -> tuple[str, ...]:
    """What is written between commas or spaces, each once."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def _refuse_unknown(field: str, wanted: set[str], known: Sequence[str]) -> None:
    if wanted - set(known):
        raise NotFitting(field, f"There is: {', '.join(known)}.")
