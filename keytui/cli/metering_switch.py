"""The metering proxy inside the app, in a thread with an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING

from keytui.domain.metering import Handshake, NotListening, Snapshot, Target, Told
from keytui.tui.background import in_background

if TYPE_CHECKING:
    from keytui.cli.backstage import Backstage
    from keytui.domain.ledger import Entry
    from keytui.servers.metering import MeteringProxy

_DRAIN = 1.0
"""Seconds that answers under way get to end: whoever leaves the app waits as long."""

_PATIENCE = 5.0
"""Seconds that the end may take in all, its bookings included."""


class Switch:
    """Implements ``keytui.domain.metering.MeteringSwitch``."""

    def __init__(self, services: Backstage) -> None:
        self._services = services
        self._proxy: MeteringProxy | None = None
        self._thread: threading.Thread | None = None
        self._handshake: Handshake | None = None

    @property
    def handshake(self) -> Handshake | None:
        """What programs need to know of it; None while it is off."""
        return self._handshake

    def snapshot(self) -> Snapshot:
        """What it does now and did since it was turned on."""
        return self._proxy.snapshot() if self._proxy is not None else Snapshot("", "")

    async def turn_on(self, target: Target, told: Told) -> None:
        """Listen on the loopback, unless it does."""
        if self._proxy is not None:
            return
        # Whoever is told runs as if called from here, not from the proxy's threads: the interface finds its app so.
        loop, context = asyncio.get_running_loop(), copy_context()

        def tell(entry: Entry | None) -> None:
            # The loop is closed when the app has ended meanwhile: then nobody looks any more.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(told, entry, context=context)

        self._proxy = proxy = await self._made(target, tell)
        began: Future[Handshake] = Future()
        self._thread = threading.Thread(target=_serve, args=(proxy, began), daemon=True, name="metering proxy")
        self._thread.start()
        try:
            self._handshake = await asyncio.wrap_future(began)
        except BaseException:
            # Also when nobody waits for it any more: what is not shown must not listen.
            self.stop()
            self._proxy = None
            raise

    def use(self, target: Target) -> None:
        """Put another key into requests from now on."""
        if self._proxy is not None:
            self._proxy.use(target)

    async def turn_off(self) -> None:
        """Give answers under way a moment, then stop listening."""
        await in_background(self.end)

    def stop(self) -> None:
        """Begin to turn it off, from any thread, without waiting."""
        if self._proxy is not None:
            self._proxy.stop()

    def end(self) -> None:
        """Turn it off and wait until everything is booked; for when the event loop is gone, too."""
        self.stop()
        if self._thread is not None:
            self._thread.join(_PATIENCE)
        self._proxy = self._thread = self._handshake = None

    async def _made(self, target: Target, told: Told) -> MeteringProxy:
        from keytui.cli.metering import Around, ports_within

        services = self._services
        prices, ledger = await services.prices(), await services.ledger()
        clients = await (await services.network()).clients()
        around = Around(services.paths, services.settings, services.keys, clients, ledger, lambda: prices)

        def make() -> MeteringProxy:
            from keytui.servers.metering import MeteringProxy, ProxySettings

            return MeteringProxy(target, ports_within(around), ProxySettings(drain=_DRAIN), told=told)

        return await in_background(make)


def _serve(proxy: MeteringProxy, began: Future[Handshake]) -> None:
    from keytui.servers.metering import CannotListen

    try:
        proxy.run(began.set_result)
    except CannotListen as reason:
        began.set_exception(NotListening(f"The metering proxy cannot start: 127.0.0.1 {reason}. Try again with o."))
    finally:
        # Stopped before it began: nobody may wait for it any longer.
        began.cancel()
