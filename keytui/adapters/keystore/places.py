"""The places of this machine that keys can be written to, and the encrypted file's passphrase."""

from __future__ import annotations

from keytui.adapters.keystore.ground import Ground
from keytui.adapters.keystore.index import Document
from keytui.domain.keys import FileState, Place, PlaceReport, StoreUnreadable, VaultTrouble
from keytui.domain.secrets import Secret

_WRITABLE = (Place.KEYRING, Place.FILE, Place.SESSION)


PUT_BACK = (
    "The encrypted file of keys is an older one than keytui wrote last, as if a copy had been put back: keys that were "
    "stored since are not in it, deleted ones may be in it again, and an earlier passphrase may open it. Look through "
    "your keys, and revoke on the platform what should not be there."
)


class Places(Ground):
    """Which of them work, told before a key is kept."""

    async def places(self) -> tuple[PlaceReport, ...]:
        """The writable places, best first: keyring, encrypted file, this session."""
        return tuple([await self._vaults[place].report() for place in _WRITABLE if place in self._vaults])

    @property
    def file_state(self) -> FileState:
        """Whether the encrypted file is there, and open."""
        return self._file.state

    async def unlock(self, passphrase: Secret) -> str:
        """Open the encrypted file; when there is none yet, this will be its passphrase. Raises ``VaultTrouble``.

        Gives a sentence to show when the file is an older one than the index knows of, and else an empty one.
        """
        await self._file.unlock(passphrase)
        # The index first: whoever changes both at this moment writes the file before it.
        try:
            known = self._index.read().get("file_changes", 0)
        except StoreUnreadable:
            return ""
        changes = await self._file.changes()
        if changes is None or not isinstance(known, int) or changes >= known:
            return ""

        def accept(document: Document) -> None:
            document["file_changes"] = changes

        try:
            await self._change(accept)
        except VaultTrouble as trouble:
            return f"{PUT_BACK} {trouble}"
        return PUT_BACK

    async def change_passphrase(self, passphrase: Secret) -> None:
        """Encrypt the (open) file anew with another passphrase. Raises ``VaultTrouble``."""
        await self._file.change_passphrase(passphrase)
        await self._change(lambda document: None)
