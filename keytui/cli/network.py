"""The route to the API as every command and the app take it: the clients, the own route, what servers lack.

Light to import: what sends is imported when something is sent.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from keytui.adapters.bounded import bounded
from keytui.adapters.capabilities import EndpointMemory
from keytui.adapters.network.own_route import OwnRoutes
from keytui.adapters.paths import Paths
from keytui.domain.own_route import OwnRoute

if TYPE_CHECKING:
    from keytui.adapters.keystore import Keys
    from keytui.adapters.network.http import HttpClients
    from keytui.adapters.openai.gateway import OpenAIGateway
    from keytui.domain.chat import Capabilities
    from keytui.domain.findings import Findings
    from keytui.domain.keys import KeyRecord
    from keytui.domain.probe import Prober
    from keytui.domain.route import Route
    from keytui.domain.secrets import Secret
    from keytui.domain.settings import Settings, SettingsStore

_SECONDS = 10.0
"""For what reads small files, which may lie on a disk that hangs."""


class Network:
    """Implements ``keytui.domain.network.Network``, and hands out what sends by that route."""

    def __init__(
        self, paths: Paths, settings: SettingsStore, keys: Keys, *, practice: bool = False, offline: bool = False
    ) -> None:
        """Nothing is read yet. In practice no proxy of the environment is used: nothing leaves this machine."""
        from keytui.adapters.network.http import HttpClients
        from keytui.adapters.network.route import Routes

        self._paths, self._keys = paths, keys
        self._routes = OwnRoutes(settings, keys.vaults)
        self._endpoints = EndpointMemory(paths.endpoints_file)
        self._practice, self._offline = practice, offline
        self._clients = HttpClients(Routes({} if practice else os.environ))
        self._loaded: OwnRoute | None = None

    async def clients(self) -> HttpClients:
        """The one builder of HTTP clients, which knows the user's own route."""
        await self.own()
        return self._clients

    async def own(self) -> OwnRoute:
        """See ``Network.own``. A sign-in that could not be read is tried again each time."""
        if self._loaded is None or self._loaded.problem:
            own = await self._routes.load()
            if own != self._loaded:
                self._loaded = own
                self._clients.adopt(own)
        return self._loaded

    async def keep(self, own: OwnRoute) -> tuple[Settings, str]:
        """See ``Network.keep``."""
        settings, where = await self._routes.keep(own)
        self._loaded = own
        self._clients.adopt(own)
        return settings, where

    async def route(self, base_url: str) -> Route:
        """How requests to an address would travel now."""
        clients = await self.clients()
        return await bounded(lambda: clients.routes.describe(base_url), _SECONDS)

    async def gateway(self, key: KeyRecord, secret: Secret) -> OpenAIGateway:
        """The gateway of a key; what it finds out about its server is remembered."""
        from keytui.adapters.openai.gateway import OpenAIGateway

        return OpenAIGateway(
            secret,
            key.base_url,
            await self.clients(),
            organization=key.organization,
            project=key.project,
            remembered=await self.capabilities(key.base_url),
            learnt=partial(self._endpoints.learn, key.base_url),
        )

    async def prober(self) -> Prober:
        """The checker of keys and routes, by the route that holds now."""
        from keytui.adapters.network.probe import Probe

        return Probe(await self.clients(), learnt=self._endpoints.learn)

    def trial(self, own: OwnRoute) -> Prober:
        """See ``Network.trial``."""
        from keytui.adapters.network.http import HttpClients
        from keytui.adapters.network.probe import Probe

        return Probe(HttpClients(self._clients.routes.with_own(own)))

    async def capabilities(self, base_url: str) -> Capabilities:
        """See ``Network.capabilities``."""
        return await bounded(lambda: self._endpoints.of(base_url), _SECONDS)

    async def examine(self) -> Findings:
        """See ``Network.examine``."""
        from keytui.cli.doctor.examination import examine

        return await examine(self._paths, keys=self._keys, practice=self._practice, offline=self._offline)

    def settle(self) -> None:
        """Let what was learnt reach the disk, before a command ends."""
        self._endpoints.settle()
