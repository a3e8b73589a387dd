"""Reserving before, and booking after: the blocking part of the proxy, in threads of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal

from keytui.domain.booking import Heard
from keytui.domain.caps import Cap, CapRefusal, Intent
from keytui.domain.keys import OPENAI_BASE_URL
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.metered_booking import booked, booked_hit, worst_of
from keytui.domain.metering import Target
from keytui.domain.usage import Usage
from keytui.servers.metering.asked import Asked
from keytui.servers.metering.settings import Ports

CAPS_HOLD = timedelta(seconds=1)
"""How long the caps that were read are taken for the present ones."""

Ending = tuple[Outcome, str | None, bool]
"""How a request ended, the code of what went wrong, and whether all that is billed is known."""

Done = Callable[[Entry | None, str], None]
"""Told of each booking, in a thread: the entry, or why there is none."""


class Accounts:
    """The books of one proxy. ``close`` waits until everything is booked."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._workers = ThreadPoolExecutor(2, thread_name_prefix="accounts")
        self._caps: tuple[str, datetime, tuple[Cap, ...]] | None = None

    def warm(self) -> None:
        """Begin to load the prices, so that the first booking does not wait for them."""

        def load() -> None:
            at = self._ports.now()
            self._ports.prices().cost("gpt-4o", Usage(input=1), tier=None, at=at, base_url=OPENAI_BASE_URL)

        self._workers.submit(load)

    async def reserve(self, asked: Asked, target: Target) -> CapRefusal | None:
        """Hold the worst case of a request against the caps; the refusal, when it must not be sent."""
        caps = self._caps
        if caps is not None and caps[0] == target.key.id and not caps[2] and asked.sent - caps[1] < CAPS_HOLD:
            return None
        return await asyncio.get_running_loop().run_in_executor(self._workers, self._reserve, asked, target)

    def release(self, asked: Asked) -> None:
        """Give back what was held for a request that was not sent."""
        self._workers.submit(self._ports.reservations.release, asked.id)

    def book(
        self,
        asked: Asked,
        heard: Heard,
        target: Target,
        *,
        ending: Callable[[], Ending],
        done: Done,
    ) -> None:
        """Book a request that has ended. Returns at once; it is done even if the event loop ends now.

        ``ending`` is asked in a thread how it ended: reading the answer may take a moment.
        """
        at = self._ports.now()

        def entry() -> Entry:
            outcome, error, whole = ending()
            call = asked.call
            return booked(
                call,
                heard,
                key=target.key,
                base_url=target.base_url,
                prices=self._ports.prices(),
                count=self._ports.counter(call.question.model),
                outcome=outcome,
                error=error,
                at=at,
                whole=whole,
            )

        self._workers.submit(self._keep, asked, entry, done)

    def book_hit(self, asked: Asked, target: Target, saved: Decimal | None, done: Done) -> None:
        """Book a request that was answered from the cache."""
        at = self._ports.now()
        hit = booked_hit(asked.call, key=target.key, base_url=target.base_url, saved=saved, at=at)
        self._workers.submit(self._keep, asked, lambda: hit, done)

    def close(self) -> None:
        """Wait until everything is booked."""
        self._workers.shutdown(wait=True)

    def _reserve(self, asked: Asked, target: Target) -> CapRefusal | None:
        caps = self._caps
        if caps is None or caps[0] != target.key.id or asked.sent - caps[1] >= CAPS_HOLD:
            caps = self._caps = (target.key.id, asked.sent, tuple(self._ports.caps(target.key)))
        if not caps[2]:
            return None
        call = asked.call
        worst = worst_of(
            call,
            prices=self._ports.prices(),
            count=self._ports.counter(call.question.model),
            at=call.sent,
            base_url=target.base_url,
        )
        model = call.question.model or "this request"
        intent = Intent(call.id, call.sent, target.key.id, target.key.project, None, worst, model)
        decision = self._ports.reservations.reserve(intent, caps[2])
        return decision if isinstance(decision, CapRefusal) else None

    def _keep(self, asked: Asked, entry: Callable[[], Entry], done: Done) -> None:
        try:
            made = entry()
            self._ports.ledger.book(made)
        except Exception as error:
            # A fault in here must not take the proxy down; it is shown, and what was held is given back.
            self._ports.reservations.release(asked.id)
            done(None, f"A request of “{asked.program}” could not be booked ({type(error).__name__}).")
        else:
            done(made, "")
