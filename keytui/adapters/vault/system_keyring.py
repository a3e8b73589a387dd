"""The system's keyring: Secret Service (GNOME, KDE), macOS Keychain, Windows Credential Manager.

One allow-listed class is instantiated here and ``keyring.get_keyring()`` is never called: that may hand back a plain
text file, a store that silently discards, or one that asks on the terminal (source: secrets-and-terminals 1.1).
Every call has a thread and a deadline of its own, because these services may never answer (1.3).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from keytui.domain.keys import KeyRecord, Place, PlaceReport, VaultLocked, VaultTrouble
from keytui.domain.secrets import Secret
from keytui.domain.vaults import KeyGone, VaultSilent

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection  # type: ignore[import-untyped]
    from keyring.backend import KeyringBackend

PROBE_SECONDS = 2.0
READ_SECONDS = 5.0
WRITE_SECONDS = 60.0
"""Long, since the system may ask the user for permission in a dialog of its own."""

LONGEST = 512
"""Characters. Windows stores 1,280; no key is near that (source: secrets-and-terminals 1.4)."""

T = TypeVar("T")


class State(Enum):
    """What a look at the keyring found, without any dialog."""

    READY = "ready"
    LOCKED = "locked"
    EMPTY = "empty"
    """A service runs, but has no default collection to put keys in."""
    ABSENT = "absent"
    SILENT = "silent"


NAME = {"darwin": "the macOS Keychain", "win32": "the Windows Credential Manager"}.get(
    sys.platform, "the system keyring (Secret Service)"
)

REASONS = {
    State.READY: "",
    State.LOCKED: "The system keyring is locked: unlock it in your desktop session (on macOS over ssh: “security "
    "unlock-keychain”), or keep the key in the encrypted file.",
    State.EMPTY: "The system keyring has no default collection yet: create one with your desktop's password "
    "manager, or keep the key in the encrypted file.",
    State.ABSENT: "No keyring service runs on this machine, as is usual over ssh and in containers: keep the key in "
    "the encrypted file, or for this session only.",
    State.SILENT: "The keyring service does not answer: restart your desktop session, or keep the key in the "
    "encrypted file.",
}


class KeyringVault:
    """Keeps keys in the system's keyring, one service name per key (``keytui:<id>``)."""

    place = Place.KEYRING

    def __init__(
        self, *, probe: float = PROBE_SECONDS, read: float = READ_SECONDS, write: float = WRITE_SECONDS
    ) -> None:
        """The deadlines, in seconds."""
        self._probe, self._read, self._write = probe, read, write

    async def state(self) -> State:
        """How the keyring is now; opens no dialog."""
        from keytui.adapters.bounded import bounded

        try:
            return await bounded(_look, self._probe)
        except TimeoutError:
            return State.SILENT

    async def report(self) -> PlaceReport:
        """Whether keys can be kept here now."""
        state = await self.state()
        return PlaceReport(Place.KEYRING, state is State.READY, NAME, REASONS[state])

    async def unlock(self) -> None:
        """Let the system ask for the keyring's password, in its own dialog. Raises ``VaultTrouble``."""
        await self._call(_unlock, self._write)

    async def secret(self, record: KeyRecord) -> Secret:
        """The characters of a key. Raises ``KeyGone`` and the other kinds of ``VaultTrouble``."""
        key_id = record.kept_as
        found = await self._call(lambda: _get(key_id), self._read)
        if found is None:
            raise KeyGone(
                f"{_sentence(NAME)} no longer holds this key; paste it again, or make a new one and forget this one."
            )
        return found

    async def keep(self, key_id: str, secret: Secret) -> None:
        """Write under a new id, read back, compare. Raises ``VaultTrouble``; after ``VaultSilent`` nothing is known."""
        if len(secret) > LONGEST:
            raise VaultTrouble(f"This key has more than {LONGEST} characters; keep it in the encrypted file instead.")
        await self._call(lambda: _set(key_id, secret), self._write)
        try:
            same = await self._call(lambda: _get(key_id), self._read) == secret
            if not same:
                await self.forget(key_id)
        except VaultTrouble as trouble:
            raise VaultSilent(f"The key was written, but could not be read back. {trouble}") from None
        if not same:
            raise VaultTrouble(f"{_sentence(NAME)} gave back something else than was stored; use the encrypted file.")

    async def forget(self, key_id: str) -> None:
        """Delete the characters, if they are there. Raises ``VaultTrouble``."""
        await self._call(lambda: _delete(key_id), self._write)

    async def _call(self, work: Callable[[], T], seconds: float) -> T:
        """Do one thing in the keyring, once a look has shown that it will not open a dialog nobody sees."""
        from keytui.adapters.bounded import bounded

        if work is not _unlock:
            state = await self.state()
            if state is State.LOCKED:
                raise VaultLocked(REASONS[state])
            if state is State.SILENT:
                raise VaultSilent(REASONS[state])
            if state is not State.READY:
                raise VaultTrouble(REASONS[state])
        try:
            return await bounded(work, seconds)
        except TimeoutError:
            trouble: VaultTrouble = VaultSilent(
                f"{_sentence(NAME)} gave no answer within {seconds:.0f} seconds; a dialog may be open on the screen "
                "of that machine. Look there, then try again."
            )
        except VaultTrouble:
            raise
        except Exception as error:  # backends raise anything: KeyringError, OSError, RuntimeError, their own
            trouble = _explain(error)
        # Outside the handler, so that no traceback with a backend's variables travels along.
        raise trouble


