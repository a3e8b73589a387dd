"""The metering proxy itself, from its start to its end."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from keytui.domain.metering import DEFAULT_PROGRAM, Handshake, Snapshot, Target, Told, new_local_key
from keytui.domain.secrets import Secret
from keytui.servers.metering.accounts import Accounts
from keytui.servers.metering.exchange import Shop
from keytui.servers.metering.live import Live
from keytui.servers.metering.passing import Front
from keytui.servers.metering.settings import Ports, ProxySettings
from keytui.servers.metering.slots import Slots
from keytui.servers.metering.upstreams import Upstreams
from keytui.servers.quiet import Server, address_of, is_loopback, listen


class MeteringProxy:
    """A proxy that puts the target's key into requests of programs with local keys.

    ``run`` serves in the calling thread until ``stop``, once; ``snapshot`` and ``use`` may be called from any thread.
    """

    def __init__(
        self,
        target: Target,
        ports: Ports,
        settings: ProxySettings | None = None,
        *,
        program: str = DEFAULT_PROGRAM,
        local_key: Secret | None = None,
        told: Told | None = None,
    ) -> None:
        """``local_key`` is the key that is handed out (made up unless given), ``program`` whose requests it marks.

        ``told`` is called in the proxy's own threads: it must be quick, and it must not raise.

        Raises ``ValueError`` for a host that others reach while no program has a local key of its own.
        """
        self._target = target
        self._ports = ports
        self._settings = settings or ProxySettings()
        if not is_loopback(self._settings.host) and not (ports.programs is not None and ports.programs.programs()):
            raise ValueError("outside the loopback every program needs a local key of its own")
        self._program = program
        self._local_key = local_key or new_local_key()
        self._live = Live(target.key.name, told)
        self._lock = threading.Lock()
        self._server: Server | None = None
        self._ended = False

    def run(self, ready: Callable[[Handshake], None]) -> None:
        """Serve until ``stop`` is called; ``ready`` is called in this thread once connections are taken.

        Every request that was sent is booked when this returns. Raises ``CannotListen`` before ``ready``.
        """
        with listen(self._settings.host, self._settings.port) as listener:
            address = address_of(listener, self._settings.host)
            accounts = Accounts(self._ports)
            upstreams = Upstreams(self._ports.connect)
            slots = Slots(self._settings.max_parallel, self._settings.max_waiting, self._live.waits)
            shop = Shop(self._ports, self._settings, accounts, upstreams, slots, self._live)
            front = Front(shop, lambda: self._target, self._local_key, self._program)

            def begin() -> None:
                self._live.listening(address)
                accounts.warm()
                ready(Handshake(address, self._local_key))

            server = Server(front, begin, drain=math.ceil(self._settings.drain), closing=upstreams.close)
            with self._lock:
                if self._ended:
                    return
                self._server = server
            try:
                server.run(sockets=[listener])
            finally:
                self._live.listening("")
                accounts.close()

    def stop(self) -> None:
        """Take nothing new, let answers under way end for a moment, then break them off. From any thread, any time."""
        with self._lock:
            self._ended = True
            if self._server is not None:
                self._server.end()

    def use(self, target: Target) -> None:
        """Put another key into requests from now on."""
        self._target = target
        self._live.uses(target.key.name)

    def snapshot(self) -> Snapshot:
        """What it does now and did so far."""
        return self._live.snapshot()
