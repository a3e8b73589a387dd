"""One request and its answer, passed on as they come, and booked however it ends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx2

from keytui.domain.booking import COST_HEADERS, Heard
from keytui.domain.chat import Refused
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.metering import KeptAnswer, Target
from keytui.servers.metering import heads, refusals
from keytui.servers.metering.accounts import Accounts, Ending
from keytui.servers.metering.asked import Asked
from keytui.servers.metering.bodies import Body, ClientGone
from keytui.servers.metering.live import Live
from keytui.servers.metering.masking import Masking
from keytui.servers.metering.packing import unpacked
from keytui.servers.metering.reading import Reading
from keytui.servers.metering.refusals import Refusal, Send
from keytui.servers.metering.settings import Answer, Ports, ProxySettings
from keytui.servers.metering.slots import QueueFull, Slots
from keytui.servers.metering.upstreams import Upstreams

LONGEST_KEPT = 4 * 1024 * 1024
"""Bytes of an answer that is kept in the cache at most."""

LONGEST_WAIT = 60.0
"""Seconds: a longer wait than this, named by the server, is the program's to decide on."""

_FAILURES = (httpx2.TransportError, OSError, Refused)
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.LocalProtocolError, Refused)
_RETRIED = (429, 503)


@dataclass(frozen=True, slots=True)
class Shop:
    """What all exchanges of one proxy share."""

    ports: Ports
    settings: ProxySettings
    accounts: Accounts
    upstreams: Upstreams
    slots: Slots
    live: Live


