"""Building things once, in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Once:
    """Builds something in the background the first time it is wanted; everybody gets the same one."""

    def __init__(self) -> None:
        self._made: dict[str, asyncio.Future[Any]] = {}

    async def get(self, name: str, build: Callable[[], Awaitable[T]]) -> T:
        """What ``build`` made. A failed building is not remembered: the next one asks again."""
        if name not in self._made:
            task = asyncio.ensure_future(build())
            self._made[name] = task
            task.add_done_callback(lambda done: self._forget_failed(name, done))
        return await asyncio.shield(self._made[name])

    def _forget_failed(self, name: str, done: asyncio.Future[Any]) -> None:
        if done.cancelled() or done.exception() is not None:
            self._made.pop(name, None)
