"""How a client sends: patiently while a connection comes about, and always by the route that holds now.

Imports the HTTP library: import this module only where a client is made.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import httpx2

from keytui.adapters.bounded import bounded
from keytui.adapters.network.body import bound
from keytui.adapters.network.route import TakenRoute
from keytui.domain.troubles import Signal

CONNECT_WITHIN = 15.0
"""Seconds for name, connection, proxy and encryption together."""
_LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=20)


class Trust(Protocol):
    """What a transport asks about a route. Both may read files: they are called in a thread."""

    def trust(self, route: TakenRoute) -> ssl.SSLContext:
        """Which certificates count on a route."""
        ...

    def unusable(self, route: TakenRoute) -> Signal | None:
        """What makes a route unusable before anything is sent, or None."""
        ...


class PatientTransport(httpx2.AsyncHTTPTransport):
    """One route, whose patience has one bound (``CONNECT_WITHIN``) for all that comes before the request itself.

    Without it a proxy that never completes its handshake holds a request for the whole time allowed for an answer
    (openai-facts 8.13).
    """

    def __init__(self, route: TakenRoute, trust: Trust) -> None:
        trusted = trust.trust(route)
        proxy = None
        if route.proxy:
            address = route.proxy.reveal()
            # A proxy that is reached encrypted is trusted by the same authorities as the server.
            proxy = httpx2.Proxy(address, ssl_context=trusted if address.lower().startswith("https:") else None)
        super().__init__(verify=trusted, trust_env=False, limits=_LIMITS, proxy=proxy)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request, the connection's making bounded."""
        stage = "connect"
        method = request.method.encode()
        opened: list[Any] = []
        asking = False
        loop = asyncio.get_running_loop()
        answer_within = request.extensions.get("timeout", {}).get("read")

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
                    # Words in between (100 Continue) begin no answer, however many of them come.
                    patience.reschedule(None if answer_within is None else loop.time() + answer_within)

        request.extensions = {**request.extensions, "trace": watch}
        try:
            async with asyncio.timeout(CONNECT_WITHIN) as patience:
                return await super().handle_async_request(request)
        except TimeoutError:
            if asking:
                raise httpx2.ReadTimeout(f"no answer within {answer_within:.0f} s", request=request) from None
            waited = f"no connection within {CONNECT_WITHIN:.0f} s ({stage})"
        finally:
            if not asking:
                # The library forgets a connection that failed, or was given up, half-way to being one.
                for stream in opened:
                    await stream.aclose()
        raise httpx2.ConnectTimeout(waited, request=request)


class FollowingTransport(httpx2.AsyncBaseTransport):
    """Takes the route that ``route_now`` tells when a request begins.

    The connections of an earlier route are closed as soon as the last answer on them has ended.
    """

    def __init__(self, route_now: Callable[[], TakenRoute], first: TakenRoute, trust: Trust) -> None:
        """``first`` is made at once: call it in a thread."""
        self._route_now = route_now
        self._trust = trust
        self._taken = _Taken(first, PatientTransport(first, trust))
        self._left: set[_Taken] = set()
        self._changing = asyncio.Lock()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request by the route that holds now."""
        taken = await self._follow(request)
        taken.running += 1
        try:
            response = await taken.transport.handle_async_request(request)
        except BaseException:
            await self._ended(taken)
            raise
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Watched(response.stream, lambda: self._ended(taken))
        bound(response, request)
        return response

    async def aclose(self) -> None:
        """Close all connections, also those of earlier routes."""
        for taken in (self._taken, *self._left):
            await taken.transport.aclose()
        self._left.clear()

    async def _follow(self, request: httpx2.Request) -> _Taken:
        """What the route that holds now is sent by, made anew when it is another than before."""
        if self._route_now() == self._taken.route:
            return self._taken
        async with self._changing:
            route = self._route_now()
            if route != self._taken.route:
                made = await bounded(lambda: self._made(route, request), CONNECT_WITHIN)
                before, self._taken = self._taken, _Taken(route, made)
                self._left.add(before)
                await self._close_if_idle(before)
            return self._taken

    def _made(self, route: TakenRoute, request: httpx2.Request) -> PatientTransport:
        if (signal := self._trust.unusable(route)) is not None:
            # In the words by which the table of troubles knows it, since only exceptions pass through the SDK.
            proxy = signal.code == "bad_proxy_address"
            words = "Unknown scheme for proxy" if proxy else "load_verify_locations"
            raise httpx2.ConnectError(words, request=request)
        return PatientTransport(route, self._trust)

    async def _ended(self, taken: _Taken) -> None:
        taken.running -= 1
        await self._close_if_idle(taken)

    async def _close_if_idle(self, taken: _Taken) -> None:
        if taken in self._left and not taken.running:
            self._left.discard(taken)
            await taken.transport.aclose()


class _Taken:
    """A route that is, or was, taken, and how many answers are on it."""

    def __init__(self, route: TakenRoute, transport: PatientTransport) -> None:
        self.route = route
        self.transport = transport
        self.running = 0


class _Watched(httpx2.AsyncByteStream):
    """The bytes of an answer, which tells its end once."""

    def __init__(self, stream: httpx2.AsyncByteStream, ended: Callable[[], Awaitable[None]]) -> None:
        self._stream = stream
        self._ended: Callable[[], Awaitable[None]] | None = ended

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        """Let go of the answer."""
        ended, self._ended = self._ended, None
        try:
            await self._stream.aclose()
        finally:
            if ended is not None:
                await ended()
