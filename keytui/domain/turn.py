"""A turn: one question asked, its answer passed on, and what it took booked, whatever happens."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from keytui.domain.booking import Count, Heard
from keytui.domain.caps import Cap, CapRefusal, Reservations, Standing
from keytui.domain.chat import Failed, Finished, Gateway, Stopped, TurnEvent, Waiting
from keytui.domain.key_troubles import explain_known
from keytui.domain.keys import KeyRecord
from keytui.domain.ledger import Entry, Ledger, Outcome
from keytui.domain.pricing import PriceBook
from keytui.domain.question import Question
from keytui.domain.troubles import Exit, Trouble
from keytui.domain.turn_books import TurnBooks

RETRIES = 4
"""How often a request is sent again when waiting may cure what was wrong."""

PATIENCE = 120.0
"""Seconds: a longer wait than this is the user's to decide on (the SDK gives up there as well, openai-facts 3.9)."""

FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
"""Seconds of the back-off when the server names no wait: doubled each time, less up to a quarter by chance."""

CUT = Trouble(
    "cut-answer",
    "The connection ended in the middle of the answer.",
    "What had arrived is kept and counted as an estimate. Ask again to get a whole answer.",
    exit=Exit.NETWORK,
)
"""Said when a gateway's events end without an end."""

NOT_THE_SERVER = ("web-page", "garbled")
"""Troubles that say that what answered was no API: a portal's page, or something unreadable."""

T = TypeVar("T")


class Background(Protocol):
    """Runs blocking work beside the event loop: ``asyncio.to_thread`` is one."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """What the work returns."""
        ...


@dataclass(frozen=True, slots=True)
class Booked:
    """The turn was booked. Comes after the event that ended the answer."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class CapWarned:
    """A soft cap may be passed by this turn. Comes before anything is sent, once in each period of the cap."""

    standing: Standing


async def take_turn(
    question: Question,
    *,
    gateway: Gateway,
    ledger: Ledger,
    prices: PriceBook,
    count: Count,
    key: KeyRecord,
    app: str,
    conversation: str | None,
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[Any]],
    caps: Sequence[Cap] = (),
    reservations: Reservations | None = None,
    background: Background | None = None,
    retries: int = RETRIES,
    chance: Callable[[], float] = random.random,
) -> AsyncGenerator[TurnEvent | Booked | CapWarned, None]:
    """Ask, pass on the events of the answer, book it, and yield ``Booked`` last. Close it (``aclosing``) to stop.

    Before any part of an answer has arrived, what waiting can cure is waited for (``Waiting``) and asked again, at most
    ``retries`` times; each request that was sent has an entry of its own. The entry is in the ledger before the last
    event of the answer is yielded, and also when the caller stops, is cancelled, or the gateway breaks. For the case
    that the process is killed it is noted before (``Ledger.sent``). With ``caps``
    (which need ``reservations``) the worst case is reserved first; a refusal is a ``Failed`` and nothing is sent.
    ``background`` keeps blocking work off the event loop; without it the work is done in place.
    """
    if caps and reservations is None:
        raise ValueError("caps cannot be kept without reservations")
    run = background or _in_place
    books = TurnBooks(question, gateway.base_url, ledger, prices, count, key, app, conversation, now, reservations)
    try:
        if caps:
            books.holding = True
            granted = await run(_call(books.reserve, caps))
            if isinstance(granted, CapRefusal):
                yield Failed(granted.trouble)
                return
            for standing in granted:
                yield CapWarned(standing)
        attempt = 0
        while True:
            heard = Heard(now())
            end: Finished | Failed | Stopped | None = None
            try:
                await run(_call(books.note, heard))
                async with aclosing(gateway.ask(question)) as events:
                    async for event in events:
                        heard.take(event, now())
                        if isinstance(event, Finished | Failed | Stopped):
                            end = _known(event, key, now())
                            break
                        yield event
            except BaseException as broken:
                # Stopped by the caller, cancelled, or a fault in the gateway: in any case it must be booked at once,
                # for nothing can be awaited safely any more.
                books.settle(heard, books.id, *(_broken(heard, broken) if end is None else _ended(heard, end)))
                raise
            end = end or Failed(CUT)
            outcome, error = _ended(heard, end)
            seconds = _wait(end, heard, attempt, retries, chance)
            if seconds is None:
                break
            assert isinstance(end, Failed)
            attempt += 1
            await _surely(run, _call(books.settle, heard, f"{books.id}.{attempt}", outcome, error))
            yield Waiting(seconds, attempt, end.trouble)
            await sleep(seconds)
        fault: Exception | None = None
        try:
            booked = await _surely(run, _call(books.settle, heard, books.id, outcome, error))
        except Exception as raised:  # a fault in the ledger or the price book: the answer itself goes out first
            fault = raised
        yield end
        if fault is not None:
            raise fault
        yield Booked(booked)
    finally:
        books.let_go()


def _known(end: Finished | Failed | Stopped, key: KeyRecord, now: datetime) -> Finished | Failed | Stopped:
    """The end, with what the record of the key tells beyond a refusal."""
    return replace(end, trouble=explain_known(end.trouble, key, now)) if isinstance(end, Failed) else end


def _ended(heard: Heard, end: Finished | Failed | Stopped) -> tuple[Outcome, str | None]:
    match end:
        case Finished():
            return Outcome.FINISHED, None
        case Stopped():
            return Outcome.STOPPED, None
        case Failed(trouble):
            # A line that is cut after the server took the request may well be billed; a refusal is not, and no more is
            # something on the way that answered in the server's place.
            taken = heard.endpoint is not None and trouble.exit is Exit.NETWORK and trouble.id not in NOT_THE_SERVER
            lost = heard.began or taken
            return (Outcome.CUT if lost else Outcome.FAILED), trouble.id


def _broken(heard: Heard, broken: BaseException) -> tuple[Outcome, str | None]:
    """How a turn ended whose events broke off: ``Exception`` is a fault, anything else is the user's wish."""
    if not isinstance(broken, Exception):
        return Outcome.STOPPED, None
    return (Outcome.CUT if heard.began else Outcome.FAILED), type(broken).__name__


def _wait(
    end: Finished | Failed | Stopped, heard: Heard, attempt: int, retries: int, chance: Callable[[], float]
) -> float | None:
    """Seconds to wait before asking again; None when asking again makes no sense."""
    if not isinstance(end, Failed) or not end.trouble.retry or heard.began or attempt >= retries:
        return None
    if end.trouble.wait is not None:
        return end.trouble.wait if end.trouble.wait <= PATIENCE else None
    longest: float = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
    return longest * (1 - chance() / 4)


async def _surely(run: Background, work: Callable[[], T]) -> T:
    """The result of work that must be done even if waiting for it is interrupted. The work may then be done twice."""
    try:
        return await run(work)
    except Exception:
        raise
    except BaseException:
        work()
        raise


def _call(work: Callable[..., T], *arguments: object) -> Callable[[], T]:
    return lambda: work(*arguments)


async def _in_place(work: Callable[[], T], /) -> T:
    return work()
