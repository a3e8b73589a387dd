"""Bookings of processes that are killed at random moments."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from keytui.domain.ledger import Spend
from tests.adapters.ledger.making import ledger

ROUNDS = 12

BOOK = """
import sys
from pathlib import Path
from tests.adapters.ledger.making import entry, ledger

book, name = ledger(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
for n in range(100_000):
    book.book(entry(f"{name}-{n}", usd=f"0.000{n % 1000:03}", model=f"model {n % 3}"))
    print(n, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is a Unix matter")
def test_no_confirmed_entry_is_missing_and_none_is_there_twice(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    moments = random.Random(seed)
    confirmed: dict[int, int] = {}
    for number in range(ROUNDS):
        with subprocess.Popen(
            [sys.executable, "-c", BOOK, str(tmp_path), str(number)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(moments.uniform(0.0, 0.15))
            child.kill()
            lines = child.stdout.read().splitlines()
        # The last line may have been cut in the middle of its digits; the one before it is whole.
        confirmed[number] = int(lines[-2]) if len(lines) > 1 else -1
    book = ledger(tmp_path)
    entries = list(book.entries())
    ids = [one.id for one in entries]
    assert len(ids) == len(set(ids))
    wanted = {f"{name}-{n}" for name, last in confirmed.items() for n in range(last + 1)}
    assert wanted <= set(ids), f"seed {seed}: {sorted(wanted - set(ids))[:5]} are missing"
    total = Spend("")
    for one in entries:
        total = total.plus(one)
    assert book.total() == total
    assert sum((spend.cost for spend in book.by("model")), Decimal(0)) == total.cost
    assert (book.problem, book.waiting) == (None, 0)
