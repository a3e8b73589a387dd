"""Places where the characters of keys are kept: what keytui asks of them, and how they say no."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from keytui.domain.keys import KeyRecord, Place, PlaceReport, VaultLocked, VaultTrouble
from keytui.domain.secrets import Secret


class Source(Protocol):
    """A place where the characters of a key can be read."""

    place: Place

    async def report(self) -> PlaceReport:
        """Whether the place can be used now, found out without any dialog. Answers within two seconds."""
        ...

    async def secret(self, record: KeyRecord) -> Secret:
        """The characters of a key. Raises ``VaultTrouble``, and ``KeyGone`` when the place has no such key."""
        ...


@runtime_checkable
class Vault(Source, Protocol):
    """A place where keytui itself can keep keys."""

    async def keep(self, key_id: str, secret: Secret) -> None:
        """Write the characters under a new name (``KeyRecord.kept_as``), read them back and compare.

        Raises ``VaultTrouble``: nothing stays there; but after ``VaultSilent`` it may, or may still arrive.
        """
        ...

    async def forget(self, key_id: str) -> None:
        """Delete the characters; nothing happens when they are not there. Raises ``VaultTrouble``."""
        ...


class KeyGone(VaultTrouble):
    """The place works, but holds no such key."""


class VaultSilent(VaultTrouble):
    """The place gave no answer in time. A write that was under way may still arrive: read back before trying again."""


class VaultBusy(VaultTrouble):
    """Another process holds the lock for too long."""


class VaultDamaged(VaultTrouble):
    """What is kept there cannot be read any more; it is left as it is."""


class VaultTooNew(VaultTrouble):
    """A newer keytui wrote it."""


class WrongPassphrase(VaultLocked):
    """The passphrase does not open the encrypted file."""


class NameTaken(VaultTrouble):
    """There is a key of that name already."""


class AnswersNothing(VaultTrouble):
    """An admin key cannot be the one in use."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}” is an admin key: it manages the organisation and answers no questions. Choose a project key "
            "or a service account's key."
        )
