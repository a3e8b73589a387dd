"""The check of the route to a server: name, connection, proxy, certificate, and whether an API answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from keytui.adapters.bounded import bounded
from keytui.adapters.network import wire
from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import proxy_is_usable
from keytui.adapters.openai.failures import Asked, signal_from, signal_from_body, signal_from_response
from keytui.domain.addresses import is_openai
from keytui.domain.chat import Refused
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Signal, Trouble, recognise

QUICK, SLOW = 8.0, 45.0
"""Seconds for a stage below the API, and for one that waits for an answer of it."""
_PUBLIC = ("Google Trust", "Let's Encrypt", "DigiCert", "Cloudflare", "Amazon", "Sectigo", "GlobalSign", "Microsoft")
"""Issuers that sign for anybody; another one for OpenAI's own host means that traffic is signed anew on the way."""
RE_SIGNED = "your company's proxy, or another on the way, re-signs traffic and can read it"

Work = Callable[[], Awaitable[str]]


class RouteCheck:
    """One check, once: what it has come to know on its way, and how long it may still take."""

    def __init__(
        self, http: HttpClients, base_url: str, secrets: tuple[Secret, ...], model: str | None, seconds: float
    ):
        self._http = http
        self.route = http.routes.taken(base_url)
        signing = (self.route.proxy,) if self.route.proxy else ()
        self.asked = Asked("probe", base_url, model, None, self.route.proxy_shown, (*secrets, *signing))
        self.failed = False
        self._ends = time.monotonic() + seconds
        self._numbers: list[str] = []

    async def stages(self) -> AsyncGenerator[StageResult, None]:
        """Check stage by stage; the last result is the first failure, if there is one. No key is sent."""
        route = self.route
        if not proxy_is_usable(route):
            self.failed = True
            yield StageResult(Stage.PROXY, Verdict.FAILED, trouble=recognise(self.signal("bad_proxy_address")))
            return
        host, port = wire.first_hop(route)
        lines: list[wire.Line] = []

        async def name() -> str:
            self._numbers = await wire.addresses(host, port)
            more = len(self._numbers) - 1
            return f"{host} is {self._numbers[0]}" + (f" and {more} more" if more else "")

        async def connect() -> str:
            lines.append(await wire.connect(self._numbers, port))
            return f"{'proxy ' if route.proxy else ''}{host}:{port}"

        async def proxy() -> str:
            return await wire.through_proxy(lines[0], route, await bounded(lambda: self._http.trust(route), QUICK))

        async def certificate() -> str:
            context = await bounded(lambda: self._http.trust(route), QUICK)
            return await wire.encrypt(lines[0], context, wire.target(route)[0])

        socks = route.proxy is not None and route.proxy.reveal().lower().startswith("socks")
        proxy_late = "proxy_not_socks" if socks else "proxy_refused"
        encrypted = route.base_url.startswith("https:")
        stages: list[tuple[Stage, Work | None, str, str]] = [
            (Stage.NAME, name, "name_unknown", ""),
            (Stage.CONNECT, connect, "connect_timeout", ""),
            (Stage.PROXY, proxy if route.proxy else None, proxy_late, route.proxy_source),
            (Stage.TLS, certificate if encrypted else None, "tls_failed", "not encrypted"),
        ]
        try:
            for stage, work, late, why_not in stages:
                if work is None:
                    yield StageResult(stage, Verdict.SKIPPED, note=why_not)
                    continue
                result = await self.timed(stage, work, late)
                if stage is Stage.TLS:
                    result = await self._named_issuer(result)
                yield result
                if self.failed:
                    return
        finally:
            for line in lines:
                line.close()
        yield await self.timed(Stage.ANSWER, lambda: self._answers(), "answer_timeout", limit=SLOW)

    async def timed(self, stage: Stage, work: Work, late: str, *, limit: float | None = None) -> StageResult:
        """One stage, within its time and the whole check's; a failure is marked in ``check``."""
        began = time.monotonic()
        trouble: Trouble | None = None
        note = ""
        try:
            async with asyncio.timeout(min(limit or QUICK, max(0.05, self._ends - began))):
                note = await work()
        except TimeoutError:
            trouble = recognise(self.signal(late))
        except Refused as refused:
            trouble = refused.trouble
        except Exception as error:  # sockets, TLS and the HTTP library fail in too many ways to list
            trouble = recognise(signal_from(error, replace(self.asked, where=stage.name.lower())))
        self.failed = trouble is not None
        verdict = Verdict.FAILED if trouble else Verdict.PASSED
        return StageResult(stage, verdict, time.monotonic() - began, note, trouble)

    async def _named_issuer(self, result: StageResult) -> StageResult:
        """A certificate's result with what its issuer tells: who re-signs traffic, or who is not trusted."""
        if result.trouble is not None and result.trouble.id == "certificate-untrusted":
            issuer = ""
            # A nicety on top of a failure that is already known: whatever goes wrong here, the failure stands.
            with suppress(Exception):
                async with asyncio.timeout(QUICK):
                    issuer = await self._untrusted_issuer()
            if issuer:
                signal = replace(self.signal("certificate_untrusted"), cause=f"issuer seen: {issuer}")
                return replace(result, trouble=recognise(signal), note=f"issued by {issuer}")
        elif result.trouble is None and is_openai(self.route.base_url):
            issuer = result.note.partition("issued by ")[2]
            if issuer and not issuer.startswith(_PUBLIC):
                return replace(result, verdict=Verdict.WARNED, note=f"{result.note}: {RE_SIGNED}")
        return result

    async def _untrusted_issuer(self) -> str:
        line = await wire.connect(self._numbers, wire.first_hop(self.route)[1])
        try:
            if self.route.proxy:
                await wire.through_proxy(line, self.route, await bounded(lambda: self._http.trust(self.route), QUICK))
            return await wire.issuer_seen(line, wire.target(self.route)[0])
        finally:
            line.close()

    async def _answers(self) -> str:
        """Whether an API answers at the base URL: asked without a key, a refusal is as good as a list."""
        client = await bounded(lambda: self._http.client(self.route.base_url, answer_within=SLOW), QUICK)
        async with client:
            response = await client.get(f"{self.route.base_url}/models")
        signal = signal_from_response(response, self.asked)
        if _is_json(response.headers.get("content-type", ""), response.content):
            if response.status_code in (200, 401, 403, 404, 405, 429) and recognise(signal).id != "country":
                return "an API answers"
        elif response.status_code == 200:
            signal = replace(signal, code="web_page" if b"<" in response.content[:200] else "garbled", status=None)
        raise Refused(recognise(signal))

    def signal(self, code: str) -> Signal:
        """A signal of this check with a code of our own."""
        return signal_from_body({}, self.asked, code=code)


def _is_json(content_type: str, content: bytes) -> bool:
    return "json" in content_type or content.lstrip()[:1] in (b"{", b"[")
