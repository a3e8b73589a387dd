"""Blocking work, off the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def in_background(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run blocking work in a thread of its own and wait for its answer; its exception is raised here.

    The thread is a daemon, unlike those of ``asyncio.to_thread``: work that hangs never keeps the app from ending.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = work(*arguments, **named)
        except BaseException as caught:
            # Whatever it is, it belongs to the one who waits, not to this thread.
            error = caught
        # The loop is closed when the app has ended meanwhile: then nobody waits for the answer.
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, daemon=True, name=f"background {getattr(work, '__name__', 'work')}").start()
    return await answer
