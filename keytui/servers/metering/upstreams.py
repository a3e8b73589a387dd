"""The routes to servers, each made when it is first taken."""

from __future__ import annotations

from collections.abc import Callable

from keytui.servers.metering.settings import Upstream


class Upstreams:
    """The route to each address that was asked for."""

    def __init__(self, connect: Callable[[str], Upstream]) -> None:
        self._connect = connect
        self._made: dict[str, Upstream] = {}

    def to(self, base_url: str) -> Upstream:
        """The route to an address."""
        if base_url not in self._made:
            self._made[base_url] = self._connect(base_url)
        return self._made[base_url]

    async def close(self) -> None:
        """Give all connections back."""
        for upstream in self._made.values():
            upstream.close()
        self._made.clear()
