"""What is known and chosen about the route to the API: what the Network pane asks for."""

from __future__ import annotations

from typing import Protocol

from keytui.domain.chat import Capabilities
from keytui.domain.findings import Findings
from keytui.domain.own_route import OwnRoute
from keytui.domain.probe import Prober
from keytui.domain.settings import Settings


class Network(Protocol):
    """The route to the API, and the servers at its end."""

    async def own(self) -> OwnRoute:
        """The route that the user chose in keytui; an empty one when nothing was chosen."""
        ...

    async def keep(self, own: OwnRoute) -> tuple[Settings, str]:
        """Keep a route and take it from the next request on; the settings now, and where the sign-in is, in words.

        Raises ``VaultTrouble`` and ``StoreUnreadable``; then the earlier route still holds.
        """
        ...

    def trial(self, own: OwnRoute) -> Prober:
        """A prober that goes another route, which need not be kept."""
        ...

    async def capabilities(self, base_url: str) -> Capabilities:
        """What was found out about a server, in this run or an earlier one."""
        ...

    async def examine(self) -> Findings:
        """Everything that can be wrong on this machine; within five seconds, whatever hangs."""
        ...
