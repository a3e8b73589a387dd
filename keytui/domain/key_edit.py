"""Changing what is known of a key, from what a user wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from keytui.domain.addresses import base_url
from keytui.domain.keys import KeyRecord, KeyState
from keytui.domain.settings import written_amount
from keytui.domain.shapes import looks_like_secret, resembles_key

LONGEST_NAME = 60
"""Characters."""

LONGEST_NOTE = 200
"""Characters."""


class NotFitting(Exception):
    """What was written cannot be taken; the text is one sentence, and echoes nothing."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def fitting_name(name: str) -> str:
    """A name as it may be used. Raises ``NotFitting``."""
    if resembles_key(name):
        raise NotFitting("name", "A name must not be a key: choose a word for it.")
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable() or name.startswith("-"):
        raise NotFitting("name", f"A name has 1 to {LONGEST_NAME} printable characters and does not begin with “-”.")
    return name.strip()


def edited(record: KeyRecord, fields: dict[str, str]) -> KeyRecord:
    """The record with the written fields; those that are missing stay, empty ones are taken away.

    Fields: ``name``, ``default_model``, ``base_url``, ``organization``, ``project``, ``monthly_cap`` (USD),
    ``expires`` (``2027-03-31``, in the user's own time), ``scopes`` (names with commas between them, or ``all``),
    ``note``. A key for another address is unchecked again.
    Raises ``NotFitting``.
    """
    for field, text in fields.items():
        if looks_like_secret(text):
            raise NotFitting(field, "This looks like a key: its characters belong into the vault only.")
    changes: dict[str, object] = {}
    if "name" in fields:
        changes["name"] = fitting_name(fields["name"])
    for field in ("default_model", "organization", "project"):
        if field in fields:
            changes[field] = _word(field, fields[field])
    if "base_url" in fields:
        changes["base_url"] = _address(fields["base_url"])
    if "monthly_cap" in fields:
        changes["monthly_cap"] = _amount(fields["monthly_cap"])
    if "expires" in fields:
        changes["expires"] = _day(fields["expires"])
    if "scopes" in fields:
        changes["scopes"] = _scopes(fields["scopes"])
    if "note" in fields:
        changes["note"] = "".join(filter(str.isprintable, fields["note"]))[:LONGEST_NOTE].strip()
    if changes.get("project", record.project) != record.project:
        changes["project_name"] = None
    if changes.get("base_url", record.base_url) != record.base_url:
        changes |= {"state": KeyState.UNCHECKED, "verified": None}
    return replace(record, **changes)  # type: ignore[arg-type]


def _word(field: str, text: str) -> str | None:
    word = text.strip()
    if any(character.isspace() or not character.isprintable() for character in word):
        raise NotFitting(field, "This is an identifier: it has no spaces.")
    return word or None


def _address(text: str) -> str:
    if not text.strip():
        raise NotFitting("base_url", "A key is bound to one address: give it.")
    try:
        return base_url(text).url
    except ValueError as problem:
        raise NotFitting("base_url", str(problem)) from None


def _amount(text: str) -> Decimal | None:
    try:
        return written_amount(text)
    except ValueError:
        raise NotFitting("monthly_cap", "The cap is an amount of USD a month, such as 10 or 2.50.") from None


def _scopes(text: str) -> tuple[str, ...] | None:
    """What a key may do: empty for all, None where nothing is said."""
    wanted = tuple(dict.fromkeys(text.replace(",", " ").split()))
    if wanted == ("all",):
        return ()
    if any(set(each) - set("abcdefghijklmnopqrstuvwxyz._") for each in wanted):
        raise NotFitting("scopes", "Permissions have names such as api.model.read, commas between them; or all.")
    return wanted or None


def _day(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        # A day ends where the user is: the last moment of it, told in UTC as every time is kept.
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(hour=23, minute=59).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise NotFitting("expires", "The day of expiry is written like 2027-03-31.") from None
