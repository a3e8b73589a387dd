"""The costs pane: everything it reads when it is shown, on a million entries against a thousand."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

from keytui.adapters.ledger import SqliteLedger
from keytui.adapters.prices import Prices
from keytui.domain.advice import COMPARED
from keytui.tui.panes.costs.figures import Asked, read
from tests.benchmarks import Row
from tests.benchmarks.harness import home
from tests.benchmarks.ledger import FEW, MANY, fill

RUNS = 15


def measure() -> list[Row]:
    """A refresh of the pane by model, and by conversation, which has the most rows."""
    with home() as folder:
        many, few = folder / "many.db", folder / "few.db"
        fill(many, MANY)
        fill(few, FEW)
        prices = Prices()
        rows = []
        for group in ("model", "conversation"):
            large, small = [], []
            for _ in range(RUNS):
                small.append(_refresh(few, prices, group))
                large.append(_refresh(many, prices, group))
            ratio = statistics.median(large) / statistics.median(small)
            note = f"{statistics.median(large) * 1000:.1f} ms and {statistics.median(small) * 1000:.1f} ms"
            goal = 2.0 if group == "model" else None
            rows.append(Row(f"a refresh by {group}, 1,000,000 entries to 1,000", ratio, goal, note=note))
        return rows


def _refresh(path: Path, prices: Prices, group: str) -> float:
    now = datetime.now(UTC)
    today = now.astimezone().date()
    ledger = SqliteLedger(path, journal=path.with_suffix(".journal"), now=lambda: now)
    begun = time.perf_counter()
    read(ledger, prices, Asked(today, today.replace(day=1), group), compared=COMPARED, now=now)  # type: ignore[arg-type]
    seconds = time.perf_counter() - begun
    ledger.close()
    return seconds
