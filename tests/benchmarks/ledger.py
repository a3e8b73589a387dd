"""The ledger: what a booking costs, what a million entries cost to open, and what ``keytui status`` costs on them."""

from __future__ import annotations

import resource
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from keytui.adapters.database import connect
from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.ledger.rows import COLUMNS, to_row
from keytui.domain.booking import new_id
from keytui.domain.ledger import Entry
from tests.adapters.ledger.making import entry
from tests.benchmarks import Row
from tests.benchmarks.harness import KEYTUI, compile_everything, environment, home

MANY, FEW = 1_000_000, 1_000
BOOKINGS = 600
OPENINGS = 15
STARTS = 21


def measure() -> list[Row]:
    """Booking against a plain insert, a million entries against a thousand, ``status`` against ``python -c pass``."""
    compile_everything()
    with home() as folder:
        many, few = folder / "many", folder / "few"
        fill(many / "keytui" / "data" / "keytui.db", MANY)
        fill(few / "keytui" / "data" / "keytui.db", FEW)
        return [*_bookings(folder, many), *_openings(many, few), *_status(many)]


def fill(path: Path, count: int) -> None:
    """A ledger of so many entries, spread over the past year; their sums are made in one go."""
    now = int(time.time() * 1_000_000)
    with closing(connect(path)) as connection:
        trigger = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'entry_booked'").fetchone()[0]
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute("DROP TRIGGER entry_booked")
        connection.execute(_ENTRIES, {"count": count, "now": now, "step": 365 * 86_400_000_000 // count})
        for level, length in ((0, 3_600_000_000), (1, 86_400_000_000)):
            for dimension, label in enumerate(("''", "model", "project", "app", "conversation", "price_tier")):
                connection.execute(_SUMS.format(level=level, dimension=dimension, length=length, label=label))
        connection.execute("INSERT INTO ledger_key SELECT DISTINCT key_id, key_name FROM entry")
        connection.execute(trigger)
        connection.execute("COMMIT")


def _bookings(folder: Path, many: Path) -> list[Row]:
    """A booking into a large ledger in use, against an insert of the same row into a table without anything else."""
    plain = sqlite3.connect(folder / "plain.db", isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    plain.execute(f"CREATE TABLE entry (number INTEGER PRIMARY KEY, {', '.join(COLUMNS)})")
    insert = f"INSERT INTO entry ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    book = _opened(many)
    book.total()
    plains, bookings = [], []
    for one in _new_entries():
        row = to_row(one)
        begun = time.perf_counter()
        plain.execute("BEGIN IMMEDIATE")
        plain.execute(insert, row)
        plain.execute("COMMIT")
        between = time.perf_counter()
        book.book(one)
        plains.append(between - begun)
        bookings.append(time.perf_counter() - between)
    plain.close()
    book.close()
    ratio = statistics.median(bookings) / statistics.median(plains)
    note = f"{statistics.median(bookings) * 1000:.2f} ms, on the disk when it returns"
    return [Row("a booking, to a plain insert as durable", ratio, 2.0, note=note)]


def _new_entries() -> list[Entry]:
    now = datetime.now(UTC)
    moments = [now + timedelta(seconds=n) for n in range(BOOKINGS)]
    return [replace(entry(new_id(at), at, "0.000231"), model=f"model {n % 5}") for n, at in enumerate(moments)]


def _openings(many: Path, few: Path) -> list[Row]:
    """All figures that the Costs pane opens with."""
    large, small = [], []
    for _ in range(OPENINGS):
        small.append(_opening(few))
        large.append(_opening(many))
    ratio = statistics.median(large) / statistics.median(small)
    note = f"{statistics.median(large) * 1000:.1f} ms and {statistics.median(small) * 1000:.1f} ms"
    return [Row("figures of the Costs pane, 1,000,000 entries to 1,000", ratio, 2.0, note=note)]


def _opening(folder: Path) -> float:
    today = datetime.now().astimezone().date()
    month, month_ago = today.replace(day=1), today - timedelta(days=29)
    begun = time.perf_counter()
    book = _opened(folder)
    book.total(since=today, until=today)
    book.total(since=month)
    book.by("day", since=month_ago, until=today)
    for group in ("model", "key", "project", "app"):
        book.by(group, since=month)
    book.dearest(10, since=month)
    book.latest(100)
    seconds = time.perf_counter() - begun
    book.close()
    return seconds


def _status(many: Path) -> list[Row]:
    """Processor time of the command in a shell prompt, on a million entries."""
    nothing, status = [], []
    for _ in range(STARTS):
        nothing.append(_cpu([sys.executable, "-c", "pass"], many))
        status.append(_cpu([*KEYTUI, "status"], many))
    ratio = statistics.median(status) / statistics.median(nothing)
    note = f"{statistics.median(status) * 1000:.0f} ms of processor time"
    return [Row("keytui status, to python -c pass", ratio, 3.0, note=note)]


def _cpu(command: Sequence[str], folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment(folder))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _opened(folder: Path) -> SqliteLedger:
    data = folder / "keytui" / "data"
    return SqliteLedger(data / "keytui.db", journal=data / "ledger.journal", now=lambda: datetime.now(UTC))


_ENTRIES = """
WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < :count)
INSERT INTO entry (
    id, at, key_id, key_name, project, app, conversation, endpoint, base_url, model, input, output, cached, written,
    written_12h, reasoning, mark, cost_total, cost_input, cost_cached, cost_written, cost_output, cost_other, saved,
    price_tier, price_as_of, price_source, price_note, outcome, seconds
)
SELECT
    printf('%012x%016x', (:now - (:count - n) * :step) / 1000, n), :now - (:count - n) * :step,
    'key' || (n % 3), 'key ' || (n % 3), 'proj_' || (n * 7 % 2), 'app ' || (n * 11 % 3), 'talk ' || (n / 25),
    'responses', 'https://api.openai.com/v1', 'model ' || (n * 13 % 5), 900 + n % 200, 300 + n % 90, 512, 0, 0, 64,
    'billed', (n * 7919 % 100000) * 1000000, (n * 7919 % 100000) * 1000000, 0, 0, 0, 0, 46080000,
    'standard', '2026-10-26', 'genai-prices 0.2.3', '', 'finished', 3.5
FROM number
"""

_SUMS = """
INSERT INTO spend
SELECT {level}, {dimension}, at / {length}, {label}, key_id, count(*), sum(input), sum(cached), sum(written),
    sum(output), sum(reasoning), sum(cost_total), sum(saved), sum(mark = 'estimated'), sum(cost_total IS NULL)
FROM entry GROUP BY at / {length}, {label}, key_id
"""
