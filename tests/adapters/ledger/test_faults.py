"""What cannot be written now is kept beside the database, told in a sentence, and brought in later."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from keytui.adapters.ledger import store
from keytui.adapters.ledger.journal import Journal
from keytui.adapters.ledger.rows import to_row
from keytui.domain.ledger import Spend
from tests.adapters.ledger.making import NOW, entry, ledger


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY_MILLISECONDS", 20)


def lock(folder: Path) -> sqlite3.Connection:
    """Hold the database for writing, as another program would."""
    holder = sqlite3.connect(folder / "keytui.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    return holder


def test_while_the_database_is_locked_entries_wait_and_count(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    book.book(entry("1"))
    with closing(lock(tmp_path)):
        book.book(entry("2", usd="0.5"))
        assert book.waiting == 1
        assert book.problem is not None
        assert "Another program" in book.problem
        assert book.total().cost == Decimal("0.501")
        assert [spend.requests for spend in book.by("model")] == [2]
        assert {one.id for one in book.latest()} == {"1", "2"}
        assert [one.id for one in book.dearest()] == ["2", "1"]
    book.book(entry("3"))
    assert (book.waiting, book.problem) == (0, None)
    assert {one.id for one in book.latest()} == {"1", "2", "3"}


def test_waiting_entries_come_in_when_somebody_looks(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    book.book(entry("1"))
    with closing(lock(tmp_path)):
        book.book(entry("2"))
    later = ledger(tmp_path)
    assert later.total().requests == 2
    assert (later.waiting, later.problem) == (0, None)
    with closing(sqlite3.connect(tmp_path / "keytui.db")) as connection:
        assert connection.execute("SELECT count(*) FROM entry").fetchone() == (2,)


def test_a_journal_that_was_brought_in_but_not_emptied_does_no_harm(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    book.book(entry("1"))
    Journal(tmp_path / "ledger.journal").add(to_row(entry("1")))
    assert book.total().requests == 1
    assert book.waiting == 0


def test_what_a_crash_left_of_a_line_is_put_aside_and_the_rest_is_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "ledger.journal")
    journal.add(to_row(entry("1")))
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + whole[:40])
    journal.add(to_row(entry("2")))
    book = ledger(tmp_path)
    assert {one.id for one in book.latest()} == {"1", "2"}
    assert journal.path.with_name("ledger.journal.damaged").read_bytes() == whole[:40] + b"\n"
    assert journal.path.stat().st_size == 0


def test_the_journal_is_the_users_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "ledger.journal")
    journal.add(to_row(entry("1")))
    assert journal.path.stat().st_mode & 0o777 == 0o600


def test_a_damaged_database_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "keytui.db"
    path.write_bytes(b"this is not a database, but somebody may still want it" * 100)
    before = path.read_bytes()
    book = ledger(tmp_path)
    book.book(entry("1", usd="0.25"))
    assert book.problem is not None
    assert str(path) in book.problem
    assert "damaged" in book.problem
    assert (book.total().cost, book.total().partial, book.total().at_least) == (Decimal("0.25"), True, True)
    assert [one.id for one in book.entries()] == ["1"]
    assert path.read_bytes() == before


def test_a_database_damaged_while_it_is_in_use_is_told_too(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    for n in range(200):
        book.book(entry(str(n)))
    book.close()
    path = tmp_path / "keytui.db"
    size = path.stat().st_size
    with path.open("rb+") as file:
        file.seek(8192)
        file.write(b"\xff" * (size - 8192))
    book = ledger(tmp_path)
    book.book(entry("new"))
    assert book.waiting == 1
    assert book.problem is not None
    assert isinstance(book.total(), Spend)


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.adapters.ledger.making import entry, ledger

folder, room = Path(sys.argv[1]), int(sys.argv[2])
book = ledger(folder)
book.book(entry("before"))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
for n in range(3):
    book.book(entry(f"full {n}", usd="0.5"))
print(book.waiting, book.problem is not None, book.total().cost)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits on the size of files are a Unix matter")
@pytest.mark.parametrize(("room", "in_file"), [(4096, 3), (0, 0)])
def test_a_full_disk_loses_nothing_while_keytui_runs(tmp_path: Path, room: int, in_file: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), str(room)], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["3", "True", "1.501"], done.stderr
    lines = (tmp_path / "ledger.journal").read_text().splitlines() if in_file else []
    assert [json.loads(line)["id"] for line in lines] == [f"full {n}" for n in range(in_file)]
    assert ledger(tmp_path).total().requests == 1 + in_file


def test_a_folder_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    book = ledger(tmp_path / "data")
    book.book(entry("1"))
    assert book.problem is not None
    assert book.waiting == 1
    assert book.total().requests == 1


def test_booking_the_same_id_twice_books_it_once(tmp_path: Path) -> None:
    book = ledger(tmp_path)
    for _ in range(3):
        book.book(entry("same"))
    assert book.total().requests == 1
    assert [spend.requests for spend in book.by("day")] == [1]


def test_two_ledgers_see_each_others_entries(tmp_path: Path) -> None:
    one, other = ledger(tmp_path), ledger(tmp_path)
    one.book(entry("1"))
    other.book(entry("2", NOW + timedelta(seconds=1)))
    assert [e.id for e in one.latest()] == [e.id for e in other.latest()] == ["2", "1"]
