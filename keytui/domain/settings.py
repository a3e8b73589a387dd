"""The user's choices, read once and replaced whole."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


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
    """``auto`` (off over ssh), ``on`` or ``off``."""


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