def _backend() -> KeyringBackend:
    """The one class that is right for this system."""
    if sys.platform == "darwin":
        from keyring.backends.macOS import Keyring as Keychain

        return Keychain()
    if sys.platform == "win32":
        from keyring.backends.Windows import WinVaultKeyring

        return WinVaultKeyring()
    from keyring.backends.SecretService import Keyring

    return Keyring()  # type: ignore[no-untyped-call]


def _set(key_id: str, secret: Secret) -> None:
    _backend().set_password(f"keytui:{key_id}", key_id, secret.reveal())


def _get(key_id: str) -> Secret | None:
    found = _backend().get_password(f"keytui:{key_id}", key_id)
    return None if found is None else Secret(found)


def _delete(key_id: str) -> None:
    from keyring.errors import PasswordDeleteError

    try:
        _backend().delete_password(f"keytui:{key_id}", key_id)
    except PasswordDeleteError:
        # The word for "not there" and for "refused" is the same; only a key that is still there is trouble.
        if _get(key_id) is not None:
            raise


def _look() -> State:
    """The state of the keyring, told without a dialog."""
    if sys.platform in ("darwin", "win32"):
        try:
            _backend().get_password("keytui:look", "look")
        except Exception as error:  # backends raise anything; what it was decides the state
            return State.LOCKED if isinstance(_explain(error), VaultLocked) else State.ABSENT
        return State.READY
    try:
        from jeepney.io.blocking import open_dbus_connection

        connection = open_dbus_connection(auth_timeout=1.0)
    except TimeoutError:
        return State.SILENT
    except Exception:  # no bus in any of many ways: variable unset, dead socket, malformed address, refused
        return State.ABSENT
    try:
        return _look_on(connection)
    finally:
        connection.close()


def _look_on(bus: DBusConnection) -> State:
    """Ask the session bus for the service, its default collection, and whether that is locked."""
    from jeepney import DBusAddress, DBusErrorResponse, MessageType, Properties, new_method_call  # type: ignore[import-untyped]
    from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]
    from jeepney.io.blocking import Proxy

    service = "org.freedesktop.secrets"
    try:
        names = Proxy(message_bus, bus)
        if not names.NameHasOwner(service)[0] and service not in names.ListActivatableNames()[0]:
            return State.ABSENT
        address = DBusAddress("/org/freedesktop/secrets", service, "org.freedesktop.Secret.Service")
        reply = bus.send_and_get_reply(new_method_call(address, "ReadAlias", "s", ("default",)))
        if reply.header.message_type is MessageType.error:
            return State.ABSENT
        collection = reply.body[0]
        if collection == "/":
            return State.EMPTY
        about = Properties(DBusAddress(collection, service, "org.freedesktop.Secret.Collection"))
        reply = bus.send_and_get_reply(about.get("Locked"))
        if reply.header.message_type is MessageType.error:
            return State.ABSENT
        return State.LOCKED if reply.body[0][1] else State.READY
    except (DBusErrorResponse, OSError):
        # The bus or the service went away while it was asked.
        return State.ABSENT


def _unlock() -> None:
    """Open the default collection; the service asks the user by itself."""
    if sys.platform in ("darwin", "win32"):
        _backend().get_password("keytui:look", "look")
        return
    from contextlib import closing

    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        collection = secretstorage.get_default_collection(bus)
        if collection.is_locked() and (collection.unlock() or collection.is_locked()):
            raise VaultLocked(REASONS[State.LOCKED])


def _explain(error: Exception) -> VaultTrouble:
    """A backend's exception as one sentence; its own text is left out, since it may hold anything."""
    names = {kind.__name__ for kind in type(error).__mro__}
    text = str(error)
    if "KeyringLocked" in names or "LockedException" in names or "-25308" in text or "-25293" in text:
        return VaultLocked(REASONS[State.LOCKED])
    if "InitError" in names or "PromptDismissedException" in names:
        return VaultLocked(
            "The system keyring could not be opened here, because it asks for its password in a dialog; "
            "unlock it in your desktop session, or keep the key in the encrypted file."
        )
    if names & {"NoKeyringError", "SecretServiceNotAvailableException", "ModuleNotFoundError", "ConnectionError"}:
        return VaultTrouble(REASONS[State.ABSENT])
    return VaultTrouble(
        f"{_sentence(NAME)} refused ({type(error).__name__}); try again, or keep the key in the encrypted file."
    )


def _sentence(words: str) -> str:
    """Words that begin a sentence."""
    return words[0].upper() + words[1:]
