"""What a look around this machine found: keys that lie about, and what the machine can do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from keytui.domain.keys import OPENAI_BASE_URL, KeyKind, Place, PlaceReport
from keytui.domain.secrets import Secret

_SAID_OF_EVERY_KEY = ("openai", "api", "key", "admin", "secret", "token")


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key that was there before keytui looked. It is offered, never taken silently."""

    where: str
    """In the user's words: "OPENAI_API_KEY in the environment", "the settings of llm (~/.config/…)"."""
    place: Place | None
    """Where it can go on being read from; None for a file of another program, out of which it can only be copied."""
    locator: str
    """What a record of this place needs to find it again: the variable's name, or ``path#NAME``."""
    kind: KeyKind
    last4: str
    secret: Secret
    base_url: str = OPENAI_BASE_URL
    """The address that is set beside it, and so the one it is meant for."""
    organization: str | None = None
    project: str | None = None

    @property
    def in_clear(self) -> bool:
        """Whether its characters lie in a file that any program of this user can read."""
        return self.place is not Place.ENVIRONMENT

    @property
    def proposed_name(self) -> str:
        """What the key may be called: what its variable says besides being a key, as ``shop`` for SHOP_OPENAI_KEY."""
        variable = self.locator.rpartition("#")[2] if self.place in (Place.ENVIRONMENT, Place.DOTENV) else ""
        return (
            "-".join(word for word in variable.lower().split("_") if word and word not in _SAID_OF_EVERY_KEY) or "work"
        )


@dataclass(frozen=True, slots=True)
class FoundProxy:
    """A proxy variable of the environment."""

    variable: str
    address: str
    """With any password masked."""


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that a look around found."""

    keys: tuple[FoundKey, ...] = ()
    keyring: PlaceReport | None = None
    """Whether the system's keyring can be used; None when that was not looked at."""
    proxies: tuple[FoundProxy, ...] = ()
    base_url: str | None = None
    """``OPENAI_BASE_URL``, when it is set."""
    ssh: bool = False

    @property
    def usual(self) -> FoundKey | None:
        """The key that commands use while none is kept: OPENAI_API_KEY in the environment, unless it asks nothing."""
        for found in self.keys:
            if found.place is Place.ENVIRONMENT and found.locator == "OPENAI_API_KEY":
                return None if found.kind is KeyKind.ADMIN else found
        return None

    def shadowing(self, key: Secret) -> tuple[FoundKey, ...]:
        """Keys under ``OPENAI_API_KEY`` that differ from this one: what other programs here would use instead."""
        return tuple(
            found
            for found in self.keys
            if found.locator.rpartition("#")[2] == "OPENAI_API_KEY" and found.place is not None and found.secret != key
        )


def told(found: Found, shown: Callable[[str], str]) -> list[tuple[bool, str, str]]:
    """What was found: whether it is there, its name, and a few words.

    At most two lines about keys, then the keyring, the way out, the line to this machine. ``shown`` writes the last
    characters of a key.
    """
    lines: list[tuple[bool, str, str]] = []
    for key in found.keys[:2]:
        lines.append((True, "a key", f"{key.kind.value}{shown(key.last4) if key.last4 else ''}, {key.where}"))
    if not found.keys:
        lines.append((False, "a key", "neither in the environment nor in a .env file here"))
    elif len(found.keys) > 2:
        lines[-1] = (True, "more keys", f"{len(found.keys) - 1} in files and programs of this machine")
    if found.keyring is not None:
        usable = found.keyring.usable
        lines.append(
            (usable, "keyring", found.keyring.where if usable else "none here; the encrypted file keeps keys instead")
        )
    if found.proxies:
        proxy = found.proxies[0]
        lines.append((True, "proxy", f"{proxy.address}, from {proxy.variable}"))
    if found.base_url:
        lines.append((True, "base URL", f"{found.base_url}, from OPENAI_BASE_URL"))
    if found.ssh:
        lines.append((True, "ssh", "this is another machine: open pages on your own, or by QR code"))
    return lines
