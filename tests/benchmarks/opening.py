"""Opening what is kept, in a real terminal: a long list, and a long conversation against a short one."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from keytui.adapters.conversations import SqliteConversations
from keytui.adapters.database import connect, transaction
from keytui.domain.conversations import Conversation
from tests.benchmarks import Row
from tests.benchmarks.harness import KEYTUI, compile_everything, environment, home, load, running
from tests.support.terminal import Terminal

MANY, FEW = 10_000, 100
RUNS = 7
_LONG, _SHORT = "longest", "shortest"
_LIST = "Conversations"


def measure() -> list[Row]:
    """The list of 10,000 conversations, and the end of one of 10,000 messages, from the key to the screen."""
    compile_everything()
    with home() as folder:
        few, many = folder / "few", folder / "many"
        for place, amount in ((few, FEW), (many, MANY)):
            place.mkdir()
            _fill(place, amount)
        with _keytui(few) as short, _keytui(many) as long:
            lists: dict[str, list[float]] = {"few": [], "many": []}
            for _ in range(RUNS):
                lists["few"].append(_list(short))
                lists["many"].append(_list(long))
            opened: dict[str, list[float]] = {_SHORT: [], _LONG: []}
            for _ in range(RUNS):
                for title, figures in opened.items():
                    figures.append(_open(long, title))
        grown = [_grown(many, title) for title in (_LONG, _SHORT)]
    listed, first = statistics.median(lists["many"]), statistics.median(lists["few"])
    end, near = statistics.median(opened[_LONG]), statistics.median(opened[_SHORT])
    return [
        Row(f"the list of {MANY:,} conversations, to one of {FEW}", listed / first, 1.5, note=_ms(listed, first)),
        Row(f"the end of {MANY:,} messages on the screen, to {FEW}", end / near, 1.5, note=_ms(end, near)),
        Row(f"memory with {MANY:,} messages open, to {FEW}", grown[0] / grown[1], 1.25,
            note=f"{grown[0] / 2**20:.0f} MB; {grown[1] / 2**20:.0f} MB"),
    ]  # fmt: skip


def _ms(ours: float, theirs: float) -> str:
    return f"{ours * 1000:.0f} ms; {theirs * 1000:.0f} ms"


@contextmanager
def _keytui(folder: Path) -> Iterator[Terminal]:
    """keytui with its list in use: what is read for the first time is not measured."""
    with running([*KEYTUI, "--practice"], folder) as terminal:
        terminal.wait_for("practice ····")
        terminal.wait_for("~0 tokens")
        terminal.wait_quiet(1.0)
        _list(terminal)
        yield terminal


def _list(terminal: Terminal) -> float:
    """Seconds until the newest conversations are seen; the list is closed again."""
    begun = terminal.press("ctrl+o")
    seconds = terminal.wait_raw(b"messages", after=begun) - begun
    terminal.wait_for(_LIST)
    terminal.wait_quiet(0.3)
    terminal.press("escape")
    terminal.wait_gone("ctrl+r renames")
    terminal.wait_quiet(0.3)
    return seconds


def _open(terminal: Terminal, title: str) -> float:
    """Seconds from enter in the list to the conversation's last message on the screen."""
    # From an empty conversation: what is on the screen already is not sent again.
    terminal.press("ctrl+n")
    terminal.wait_for("Welcome")
    terminal.press("ctrl+o")
    terminal.wait_for("ctrl+r renames")
    terminal.send(title)
    terminal.wait_for(lambda screen: f"{title} one" in screen and "conversation 9" not in screen)
    terminal.wait_quiet(0.4)
    begun = terminal.press("enter")
    seconds = terminal.wait_raw(f"end-of-{title}".encode(), after=begun) - begun
    terminal.wait_quiet(1.5)
    return seconds


def _grown(folder: Path, title: str) -> float:
    """Memory of all processes with that conversation open, in a keytui of its own."""
    with _keytui(folder) as terminal:
        _open(terminal, title)
        return load(terminal.process.pid).resident_bytes


def _fill(folder: Path, amount: int) -> None:
    """So many conversations, and of them one with 10,000 messages and one with 100."""
    command = [*KEYTUI, "paths", "--practice", "--json"]
    told = subprocess.run(command, env=environment(folder), capture_output=True, check=True).stdout
    database = next(Path(one["path"]) for one in json.loads(told) if one["path"].endswith("keytui.db"))
    database.parent.mkdir(parents=True, exist_ok=True)
    store, now = SqliteConversations(database), datetime.now(UTC)
    sizes = {_LONG: MANY, _SHORT: FEW}
    for title, size in sizes.items():
        store.save(Conversation(title, f"{title} one", now, now - timedelta(days=400), messages=size))
    store.close()
    connection = connect(database)
    with transaction(connection, database, durable=False):
        connection.executemany(
            "INSERT INTO conversation (id, title, started, changed, messages) VALUES (?, ?, ?, ?, 2)",
            ((f"c{n}", f"conversation {n}", n, now.timestamp() - n) for n in range(amount)),
        )
        connection.executemany(
            "INSERT INTO message (conversation, id, role, text, at, outcome, indexed) VALUES (?, ?, ?, ?, ?, ?, 1)",
            (
                (
                    title,
                    f"{title}{number}",
                    "assistant" if number % 2 else "user",
                    "some words of a message " * 20 + (f"end-of-{title}" if number == size - 1 else f"number {number}"),
                    float(number),
                    "finished",
                )
                for title, size in sizes.items()
                for number in range(size)
            ),
        )
        connection.executemany(
            "UPDATE conversation SET messages = ? WHERE id = ?", [(size, title) for title, size in sizes.items()]
        )
    connection.close()
