"""The places of this machine that keys can be written to, and the encrypted file's passphrase."""

from __future__ import annotations

from keytui.adapters.keystore.ground import Ground
from keytui.domain.keys import FileState, Place, PlaceReport
from keytui.domain.secrets import Secret

_WRITABLE = (Place.KEYRING, Place.FILE, Place.SESSION)


class Places(Ground):
    """Which of them work, told before a key is kept."""

    async def places(self) -> tuple[PlaceReport, ...]:
        """The writable places, best first: keyring, encrypted file, this session."""
        return tuple([await self._vaults[place].report() for place in _WRITABLE if place in self._vaults])

    async def default_place(self) -> PlaceReport:
        """The best place that works now without asking for anything: told to the user before and after."""
        return next(report for report in await self.places() if report.usable)

    @property
    def file_state(self) -> FileState:
        """Whether the encrypted file is there, and open."""
        return self._file.state

    async def unlock(self, passphrase: Secret) -> None:
        """Open the encrypted file; when there is none yet, this will be its passphrase. Raises ``VaultTrouble``."""
        await self._file.unlock(passphrase)

    async def change_passphrase(self, passphrase: Secret) -> None:
        """Encrypt the (open) file anew with another passphrase. Raises ``VaultTrouble``."""
        await self._file.change_passphrase(passphrase)
