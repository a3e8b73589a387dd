"""The user's choices, read once and replaced whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Literal, Protocol

Source = Literal["default", "file", "environment", "flag"]
"""Who said a value: later ones win over earlier ones."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything in ``config.toml``; each field has a default, so an empty file is a good one."""

    theme: str = "keytui-dark"
    setup: str = "open"
    """``open`` (never finished), ``dismissed`` or ``finished``: set-up starts by itself only while it is open."""
    default_model: str = "gpt-6-luna"
    monthly_cap: Decimal | None = None
    """USD for all keys together; keytui's own cap."""
    ask_above: Decimal | None = None
    """USD; a message that may cost more is asked about before it is sent."""
    base_url: str | None = None
    animations: str = "auto"
    """``auto`` (off on a slow line), ``on`` or ``off``."""
    line: str = "auto"
    """How far away the screen is: ``auto`` (over ssh it is), ``slow`` or ``fast``. On a slow line new text is drawn
    less often, and no more of it in a second than such a line takes."""
    proxy: str | None = None
    """The user's own proxy, without sign-in; it goes before any that the environment names."""
    no_proxy: str | None = None
    """Hosts that the own proxy is not for, separated by commas."""
    certificates: str | None = None
    """A file of certificate authorities that are trusted as well as the system's."""
    proxy_sign_in: str | None = None
    """Where the own proxy's sign-in is kept: the place and the id there, such as ``keyring:3f2a90c1d4e8b756``."""
    daily_cap: Decimal | None = None
    """USD a day for all keys together; above it keytui refuses to send, as above every cap."""
    project_cap: Decimal | None = None
    """USD a month for each project."""
    conversation_cap: Decimal | None = None
    """USD for each conversation, from its beginning."""
    daily_warning: Decimal | None = None
    """USD a day; keytui warns once when this is passed, as with every warning."""
    monthly_warning: Decimal | None = None
    project_warning: Decimal | None = None
    conversation_warning: Decimal | None = None
    key_warning: Decimal | None = None
    """USD a month for each key."""


NAMES = tuple(field.name for field in fields(Settings))
"""Names of all settings, as in ``config.toml``."""

TABLES = {
    "proxy": ("network", "proxy"),
    "no_proxy": ("network", "no_proxy"),
    "certificates": ("network", "certificates"),
    "proxy_sign_in": ("network", "sign_in"),
}
"""Settings that stand in a table of ``config.toml``: the table, and the name there."""

CHOICES = {
    "setup": ("open", "dismissed", "finished"),
    "animations": ("auto", "on", "off"),
    "line": ("auto", "slow", "fast"),
}
"""Settings that know a few words only."""

AMOUNTS = (
    *("monthly_cap", "ask_above", "daily_cap", "project_cap", "conversation_cap"),
    *("daily_warning", "monthly_warning", "project_warning", "conversation_warning", "key_warning"),
)
"""Settings that are amounts of USD, zero or more."""


_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def accepted(name: str, value: object) -> Any:
    """The value for a field of ``Settings``, from a file's value or from text.

    Raises ``ValueError``, whose text says what the setting takes. Numbers must come as ``int``, ``Decimal`` or text,
    never as ``float``: an amount stays as it was written.
    """
    if name in AMOUNTS:
        return _amount(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError("takes a text in quotes")
    if not value.isprintable():
        raise ValueError("takes a text without control characters")
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"takes one of {', '.join(CHOICES[name])}")
    if name == "base_url" and not value.startswith(("https://", "http://")):
        raise ValueError("takes an address that begins with https:// or http://")
    if name == "proxy":
        return _proxy(value)
    return value


def written_amount(text: str) -> Decimal | None:
    """An amount of USD as somebody writes it in a field: ``10``, ``$2.50``, ``1,000``; None when nothing is written.

    Raises ``ValueError``, also for ``2,50``: without its comma it would be a hundred times as much.
    """
    written = text.strip().removeprefix("$").strip()
    if _THOUSANDS.fullmatch(written):
        written = written.replace(",", "")
    return _amount(written) if written else None


def _proxy(value: str) -> str:
    from keytui.domain.own_route import proxy_address

    try:
        address, sign_in = proxy_address(value)
    except ValueError as refusal:
        raise ValueError(f"is no proxy's address ({str(refusal).rstrip('.')})") from None
    if sign_in is not None:
        raise ValueError("takes an address without user name and password: enter those in the Network pane")
    return address


def _amount(value: object) -> Decimal:
    problem = "takes an amount of USD such as 10 or 2.50"
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise ValueError(problem)
    try:
        amount = Decimal(value)
    except ArithmeticError:
        raise ValueError(problem) from None
    if not amount.is_finite() or amount < 0:
        raise ValueError(problem)
    return amount


class SettingsStore(Protocol):
    """Where the user's choices are kept."""

    def load(self) -> Settings:
        """The settings; defaults where the file does not exist or cannot be read (then ``problem`` says why)."""
        ...

    @property
    def problem(self) -> str | None:
        """What is wrong with the file, with line and reason, or None. While there is one, nothing is written."""
        ...

    def save(self, settings: Settings) -> None:
        """Write the settings, whole and at once. Raises ``StoreUnreadable`` while ``problem`` is set."""
        ...

    def source(self, name: str) -> Source:
        """Who said the value of a setting that the last ``load`` gave."""
        ...
