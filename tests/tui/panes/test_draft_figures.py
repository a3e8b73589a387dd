"""The figures of a draft while conversations change under them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from keytui.domain.conversations import StoredMessage
from keytui.domain.thread import Thread
from keytui.tui.panes.playground.figures import DraftFigures

MODEL = "gpt-6-luna"
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


class Counting:
    """Counts a token a text, each time when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Event] = []

    async def count(self, texts: Sequence[str], model: str) -> list[int]:
        self.waiting.append(go_on := asyncio.Event())
        await go_on.wait()
        return [1 for text in texts]


async def test_a_count_that_another_conversation_overtakes_is_no_count_of_that_one() -> None:
    counting = Counting()
    figures = DraftFigures(cast("Any", counting))
    earlier = Thread.new("earlier", NOW).with_message(StoredMessage("m1", "user", "hello", NOW))
    late = asyncio.create_task(figures.count_history(earlier, MODEL))
    await asyncio.sleep(0)
    now = asyncio.create_task(figures.count_history(Thread.new("now", NOW), MODEL))
    await asyncio.sleep(0)
    of_the_earlier, of_the_present = counting.waiting
    of_the_present.set()
    await now
    of_the_earlier.set()
    await late
    assert figures._history == 1  # the instructions of the present conversation, which has no message
    assert figures._said == 0