class Exchange:
    """One request on its way."""

    def __init__(
        self,
        shop: Shop,
        asked: Asked,
        target: Target,
        *,
        method: str,
        path: bytes,
        headers: list[tuple[bytes, bytes]],
        content: bytes | None,
        body: Body,
        send: Send,
        fingerprint: bytes | None = None,
    ) -> None:
        """``path`` is below the base URL, with its query. ``content`` None: the body passes as it comes.

        ``fingerprint``: keep the answer under it.
        """
        self._shop = shop
        self._asked = asked
        self._target = target
        self._method, self._path, self._headers, self._content = method, path, headers, content
        self._body = body
        self._send = send
        self._fingerprint = fingerprint
        self._kept: bytearray | None = None if fingerprint is None else bytearray()
        self._heard = Heard(asked.sent)
        self._reading: Reading | None = None
        self._answer: Answer | None = None
        self._booked = False
        self._whole = False
        self.refused = False
        """Whether a cap kept it back."""

    async def run(self) -> None:
        """Pass the request and its answer on, until one side goes away or all is passed."""
        this = asyncio.current_task()
        assert this is not None
        left = False

        async def watch() -> None:
            nonlocal left
            await self._body.gone()
            left = True
            this.cancel()

        watcher = asyncio.ensure_future(watch())
        try:
            await self._work()
        except asyncio.CancelledError:
            if not left or this.uncancel():
                raise
        finally:
            watcher.cancel()

    async def _work(self) -> None:
        try:
            async with self._shop.slots.slot():
                refusal = await self._shop.accounts.reserve(self._asked, self._target)
                if refusal is not None:
                    self.refused = self._booked = True
                    await refusals.by_cap(refusal.trouble).send(self._send)
                    return
                await self._sent()
        except QueueFull:
            await refusals.QUEUE_FULL.send(self._send)
        except ClientGone:
            return

    async def _sent(self) -> None:
        """Send the request; from here on it has an entry, whatever happens."""
        self._heard.sent = self._shop.ports.now()
        refusal: Refusal | None = None
        try:
            refusal = await self._ask()
            if self._answer is not None:
                await self._pass_back(self._answer)
        finally:
            if self._answer is not None:
                self._answer.close()
            # Stopped by the program, or by the proxy's own end, unless all came or another end was told already.
            self._book(Outcome.FINISHED if self._whole else Outcome.STOPPED, None)
        if refusal is not None:
            await refusal.send(self._send)

    async def _ask(self) -> Refusal | None:
        """Get the head of the answer; or say what to tell the program when there is none."""
        attempt = 0
        while True:
            try:
                answer = await self._shop.upstreams.to(self._target.base_url).send(
                    self._method,
                    self._path,
                    self._headers,
                    self._body.parts() if self._content is None else self._content,
                )
                wait = self._wait(attempt, answer)
                if wait is None:
                    self._answer = answer
                    return None
                answer.close()
            except _FAILURES as failure:
                wait = self._wait(attempt, None) if isinstance(failure, _NOT_SENT) else None
                if wait is None:
                    not_sent = isinstance(failure, _NOT_SENT)
                    self._book(Outcome.FAILED if not_sent else Outcome.CUT, type(failure).__name__)
                    trouble = failure.trouble if isinstance(failure, Refused) else None
                    trouble = trouble or self._shop.ports.explain(failure, self._target)
                    return refusals.unreachable(trouble, slow=isinstance(failure, httpx2.TimeoutException))
            attempt += 1
            await asyncio.sleep(wait)

    def _wait(self, attempt: int, answer: Answer | None) -> float | None:
        """Seconds until it may be sent again; None when it may not, or need not."""
        if attempt >= self._shop.settings.retries or self._content is None:
            return None
        if answer is None:
            return float(min(2 ** (attempt - 1), 8))
        named = heads.value_of(answer.headers, b"retry-after")
        if answer.status not in _RETRIED or not named.isdigit() or int(named) > LONGEST_WAIT:
            return None
        return float(named)

    async def _pass_back(self, answer: Answer) -> None:
        """Pass the answer, reading it on the side."""
        told = dict(answer.headers)
        packed = told.get(b"content-encoding", b"").decode("latin-1").strip().lower()
        # What a server refuses it may quote, and a key that is compressed cannot be masked.
        unpack = unpacked(packed) if answer.status >= 400 else None
        reading = self._reading = Reading(
            told.get(b"content-type", b"").decode("latin-1").lower(),
            "" if unpack else packed,
            self._shop.ports.read_usage,
        )
        self._heard.headers = {
            name: told[name.encode()].decode("latin-1") for name in COST_HEADERS if name.encode() in told
        }
        masking = Masking(self._target.secret)
        passed = heads.passed_back(answer.headers, unpacked=unpack is not None)
        headers = [(name, masking.whole(value)) for name, value in passed]
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        try:
            while lump := await answer.lump():
                for piece in unpack(lump) if unpack else (lump,):
                    await self._pass_piece(masking.take(piece), reading)
        except _FAILURES as failure:
            # The program must see the same as without us: an answer that breaks off.
            await self._pass_piece(masking.end(), reading)
            self._book(Outcome.CUT, type(failure).__name__)
            return
        await self._pass_piece(masking.end(), reading)
        self._whole = True
        # Before it is booked, which takes time from whoever waits for the end.
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pass_piece(self, piece: bytes, reading: Reading) -> None:
        """Pass a piece of the body, and read it on the side."""
        if not piece:
            return
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        if self._heard.first_text is None:
            self._heard.first_text = self._shop.ports.now()
        reading.take(piece)
        self._keep(piece)

    def _ended(self, status: int, reading: Reading) -> tuple[Outcome, str | None]:
        """How an answer ended that came through to its end."""
        if status >= 300:
            return Outcome.FAILED, reading.error or f"http_{status}"
        if reading.error is not None:
            return (Outcome.CUT if reading.pieces else Outcome.FAILED), reading.error
        if reading.is_stream and not reading.ended and not reading.unreadable:
            return Outcome.CUT, "cut"
        return Outcome.FINISHED, None

    def _keep(self, lump: bytes) -> None:
        if self._kept is not None:
            self._kept += lump
            if len(self._kept) > LONGEST_KEPT:
                self._kept = None

    def _book(self, outcome: Outcome, error: str | None) -> None:
        """Book it, once."""
        if self._booked:
            return
        self._booked = True

        def ending() -> Ending:
            reading, answer = self._reading, self._answer
            if reading is None or answer is None:
                return outcome, error, True
            self._heard.reported = reading.finish()
            self._heard.pieces = reading.pieces
            through = outcome is Outcome.FINISHED
            ended = self._ended(answer.status, reading) if through else (outcome, error)
            return *ended, reading.whole

        self._shop.accounts.book(self._asked, self._heard, self._target, ending=ending, done=self._done)

    def _done(self, entry: Entry | None, problem: str) -> None:
        """It is booked; now the answer may be kept, with what it cost. Called in a thread."""
        self._shop.live.booked(entry, problem)
        cache, answer = self._shop.ports.cache, self._answer
        if cache is None or self._fingerprint is None or self._kept is None or answer is None or entry is None:
            return
        if entry.outcome is Outcome.FINISHED and answer.status == 200:
            headers = tuple(heads.passed_back(answer.headers))
            cost: Any = entry.cost.total if entry.cost else None
            cache.put(self._fingerprint, KeptAnswer(200, headers, bytes(self._kept), entry.at, cost))
