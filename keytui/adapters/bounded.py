"""Blocking work with a deadline that holds, also when the work never returns."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def bounded(work: Callable[[], T], seconds: float) -> T:
    """What ``work`` returns or raises; ``TimeoutError`` after ``seconds``, while the work goes on by itself.

    The thread is a daemon of its own: a stuck call to a keyring service then delays neither the next call nor the
    end of the process, as a shared pool would (source: secrets-and-terminals 1.3, measured).
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is None:
            outcome.set_result(result)  # type: ignore[arg-type]  # None only when T allows it
        else:
            outcome.set_exception(error)

    def run() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = work()
        except BaseException as error:  # a thread's boundary: whatever happens must reach the one who waits
            failure = error
        try:
            loop.call_soon_threadsafe(settle, result, failure)
        except RuntimeError:
            # The loop has ended meanwhile, so nobody waits for this any more.
            return

    threading.Thread(target=run, daemon=True, name="keytui bounded call").start()
    return await asyncio.wait_for(outcome, seconds)
