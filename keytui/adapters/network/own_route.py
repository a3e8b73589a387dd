"""The user's own route to the API: its address in the settings, its sign-in in a vault. Light to import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from keytui.domain.keys import KeyKind, KeyRecord, Place, VaultTrouble, new_key_id
from keytui.domain.own_route import OwnRoute, proxy_address
from keytui.domain.vaults import KeyGone, Source, Vault

if TYPE_CHECKING:
    from keytui.domain.secrets import Secret
    from keytui.domain.settings import Settings, SettingsStore

_WRITABLE = (Place.KEYRING, Place.FILE, Place.SESSION)
"""Best first."""
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Vaults ask for the whole record of a key; a sign-in has none, and only its id counts there."""


class OwnRoutes:
    """Reads and keeps the own route.

    The sign-in is kept as the proxy's whole address, so that it is never sent to another proxy than its own.
    """

    def __init__(self, settings: SettingsStore, vaults: Mapping[Place, Source]) -> None:
        """Nothing is read yet."""
        self._settings = settings
        self._vaults = vaults

    async def load(self) -> OwnRoute:
        """The route that was chosen. A sign-in that cannot be read now leaves ``problem``, and the rest holds."""
        settings = self._settings.load()
        own = OwnRoute(settings.proxy, settings.no_proxy or "", settings.certificates)
        if settings.proxy is None or settings.proxy_sign_in is None:
            return own
        try:
            kept = await self._read(settings.proxy_sign_in)
        except KeyGone:
            return replace(own, problem="The sign-in of your proxy is no longer kept: enter it again (e).")
        except VaultTrouble as trouble:
            return replace(own, problem=f"The sign-in of your proxy cannot be read. {trouble}")
        address, sign_in = proxy_address(kept.reveal())
        if address != settings.proxy:
            return replace(own, problem="The sign-in that is kept is for another proxy: enter it again (e).")
        return replace(own, sign_in=sign_in)

    async def keep(self, own: OwnRoute) -> tuple[Settings, str]:
        """Keep a route; the settings as they are now, and where the sign-in went, in words (empty without one).

        The new sign-in is kept before the settings name it, and the old one forgotten after. Raises ``VaultTrouble``
        and ``StoreUnreadable``; then the earlier route still holds.
        """
        before = self._settings.load()
        where, words = None, ""
        if own.proxy is not None and own.sign_in is not None:
            where, words = await self._written(own.sign_in.put_into(own.proxy))
        after = replace(
            before,
            proxy=own.proxy,
            no_proxy=own.no_proxy or None,
            certificates=own.certificates,
            proxy_sign_in=where,
        )
        try:
            self._settings.save(after)
        except BaseException:
            if where is not None:
                await self._forgotten(where)
            raise
        if before.proxy_sign_in is not None:
            await self._forgotten(before.proxy_sign_in)
        return after, words

    async def _written(self, address: Secret) -> tuple[str, str]:
        """Keep a sign-in in the best place that works without asking; where it is now, by name and in words."""
        problem = VaultTrouble("There is no place to keep a password in.")
        for place in _WRITABLE:
            vault = self._vaults.get(place)
            if not isinstance(vault, Vault) or not (report := await vault.report()).usable:
                continue
            key_id = new_key_id()
            try:
                await vault.keep(key_id, address)
            except VaultTrouble as trouble:
                problem = trouble
                continue
            return f"{place.value}:{key_id}", report.where
        raise problem

    async def _read(self, where: str) -> Secret:
        source, record = self._there(where)
        return await source.secret(record)

    async def _forgotten(self, where: str) -> None:
        try:
            source, record = self._there(where)
            if isinstance(source, Vault):
                await source.forget(record.id)
        except VaultTrouble:
            # It is replaced by now: what stays behind in a locked place opens nothing that is still used.
            return

    def _there(self, where: str) -> tuple[Source, KeyRecord]:
        name, _, key_id = where.partition(":")
        place = next((place for place in _WRITABLE if place.value == name), None)
        if place is None or place not in self._vaults or not key_id:
            raise VaultTrouble("config.toml names no place for it: enter it again in the Network pane.")
        record = KeyRecord(key_id, "proxy sign-in", KeyKind.OTHER, "", place, "", _ANY_TIME)
        return self._vaults[place], record
