"""The switch of the metering proxy, and its live view, as the Network pane has them."""

from __future__ import annotations

import asyncio

from textual import events, work
from textual.timer import Timer

from keytui.domain.keys import KeyRecord, VaultTrouble
from keytui.domain.ledger import Entry
from keytui.domain.metering import NotListening, Target
from keytui.tui.messages import EntryBooked
from keytui.tui.private.clipboard import copy
from keytui.tui.services import Services
from keytui.tui.widgets.metering import MeteringView

_PAUSE = 0.25
"""Seconds between two looks at a proxy in which much happens. While nothing happens nobody looks."""


class MeteringPart(MeteringView):
    """Turns the proxy on and off, keeps it on the key in use, and shows what it tells."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self._turning = asyncio.Lock()
        self._key: KeyRecord | None = None
        """The key that is put in; None while the proxy is off."""
        self._soon: Timer | None = None
        self._latest: Entry | None = None
        self._height = 0

    @work(description="turn the metering proxy on or off")
    async def turn(self, key: KeyRecord | None) -> None:
        """Turn it on for a key, or off."""
        async with self._turning:
            if self._key is not None:
                await self._turn_off()
            elif self.services.offline:
                self.notify("keytui was started with --offline. Start it without to let programs ask.", timeout=5)
            elif key is None:
                self.notify("The metering proxy puts a key in, and there is none yet. f2 leads to one.", timeout=6)
            else:
                await self._turn_on(key)

    async def _turn_on(self, key: KeyRecord) -> None:
        try:
            await self.services.metering.turn_on(await self._target(key), self._told)
        except (VaultTrouble, NotListening) as trouble:
            self.notify(str(trouble), severity="error", markup=False, timeout=10)
            return
        self._key = key
        self._look()

    async def _turn_off(self) -> None:
        await self.services.metering.turn_off()
        self._key = None
        self._look()

    async def _target(self, key: KeyRecord) -> Target:
        return Target(key, await self.services.keys.secret(key))

    @work(description="let the metering proxy put in the key in use")
    async def follow(self, key: KeyRecord | None) -> None:
        """Another key is in use, or other characters of the same: programs ask with it from their next request on."""
        async with self._turning:
            if self._key is None or key == self._key:
                return
            if key is None:
                await self._turn_off()
                self.notify("The metering proxy is off: there is no key to put in.", timeout=8)
                return
            try:
                self.services.metering.use(await self._target(key))
            except VaultTrouble as trouble:
                await self._turn_off()
                self.notify(f"{trouble} The metering proxy is off.", severity="warning", markup=False, timeout=10)
                return
            self._key = key
            self._look()

    def _told(self, entry: Entry | None) -> None:
        self._latest = entry or self._latest
        if self._soon is None and self.is_running:
            self._soon = self.set_timer(_PAUSE, self._look)

    def _look(self) -> None:
        """Show it as it is now. One of the entries since the last look tells everybody that the sums are old."""
        self._soon = None
        metering = self.services.metering
        self.show(metering.handshake, metering.snapshot(), self._key)
        self.refresh_bindings()
        if self._latest is not None:
            self.post_message(EntryBooked(self._latest))
            self._latest = None

    def on_resize(self, event: events.Resize) -> None:
        """What is new comes into view: the proxy's address when it is turned on, a program when it asks first."""
        grown, self._height = event.size.height > self._height, event.size.height
        if grown and self._key is not None:
            self.call_after_refresh(self.scroll_visible, top=True, animate=False)

    async def copy_local_key(self) -> None:
        """Copy the local key, which opens nothing but this proxy."""
        if (handshake := self.services.metering.handshake) is not None:
            await self._copy(handshake.api_key.reveal())

    async def copy_line(self) -> None:
        """Copy what stands before a command in a shell, so that it asks through the proxy."""
        if (handshake := self.services.metering.handshake) is not None:
            await self._copy(f"OPENAI_BASE_URL={handshake.base_url} OPENAI_API_KEY={handshake.api_key.reveal()} ")

    async def _copy(self, text: str) -> None:
        copied = await copy(self.app, text)
        self.notify(copied.words, markup=False, timeout=5)
