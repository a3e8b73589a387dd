"""The one place that builds HTTP clients. Nothing else in keytui opens a connection to the network by itself.

A client is bound to one base URL and takes the route there that holds when a request begins: after a change the next
request goes the new route, while answers that are still coming end on the old one. The HTTP library reads nothing of
the environment behind its back, and no redirect is followed, so a key is never sent to an address it was not kept for.
"""

from __future__ import annotations

import ssl
import threading
from typing import TYPE_CHECKING

from keytui.adapters.network.route import Routes, TakenRoute, proxy_is_usable
from keytui.domain.addresses import host_of
from keytui.domain.chat import Refused
from keytui.domain.own_route import OwnRoute
from keytui.domain.troubles import Signal, recognise

if TYPE_CHECKING:
    import httpx2

    from keytui.adapters.network.lanes import Lanes

ANSWER_WITHIN = 600.0
"""Seconds without a byte before an answer is given up: models may reason silently for minutes (the SDK's figure)."""


class HttpClients:
    """Builds clients. Building one reads certificates, which takes some 30 ms: do it in a thread."""

    def __init__(self, routes: Routes | None = None, *, answer_within: float = ANSWER_WITHIN) -> None:
        """``answer_within``: seconds without a byte before an answer is given up."""
        self.routes = routes or Routes()
        self._answer_within = answer_within
        self._trusted: dict[tuple[str | None, ...], ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def adopt(self, own: OwnRoute) -> None:
        """Take the user's choice of a route from the next request on, also in clients that exist."""
        self.routes.own = own
        with self._lock:
            # A file of certificates may have been corrected under its old name.
            self._trusted.clear()

    def client(self, base_url: str, *, answer_within: float | None = None) -> httpx2.AsyncClient:
        """A client for one base URL, by the route to it. Raises ``Refused`` when the environment rules that out."""
        import httpx2

        from keytui.adapters.network.transport import CONNECT_WITHIN, FollowingTransport

        route = self.routes.taken(base_url)
        if (signal := self.unusable(route)) is not None:
            raise Refused(recognise(signal))
        transport = FollowingTransport(lambda: self.routes.taken(base_url), route, self)
        timeout = httpx2.Timeout(answer_within or self._answer_within, connect=CONNECT_WITHIN, write=60.0, pool=60.0)
        return httpx2.AsyncClient(transport=transport, timeout=timeout, trust_env=False, follow_redirects=False)

    def lanes(self, base_url: str) -> Lanes:
        """Connections to one base URL for requests of other programs, which pass as they are."""
        from keytui.adapters.network.lanes import Lanes

        return Lanes(base_url, self, self._answer_within)

    def unusable(self, route: TakenRoute) -> Signal | None:
        """What makes a route unusable before anything is sent, or None. May read certificates: call it in a thread."""
        if not proxy_is_usable(route):
            return _signal(route, "bad_proxy_address")
        try:
            self.trust(route)
        except Refused:
            return _signal(route, "bad_certificate_file")
        return None

    def proxy_of(self, base_url: str) -> str:
        """The proxy on the route to a base URL, password masked; empty when the route is direct."""
        return self.routes.taken(base_url).proxy_shown

    def trust(self, route: TakenRoute) -> ssl.SSLContext:
        """Which certificates count on a route. Raises ``Refused`` when those that were named cannot be read."""
        if not _is_encrypted(route):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; trusts nobody
        named = (route.certificate_file, route.certificate_folder, route.own_certificates)
        with self._lock:
            if named not in self._trusted:
                made = _context(route)
                if made is None:
                    raise Refused(recognise(_signal(route, "bad_certificate_file")))
                self._trusted[named] = made
            return self._trusted[named]


def _context(route: TakenRoute) -> ssl.SSLContext | None:
    """What is trusted; None when what was named cannot be read. Extra authorities are added, never put in place."""
    try:
        context = _named_context(route)
        if route.own_certificates:
            context.load_verify_locations(cafile=route.own_certificates)
    except (OSError, ssl.SSLError):
        return None
    return context


def _named_context(route: TakenRoute) -> ssl.SSLContext:
    if route.certificate_file:
        return ssl.create_default_context(cafile=route.certificate_file)
    if route.certificate_folder:
        return ssl.create_default_context(capath=route.certificate_folder)
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)


def _is_encrypted(route: TakenRoute) -> bool:
    return route.base_url.startswith("https:") or (
        route.proxy is not None and route.proxy.reveal().startswith("https:")
    )


def _signal(route: TakenRoute, code: str) -> Signal:
    return Signal(
        where="route", code=code, host=host_of(route.base_url), proxy=route.proxy_shown, base_url=route.base_url
    )
