"""Opening a kept conversation in the playground: from the choice to its end on the screen, long against short."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

from keytui.adapters import paths
from keytui.adapters.conversations import SqliteConversations
from keytui.adapters.database import connect, transaction
from keytui.domain.conversations import Conversation
from keytui.tui.panes.playground import PlaygroundPane
from tests.benchmarks import Row
from tests.benchmarks.harness import home
from tests.support.stage import Stage, on_stage

MANY, FEW = 10_000, 100
RUNS = 9


def measure() -> list[Row]:
    """Seconds until the end is seen, and until all of it is at hand."""
    with home() as folder:
        before = os.environ.get("KEYTUI_HOME")
        os.environ["KEYTUI_HOME"] = str(folder)
        try:
            heads = [_filled(paths.find(practice=True).database, amount) for amount in (MANY, FEW)]
            (many, whole), (few, _) = asyncio.run(_open_in_turn(heads))
        finally:
            if before is None:
                del os.environ["KEYTUI_HOME"]
            else:
                os.environ["KEYTUI_HOME"] = before
    note = f"{many * 1000:.0f} ms; {few * 1000:.0f} ms"
    return [
        Row(f"the end of a conversation on the screen, {MANY:,} messages to {FEW}", many / few, 1.5, note=note),
        Row(f"all {MANY:,} messages at hand", whole * 1000, None, "ms"),
    ]


async def _open_in_turn(heads: list[Conversation]) -> list[tuple[float, float]]:
    figures: list[list[tuple[float, float]]] = [[] for _ in heads]
    async with on_stage() as stage:
        await stage.ready()
        for _ in range(RUNS):
            for number, head in enumerate(heads):
                figures[number].append(await _open(stage, head))
    return [(statistics.median(a for a, _ in one), statistics.median(b for _, b in one)) for one in figures]


async def _open(stage: Stage, head: Conversation) -> tuple[float, float]:
    pane = stage.app.screen.query_one(PlaygroundPane)
    last = f"number {head.messages - 1} of {head.id}"
    begun = time.perf_counter()
    pane.open_conversation(head)
    while last not in stage.text():  # noqa: ASYNC110 - a screen tells nobody when it changes
        await asyncio.sleep(0.001)
    seen = time.perf_counter() - begun
    while len(pane.thread.messages) < head.messages or not pane.whole.is_set():  # noqa: ASYNC110 - as above
        await asyncio.sleep(0.001)
    whole = time.perf_counter() - begun
    await stage.pilot.pause(0.2)
    return seen, whole


def _filled(database: Path, amount: int) -> Conversation:
    """A kept conversation of so many messages."""
    store, now = SqliteConversations(database), datetime.now(UTC)
    head = Conversation(f"c{amount}", f"{amount} messages", now, now, messages=amount)
    store.save(head)
    store.close()
    connection = connect(database)
    with transaction(connection, database, durable=False):
        connection.executemany(
            "INSERT INTO message (conversation, id, role, text, at, outcome, indexed) VALUES (?, ?, ?, ?, ?, ?, 1)",
            (
                (
                    head.id,
                    f"m{number}",
                    "assistant" if number % 2 else "user",
                    "some words of a message " * 20 + f"number {number} of {head.id}",
                    float(number),
                    "finished",
                )
                for number in range(amount)
            ),
        )
        connection.execute("UPDATE conversation SET messages = ? WHERE id = ?", (amount, head.id))
    connection.close()
    return head
