"""The one place that builds HTTP clients. Nothing else in keytui opens a connection to the network by itself.

A client is bound to one way: its proxy and certificates are decided before it is made, the environment is not read
again behind its back, and no redirect is followed, so a key is never sent to an address it was not kept for.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from typing import TYPE_CHECKING, Any

from keytui.adapters.route import Routes, Way, proxy_is_usable
from keytui.domain.chat import Refused
from keytui.domain.routes import host_of
from keytui.domain.troubles import Signal, recognise

if TYPE_CHECKING:
    import httpx2

CONNECT_WITHIN = 15.0
"""Seconds for name, connection, proxy and encryption together."""
ANSWER_WITHIN = 600.0
"""Seconds without a byte before an answer is given up: models may reason silently for minutes (the SDK's figure)."""


class HttpClients:
    """Builds clients. Building one reads certificates, which takes some 30 ms: do it in a thread."""

    def __init__(self, routes: Routes | None = None, *, answer_within: float = ANSWER_WITHIN) -> None:
        """``answer_within``: seconds without a byte before an answer is given up."""
        self.routes = routes or Routes()
        self._answer_within = answer_within
        self._trusted: dict[tuple[str | None, str | None], ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def client(self, base_url: str, *, answer_within: float | None = None) -> httpx2.AsyncClient:
        """A client for one base URL, by the way to it. Raises ``Refused`` when the environment rules that out."""
        import httpx2

        way = self.routes.way(base_url)
        if not proxy_is_usable(way):
            raise Refused(recognise(_signal(way, "bad_proxy_address")))
        limits = httpx2.Limits(max_connections=100, max_keepalive_connections=20)
        transport = _patient_transport(
            verify=self.trust(way),
            trust_env=False,
            limits=limits,
            proxy=httpx2.Proxy(way.proxy.reveal()) if way.proxy else None,
        )
        timeout = httpx2.Timeout(answer_within or self._answer_within, connect=CONNECT_WITHIN, write=60.0, pool=60.0)
        return httpx2.AsyncClient(transport=transport, timeout=timeout, trust_env=False, follow_redirects=False)

    def proxy_of(self, base_url: str) -> str:
        """The proxy on the way to a base URL, password masked; empty when the way is direct."""
        return self.routes.way(base_url).proxy_shown

    def trust(self, way: Way) -> ssl.SSLContext:
        """Which certificates count on a way. Raises ``Refused`` when those that were named cannot be read."""
        if not _is_encrypted(way):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; trusts nobody
        named = (way.certificate_file, way.certificate_folder)
        with self._lock:
            if named not in self._trusted:
                made = _context(way)
                if made is None:
                    raise Refused(recognise(_signal(way, "bad_certificate_file")))
                self._trusted[named] = made
            return self._trusted[named]


def _context(way: Way) -> ssl.SSLContext | None:
    try:
        if way.certificate_file:
            return ssl.create_default_context(cafile=way.certificate_file)
        if way.certificate_folder:
            return ssl.create_default_context(capath=way.certificate_folder)
    except (OSError, ssl.SSLError):
        return None
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)


def _is_encrypted(way: Way) -> bool:
    return way.base_url.startswith("https:") or (way.proxy is not None and way.proxy.reveal().startswith("https:"))


def _signal(way: Way, code: str) -> Signal:
    return Signal(where="route", code=code, host=host_of(way.base_url), proxy=way.proxy_shown, base_url=way.base_url)


def _patient_transport(**settings: Any) -> httpx2.AsyncHTTPTransport:
    """A transport whose patience has one bound for all that comes before the request itself.

    Without it a proxy that never completes its handshake holds a request for the whole time allowed for an answer
    (openai-facts 8.13).
    """
    import httpx2

    class PatientTransport(httpx2.AsyncHTTPTransport):
        """Gives up on a connection that has not come about within ``CONNECT_WITHIN``."""

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            """Send one request, the connection's making bounded."""
            stage = "connect"
            method = request.method.encode()
            opened: list[Any] = []
            asking = False

            async def watch(name: str, info: dict[str, Any]) -> None:
                nonlocal stage, asking
                if name.endswith("connect_tcp.complete"):
                    opened.append(info["return_value"])
                elif name.endswith("setup_socks5_connection.started"):
                    stage = "the SOCKS handshake was not answered"
                elif name.endswith("send_request_headers.started"):
                    sent = info.get("request")
                    # A tunnel is asked for with a request of its own; only ours ends the wait.
                    if sent is None or sent.method == method:
                        asking = True
                        bound.reschedule(None)

            request.extensions = {**request.extensions, "trace": watch}
            try:
                async with asyncio.timeout(CONNECT_WITHIN) as bound:
                    return await super().handle_async_request(request)
            except TimeoutError:
                waited = f"no connection within {CONNECT_WITHIN:.0f} s ({stage})"
            finally:
                if not asking:
                    # The library forgets a connection that failed, or was given up, half-way to being one.
                    for stream in opened:
                        await stream.aclose()
            raise httpx2.ConnectTimeout(waited, request=request)

    return PatientTransport(**settings)
