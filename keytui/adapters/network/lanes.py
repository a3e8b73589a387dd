"""Connections to one server for requests that pass, made by the route that holds now and kept for the next request.

Imports the HTTP library: import this module only where something is sent.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlsplit

import httpx2

from keytui.adapters.bounded import bounded
from keytui.adapters.network import wire
from keytui.adapters.network.lane import Content, Lane
from keytui.adapters.network.route import Routes, TakenRoute
from keytui.adapters.network.transport import CONNECT_WITHIN, Trust
from keytui.domain.chat import Refused
from keytui.domain.troubles import recognise

KEPT = 4.0
"""Seconds that a connection is kept idle. Common servers (Uvicorn, Node) close theirs after five, and a request that
meets such a close half-way is lost."""

Headers = Sequence[tuple[bytes, bytes]]


class Routing(Trust, Protocol):
    """What is asked about the route."""

    @property
    def routes(self) -> Routes:
        """Decides the route."""
        ...


class Answer:
    """The answer to one request: its head, and its body as it comes. Close it, however far it was read."""

    def __init__(self, lane: Lane, lanes: Lanes) -> None:
        self._lane = lane
        self._lanes = lanes
        self.status = lane.status
        self.headers: Headers = lane.headers
        """Names in lower case."""

    async def lump(self) -> bytes:
        """The next bytes of the body, everything that is there in one piece; empty at its end.

        Raises ``httpx2.TransportError``.
        """
        return await self._lane.lump()

    def close(self) -> None:
        """Let go of it; the connection is kept when the answer was taken to its end."""
        self._lanes.give_back(self._lane)


class Lanes:
    """As many connections to one base URL as there are requests; of one event loop."""

    def __init__(self, base_url: str, routing: Routing, patience: float) -> None:
        """``patience``: seconds without a byte before an answer is given up."""
        self._base_url = base_url
        self._routing = routing
        self._patience = patience
        self._routes: dict[Lane, TakenRoute] = {}
        self._idle: dict[Lane, asyncio.TimerHandle] = {}
        parts = urlsplit(base_url)
        self._path = parts.path.encode("ascii", "replace")
        host, port = wire.target(TakenRoute(base_url, None, ""))
        name = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii") if not host.isascii() else host
        default = 443 if parts.scheme == "https" else 80
        self._host = (name if port == default else f"{name}:{port}").encode("ascii")

    async def send(self, method: str, path: bytes, headers: Headers, content: Content) -> Answer:
        """Send a request and wait for the head of its answer.

        ``path``: below the base URL, with its query. ``headers`` without ``Host``. Content in parts is framed by its
        ``content-length``, or in chunks when there is none. Raises ``Refused`` when the route cannot be taken,
        ``httpx2.TransportError``, and what the parts raise.
        """
        route = self._routing.routes.taken(self._base_url)
        names = [name for name, _ in headers]
        chunked = not isinstance(content, bytes) and b"content-length" not in names
        extra: list[tuple[bytes, bytes]] = []
        if chunked:
            extra.append((b"transfer-encoding", b"chunked"))
        elif b"content-length" not in names and method in ("POST", "PUT", "PATCH"):
            extra.append((b"content-length", b"0"))
        head = self._head(route, method, path, [*headers, *extra])
        lane = self._kept(route) or await self._open(route)
        try:
            await lane.ask(method, head, content, chunked=chunked)
        except BaseException:
            self._forget(lane)
            raise
        return Answer(lane, self)

    def give_back(self, lane: Lane) -> None:
        """Take a connection back from an answer that is over."""
        lane.done()
        route = self._routes.get(lane)
        if route is None or not lane.free or route != self._routing.routes.taken(self._base_url):
            self._forget(lane)
            return
        self._idle[lane] = asyncio.get_running_loop().call_later(KEPT, self._forget, lane)

    def close(self) -> None:
        """Close all connections."""
        for lane in list(self._routes):
            self._forget(lane)

    def _kept(self, route: TakenRoute) -> Lane | None:
        while self._idle:
            lane, expiry = self._idle.popitem()
            expiry.cancel()
            if lane.free and self._routes[lane] == route:
                return lane
            self._forget(lane)
        return None

    def _head(self, route: TakenRoute, method: str, path: bytes, headers: Headers) -> bytes:
        target = self._path + path
        signing = b""
        if route.proxy is not None and not route.base_url.startswith("https:") and not _is_socks(route):
            # Plain HTTP is not tunnelled: the proxy is asked for the page itself, and each time with the sign-in.
            target = b"http://" + self._host + target
            if (named := wire.sign_in(route)) is not None:
                credentials = base64.b64encode(":".join(named).encode())
                signing = b"proxy-authorization: Basic " + credentials + b"\r\n"
        lines = b"".join([b"%s: %s\r\n" % header for header in headers])
        if lines.count(b"\n") != len(headers) or lines.count(b"\r") != len(headers):
            raise httpx2.LocalProtocolError("a header holds a line break")
        return b"%s %s HTTP/1.1\r\nhost: %s\r\n%s%s\r\n" % (method.encode("ascii"), target, self._host, signing, lines)

    async def _open(self, route: TakenRoute) -> Lane:
        """A new connection. ``CONNECT_WITHIN`` holds for name, connection, proxy and encryption together."""
        if (signal := await bounded(lambda: self._routing.unusable(route), CONNECT_WITHIN)) is not None:
            raise Refused(recognise(signal))
        opened: list[wire.Line] = []
        stage = "connect"
        lane: Lane | None = None
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                host, port = wire.first_hop(route)
                line = await wire.connect(await wire.addresses(host, port), port)
                opened.append(line)
                if route.proxy is not None:
                    stage = "the SOCKS handshake was not answered" if _is_socks(route) else stage
                    await wire.tunnel(line, route, await self._trust(route))
                if route.base_url.startswith("https:"):
                    stage = "connect"
                    await wire.encrypt(line, await self._trust(route), wire.target(route)[0])
                lane = Lane(line, self._patience)
        except Exception as error:
            raise _as_the_library(error, stage) from error
        finally:
            if lane is None:
                for line in opened:
                    line.close()
        self._routes[lane] = route
        return lane

    async def _trust(self, route: TakenRoute) -> ssl.SSLContext:
        return await bounded(lambda: self._routing.trust(route), CONNECT_WITHIN)

    def _forget(self, lane: Lane) -> None:
        self._routes.pop(lane, None)
        if (expiry := self._idle.pop(lane, None)) is not None:
            expiry.cancel()
        lane.drop()


def _is_socks(route: TakenRoute) -> bool:
    return route.proxy is not None and route.proxy.reveal().lower().startswith("socks")


def _as_the_library(error: Exception, stage: str) -> Exception:
    """A failure to connect as the HTTP library would raise it: the table of troubles knows it by those names."""
    if isinstance(error, wire.ProxyAnswered | wire.NotSocks):
        return httpx2.ProxyError(str(error))
    if isinstance(error, TimeoutError):
        return httpx2.ConnectTimeout(f"no connection within {CONNECT_WITHIN:.0f} s ({stage})")
    if isinstance(error, OSError | EOFError | asyncio.LimitOverrunError):
        return httpx2.ConnectError(str(error))
    return error
