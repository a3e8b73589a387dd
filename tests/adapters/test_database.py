from __future__ import annotations

import os
import re
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from keytui.adapters.database import Database, DatabaseTrouble, connect, opening, transaction
from keytui.adapters.database.opening import APPLICATION_ID
from keytui.adapters.schema import MIGRATIONS, NEWEST


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "data" / "keytui.db"


def sentence(trouble: DatabaseTrouble) -> str:
    text = str(trouble)
    assert re.search(r"[.)] [A-Z][^.]+\.$", text), f"no next step: {text}"
    assert "\n" not in text
    return text


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [migration.number for migration in MIGRATIONS] == list(range(1, NEWEST + 1))


def test_everything_it_makes_is_the_users_alone(path: Path) -> None:
    previous = os.umask(0)
    try:
        with closing(connect(path)) as connection:
            connection.execute("INSERT INTO draft VALUES ('', 'hello')")
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(previous)
    assert modes == {"keytui.db": 0o600, "keytui.db-wal": 0o600, "keytui.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    connect(path).close()
    path.chmod(0o644)
    connect(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_opens_in_the_newest_format_with_a_write_ahead_log(path: Path) -> None:
    for _ in range(2):
        with closing(connect(path)) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (NEWEST,)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_every_older_format_is_brought_forward(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with closing(connect(path)) as newest:
        wanted = newest.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    for older in range(1, NEWEST):
        path.unlink()
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for migration in MIGRATIONS[:older]:
                for statement in migration.statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {older}")
        with closing(connect(path)) as connection:
            assert connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall() == wanted


def test_many_first_starts_at_once_make_one_database(path: Path) -> None:
    start = f"""
import sys
from pathlib import Path
from keytui.adapters.database import connect
sys.stdin.readline()
connection = connect(Path({str(path)!r}))
connection.execute("INSERT INTO draft VALUES (?, 'x')", (sys.argv[1],))
connection.close()
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", start, str(number)], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for number in range(6)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1].decode() for process in processes]
    assert said == [""] * len(processes)
    with closing(connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM draft").fetchone() == (len(processes),)


def test_threads_that_open_it_for_the_first_time_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def open_first(path: Path, begin: threading.Barrier) -> None:
        begin.wait()
        try:
            connect(path).close()
        except DatabaseTrouble as trouble:  # handed to the test's own thread
            failures.append(trouble)

    for number in range(30):
        begin = threading.Barrier(4)
        threads = [
            threading.Thread(target=open_first, args=(tmp_path / f"{number}.db", begin)) for _ in range(begin.parties)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []


def test_a_second_connection_leaves_the_first_ones_locks_alone(path: Path) -> None:
    other = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT 1 FROM entry'); c.close()"
    with closing(connect(path)) as first, closing(connect(path)):
        first.execute("INSERT INTO draft VALUES ('c', 'kept')")
        # As the last one to leave, it would take the log away, and what is in it.
        subprocess.run([sys.executable, "-c", other, str(path)], check=True)
        assert path.with_name(f"{path.name}-wal").exists()
        first.execute("UPDATE draft SET text = 'kept still'")
    with closing(connect(path)) as later:
        assert later.execute("SELECT text FROM draft").fetchall() == [("kept still",)]


def test_a_transaction_is_all_or_nothing(path: Path) -> None:
    with closing(connect(path)) as connection:
        with pytest.raises(sqlite3.IntegrityError), transaction(connection, path):
            connection.execute("INSERT INTO draft VALUES ('a', 'x')").execute("INSERT INTO draft VALUES ('a', 'x')")
        with transaction(connection, path):
            connection.execute("INSERT INTO draft VALUES ('b', 'x')")
        assert connection.execute("SELECT conversation FROM draft").fetchall() == [("b",)]


def test_a_full_disk_is_told_and_loses_nothing(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.execute("INSERT INTO draft VALUES ('kept', 'x')")
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(DatabaseTrouble) as caught, transaction(connection, path):
            connection.execute("INSERT INTO draft VALUES ('more', ?)", ("x" * 1_000_000,))
        assert caught.value.reason == "full"
        assert "Free some space" in sentence(caught.value)
        assert connection.execute("SELECT conversation FROM draft").fetchall() == [("kept",)]


def test_a_database_that_is_kept_locked_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.05)
    with closing(connect(path)) as other, closing(connect(path)) as connection:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseTrouble) as caught, transaction(connection, path):
            connection.execute("DELETE FROM draft")
        assert caught.value.reason == "busy"
        sentence(caught.value)


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        (b"these are my notes, not a database\n" * 50, "corrupt"),
        (b"SQLite format 3\0" + b"\xff" * 4080, "corrupt"),
    ],
)
def test_a_damaged_file_is_named_and_left_as_it_is(path: Path, contents: bytes, reason: str) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(contents)
    for read_only in (False, True):
        with pytest.raises(DatabaseTrouble) as caught:
            connect(path, read_only=read_only)
        assert caught.value.reason == reason
        assert str(path) in sentence(caught.value)
        assert path.read_bytes() == contents


def test_a_file_damaged_further_down_is_explained_when_it_is_met(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.execute("INSERT INTO draft VALUES ('', ?)", ("x" * 100_000,))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))
    store = Database(path)
    with pytest.raises(DatabaseTrouble) as caught, store.reading() as connection:
        connection.execute("SELECT * FROM draft").fetchall()
    assert caught.value.reason == "corrupt"
    store.close()


def test_a_newer_format_is_left_to_the_newer_keytui(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST + 5}")
    for read_only in (False, True):
        with pytest.raises(DatabaseTrouble, match="newer keytui") as caught:
            connect(path, read_only=read_only)
        assert caught.value.reason == "newer"
        sentence(caught.value)


def test_another_programs_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE notes (text)")
    before = path.read_bytes()
    with pytest.raises(DatabaseTrouble) as caught:
        connect(path)
    assert caught.value.reason == "foreign"
    sentence(caught.value)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_told(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.parent.chmod(0o500)
    if os.access(path.parent, os.W_OK):
        # The superuser may write everywhere: a file in place of the folder stands in for it.
        path.parent.rmdir()
        path.parent.write_text("")
        expected = "unusable"
    else:
        expected = "read-only"
    with pytest.raises(DatabaseTrouble) as caught:
        connect(path)
    assert caught.value.reason == expected
    sentence(caught.value)


@pytest.mark.real
def test_a_user_without_the_right_to_write_can_still_read(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to become another user")
    with closing(connect(path)) as connection:
        connection.execute("INSERT INTO draft VALUES ('', 'hello')")
    closed = [folder for folder in path.parents if not folder.stat().st_mode & stat.S_IXOTH]
    for folder in closed:
        folder.chmod(0o555)
    path.chmod(0o444)
    script = f"""
import os
from pathlib import Path
from keytui.adapters.database import DatabaseTrouble, connect
os.setgid(65534); os.setuid(65534)
path = Path({str(path)!r})
print(connect(path, read_only=True).execute("SELECT text FROM draft").fetchone()[0])
try:
    connect(path)
except DatabaseTrouble as trouble:
    print(trouble.reason)
"""
    try:
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    finally:
        for folder in closed:
            folder.chmod(0o700)
    assert done.stdout.split() == ["hello", "read-only"], done.stderr


def test_reading_creates_nothing(path: Path) -> None:
    with closing(connect(path, read_only=True)) as connection:
        assert connection.execute("SELECT count(*) FROM draft").fetchone() == (0,)
    assert not path.parent.exists()
    connect(path).close()
    with (
        closing(connect(path, read_only=True)) as connection,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        connection.execute("DELETE FROM draft")


def test_each_thread_has_a_connection_and_ended_threads_leave_none(path: Path) -> None:
    store = Database(path)
    seen: list[sqlite3.Connection] = []

    def use() -> None:
        assert store.connection() is store.connection()
        with store.transaction() as connection:
            connection.execute("INSERT INTO draft VALUES (?, '')", (str(len(seen)),))
        seen.append(connection)

    for _ in range(5):
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
    assert store.connection().execute("SELECT count(*) FROM draft").fetchone() == (5,)
    assert len({id(connection) for connection in seen}) == 5
    for connection in seen:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")
    store.close()
    with store.reading() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    store.close()
