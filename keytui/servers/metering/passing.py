"""The proxy's front: who asks, for what, and whether that may pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from keytui.domain.keys import StoreUnreadable
from keytui.domain.metered import cacheable
from keytui.domain.metering import KeptAnswer, Target
from keytui.domain.secrets import Secret
from keytui.servers.metering import heads, refusals
from keytui.servers.metering.asked import Asked
from keytui.servers.metering.bodies import Body, ClientGone, Receive, TooLarge
from keytui.servers.metering.exchange import Exchange, Shop
from keytui.servers.metering.refusals import Refusal, Send
from keytui.servers.metering.settings import Headers

_TELLING = (b"accept", b"accept-encoding", b"content-type", b"openai-beta")
"""Headers that an answer may depend on."""

BYPASS = b"x-keytui-cache"
"""With the value ``no``, a program asks for a fresh answer."""


class Front:
    """The ASGI application."""

    def __init__(self, shop: Shop, target: Callable[[], Target], local_key: Secret, program: str) -> None:
        """``program`` is who asks with ``local_key``; other keys are looked up."""
        self._shop = shop
        self._target = target
        self._local_key = local_key
        self._program = program

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Take one request."""
        method, path, headers = scope["method"], scope["raw_path"], scope["headers"]
        who = self._who(headers)
        refusal = who if isinstance(who, Refusal) else heads.refusal_of(method, path, headers)
        if refusal is not None:
            await refusal.send(send)
            return
        assert isinstance(who, str)
        ports = self._shop.ports
        sent = ports.now()
        body = Body(receive)
        content: bytes | None = None
        if heads.is_json(headers) or not _has_body(headers):
            try:
                content = await body.whole()
            except TooLarge:
                await refusals.TOO_LARGE.send(send)
                return
            except ClientGone:
                return
        below = path[len(b"/v1") :]
        asked = Asked(who, sent, method, below.decode("latin-1"), content)
        target = self._target()
        fingerprint = self._fingerprint(asked, scope)
        self._shop.live.began(who, sent)
        refused = hit = False
        try:
            if fingerprint is not None and ports.cache is not None and (kept := ports.cache.get(fingerprint, sent)):
                hit = True
                self._shop.accounts.book_hit(asked, target, kept.cost, self._shop.live.booked)
                await _replay(kept, int((sent - kept.at).total_seconds()), send)
                return
            query = scope["query_string"]
            length = heads.length_of(headers) if content is None else len(content) if content else None
            exchange = Exchange(
                self._shop,
                asked,
                target,
                method=method,
                path=below + (b"?" + query if query else b""),
                headers=heads.passed_on(headers, target, length=length),
                content=content,
                body=body,
                send=send,
                fingerprint=fingerprint,
            )
            await exchange.run()
            refused = exchange.refused
        finally:
            self._shop.live.ended(who, hit=hit, refused=refused)

    def _who(self, headers: Headers) -> str | Refusal:
        """The program that asks; or the refusal, when nobody knows its key."""
        given = heads.local_key(headers)
        if not given:
            return refusals.UNKNOWN_KEY
        if Secret(given) == self._local_key:
            return self._program
        programs = self._shop.ports.programs
        try:
            name = programs.program_of(given) if programs is not None else None
        except StoreUnreadable as unreadable:
            return Refusal(500, refusals.KEYS_UNREADABLE, str(unreadable))
        return refusals.UNKNOWN_KEY if name is None else name

    def _fingerprint(self, asked: Asked, scope: Mapping[str, Any]) -> bytes | None:
        """What tells identical requests of one program; None when the answer must be fresh."""
        headers = scope["headers"]
        if self._shop.ports.cache is None or (BYPASS, b"no") in headers or not cacheable(asked.call, asked.payload):
            return None
        telling = [(name, value) for name, value in headers if name in _TELLING]
        parts = (asked.program, self._target().key.id, scope["method"], scope["raw_path"], scope["query_string"])
        return hashlib.sha256(repr((parts, telling)).encode() + b"\0" + (asked.content or b"")).digest()


async def _replay(kept: KeptAnswer, age: int, send: Send) -> None:
    headers = [*kept.headers, (b"x-keytui-cache", b"hit"), (b"age", str(max(age, 0)).encode())]
    await send({"type": "http.response.start", "status": kept.status, "headers": headers})
    await send({"type": "http.response.body", "body": kept.body})


def _has_body(headers: Headers) -> bool:
    return any(name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in headers)
