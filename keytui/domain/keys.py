"""Keys as keytui knows them: everything about a key except its characters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Protocol

from keytui.domain.secrets import Secret

OPENAI_BASE_URL = "https://api.openai.com/v1"
"""Where a key goes when nothing else was said (source: openai SDK 3.54, ``_base_client``)."""


class KeyKind(Enum):
    """What a key is, told by its prefix."""

    PROJECT = "project key"
    SERVICE_ACCOUNT = "service account key"
    ADMIN = "admin key"
    LEGACY = "legacy user key"
    OTHER = "other key"
    """A gateway's or another vendor's; any shape is allowed there."""


class Place(Enum):
    """Where the characters of a key are kept."""

    KEYRING = "keyring"
    FILE = "file"
    """The encrypted vault file."""
    SESSION = "session"
    """Memory of this process only; gone when it ends."""
    ENVIRONMENT = "environment"
    DOTENV = "dotenv"
    COMMAND = "command"
    """Printed by a command such as ``pass show …``; keytui never stores it."""

    @property
    def read_only(self) -> bool:
        """Whether keytui can only read there (and so never offers to delete or to rotate in place)."""
        return self in (Place.ENVIRONMENT, Place.DOTENV, Place.COMMAND)


class KeyState(Enum):
    """What the last check of a key said."""

    UNCHECKED = "not checked"
    WORKS = "works"
    REFUSED = "refused"
    LIMITED = "limited"
    """Accepted, but it cannot be used now: no credit, a spend limit, a rate limit."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key, without its characters. Replaced, never changed in place."""

    id: str
    """Random, never reused; what the ledger and the caps know the key by."""
    name: str
    kind: KeyKind
    base_url: str
    """The only address this key is ever sent to."""
    place: Place
    last4: str
    created: datetime
    """When keytui came to know it (UTC)."""
    organization: str | None = None
    project: str | None = None
    project_name: str | None = None
    default_model: str | None = None
    monthly_cap: Decimal | None = None
    """USD; keytui's own cap, not the platform's spend limit."""
    expires: datetime | None = None
    last_used: datetime | None = None
    verified: datetime | None = None
    state: KeyState = KeyState.UNCHECKED
    locator: str | None = None
    """For read-only places: the variable's name, the file's path, or the command. Never the characters."""
    note: str = ""
    vault_entry: str | None = None
    """The name of its entry in the vault where that is not the id: two keys exchange their entries in a rotation."""
    scopes: tuple[str, ...] | None = None
    """What it may do, in the platform's names; empty: all that its owner may. None: not known."""
    platform_id: str | None = None
    """The platform's id of the key, where keytui made it."""

    @property
    def kept_as(self) -> str:
        """The name of its entry in the vault."""
        return self.vault_entry or self.id


def new_key_id() -> str:
    """An id for a key that keytui comes to know: random, never reused."""
    from secrets import token_hex

    return token_hex(8)


class KeyStore(Protocol):
    """All keys of this user: a non-secret index, and the vault behind it. Every method may wait; none is quick."""

    when_locked: Callable[[], Awaitable[bool]] | None
    """Asked when the encrypted file is locked and a key in it is needed; whether it is open now. None: nobody asks."""

    def records(self) -> tuple[KeyRecord, ...]:
        """All known keys, in the order in which they were added. Reads one small file; raises ``StoreUnreadable``."""
        ...

    def active(self) -> KeyRecord | None:
        """The key in use, or None when there is none."""
        ...

    def activate(self, key_id: str) -> None:
        """Make this key the one in use."""
        ...

    async def add(self, record: KeyRecord, secret: Secret) -> KeyRecord:
        """Keep a secret in ``record.place`` (set, read back, compare), then its record. Raises ``VaultTrouble``."""
        ...

    async def secret(self, record: KeyRecord) -> Secret:
        """The characters of a key, from where they are kept. Raises ``VaultTrouble``."""
        ...

    async def replace(self, record: KeyRecord) -> None:
        """Write a record anew (a rename, a new cap, a check's result); the secret stays where it is."""
        ...

    async def forget(self, key_id: str) -> None:
        """Delete the characters from their place, then the record. The key itself stays valid on the platform."""
        ...

    async def move(self, key_id: str, place: Place) -> KeyRecord:
        """Keep a key in another place; until it is read back there it stays where it was. Raises ``VaultTrouble``."""
        ...

    async def exchange(self, key_id: str, other_id: str) -> None:
        """Let two keys of one address exchange their characters, in one write; names, caps and ids stay.

        Raises ``VaultTrouble``; nothing is exchanged then.
        """
        ...

    async def used(self, key_id: str) -> None:
        """Note that a key is in use now (exact to an hour). Raises ``VaultTrouble``."""
        ...

    async def places(self) -> tuple[PlaceReport, ...]:
        """Which writable places work here, best first, each with what was found."""
        ...

    @property
    def file_state(self) -> FileState:
        """Whether the encrypted file needs a passphrase."""
        ...

    async def unlock(self, passphrase: Secret) -> str:
        """Open the encrypted file, or choose the passphrase of the one to be made. Raises ``VaultTrouble``.

        Gives a sentence to show when an older file was put back in its place, and else an empty one.
        """
        ...

    async def heal(self) -> tuple[str, ...]:
        """Finish what an ended keytui had begun; a sentence to show for each. After the start, and after unlocking."""
        ...


class FileState(Enum):
    """How the encrypted file is."""

    MISSING = "missing"
    """There is none yet; the first passphrase becomes its own, so it is asked for twice."""
    LOCKED = "locked"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class PlaceReport:
    """Whether keys can be kept in one place on this machine."""

    place: Place
    usable: bool
    where: str
    """In the user's words: "the system keyring (Secret Service)", "this session only"."""
    reason: str = ""
    """Why it cannot be used, as one sentence with the next step; empty when it can."""


class VaultTrouble(Exception):
    """A secret could not be kept, read or deleted. Its text is one sentence with a next step and holds no secret."""


class VaultLocked(VaultTrouble):
    """The place is there but locked; unlocking it (a passphrase, a dialog on that machine) may help."""


class StoreUnreadable(Exception):
    """A file of keytui's cannot be read; it is named with line and reason and is never overwritten."""
