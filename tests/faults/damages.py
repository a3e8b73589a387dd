"""Everything that may be wrong with the machine itself, once; a new damage is one line here."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from keytui.adapters import paths
from keytui.adapters.conversations import SqliteConversations
from keytui.adapters.vocabulary import VOCABULARIES

GARBAGE = bytes(range(256)) * 8
HALF_JSON = b'{"version": 1, "keys": [{"id": "a'
SHAPES = b'{"version": "x", "keys": 3, "models": [null], "step": [], "due": {"a": 1}}'


@dataclass(frozen=True, slots=True)
class Damage:
    """Something on this machine that is not as it should be; ``strike`` does it to an empty home.

    ``alone``: it takes the rest out of use, so that nothing else is struck beside it.
    """

    what: str
    how: str
    strike: Callable[[paths.Paths], object]
    alone: bool = False

    @property
    def name(self) -> str:
        """As a sentence would say it."""
        return f"{self.what} {self.how}"


_held: list[sqlite3.Connection] = []


def release() -> None:
    """Let go of what a damage holds."""
    while _held:
        _held.pop().close()


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_bytes(data)
    file.chmod(0o600)


def _in_its_place(folder: Path) -> None:
    _write(folder, b"a file where a folder should be")


def _locked(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    _held.append(connection := sqlite3.connect(file))
    connection.execute("CREATE TABLE held (x)")
    connection.commit()
    connection.execute("BEGIN EXCLUSIVE")


def _half(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    store = SqliteConversations(file)
    store.keep_draft(None, "a draft " * 4000)
    store.close()
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)


def _holes(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    store = SqliteConversations(file)
    store.keep_draft(None, "a draft " * 4000)
    store.close()
    data = bytearray(file.read_bytes())
    data[200:] = GARBAGE * (len(data) // len(GARBAGE)) + GARBAGE
    file.write_bytes(data)


def _newer(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 999999")
        connection.execute("CREATE TABLE entry (something)")
        connection.commit()


def _of_another_shape(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE entry (something)")
        connection.execute("CREATE TABLE draft (something)")
        connection.commit()


def _keyring_gone(here: paths.Paths) -> None:
    # The bus is named, and nobody answers there.
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere/bus"


def _vocabulary(here: paths.Paths, data: bytes) -> None:
    for vocabulary in VOCABULARIES.values():
        _write(here.vocabulary / vocabulary.cache_name, data)


DAMAGES = (
    Damage("config", "that is no TOML", lambda here: _write(here.settings_file, b'theme = "a\n')),
    Damage("config", "that is no text", lambda here: _write(here.settings_file, b"\xff\xfe\x00" + GARBAGE)),
    Damage("config", "of other types", lambda here: _write(
        here.settings_file, b'theme = 7\nmonthly_cap = "lots"\ndefault_model = []\nnetwork = "x"\nprices = 3\n')),
    Damage("config", "with odd texts", lambda here: _write(
        here.settings_file, b'default_model = "\\u001b[2J\\u202e"\nbase_url = "nonsense"\n')),
    Damage("config", "that is a folder", lambda here: here.settings_file.mkdir(parents=True)),
    Damage("database", "that is none", lambda here: _write(here.database, b"no database" * 900)),
    Damage("database", "that is empty", lambda here: _write(here.database, b"")),
    Damage("database", "that is locked", lambda here: _locked(here.database)),
    Damage("database", "that is cut in half", lambda here: _half(here.database)),
    Damage("database", "with holes", lambda here: _holes(here.database)),
    Damage("database", "of a newer keytui", lambda here: _newer(here.database)),
    Damage("database", "of another shape", lambda here: _of_another_shape(here.database)),
    Damage("database", "that is a folder", lambda here: here.database.mkdir(parents=True)),
    Damage("journal", "that is garbage", lambda here: _write(here.journal, GARBAGE)),
    Damage("data folder", "that is a file", lambda here: _in_its_place(here.data), alone=True),
    Damage("state folder", "that is a file", lambda here: _in_its_place(here.state), alone=True),
    Damage("config folder", "that is a file", lambda here: _in_its_place(here.config), alone=True),
    Damage("cache folder", "that is a file", lambda here: _in_its_place(here.cache), alone=True),
    Damage("index of keys", "that is garbage", lambda here: _write(here.keys_file, GARBAGE), alone=True),
    Damage("index of keys", "that is cut in half", lambda here: _write(here.keys_file, HALF_JSON), alone=True),
    Damage("index of keys", "of another shape", lambda here: _write(here.keys_file, SHAPES), alone=True),
    Damage("encrypted file", "that is garbage", lambda here: _write(here.vault_file, GARBAGE)),
    Damage("keyring", "that is gone", _keyring_gone),
    Damage("set-up state", "that is garbage", lambda here: _write(here.setup_file, GARBAGE)),
    Damage("set-up state", "of another shape", lambda here: _write(here.setup_file, SHAPES)),
    Damage("agenda", "that is garbage", lambda here: _write(here.agenda_file, GARBAGE)),
    Damage("agenda", "of another shape", lambda here: _write(here.agenda_file, SHAPES)),
    Damage("plan journal", "that is garbage", lambda here: _write(here.state / "plan.json", GARBAGE)),
    Damage("plan journal", "of another shape", lambda here: _write(here.state / "plan.json", SHAPES)),
    Damage("what servers lack", "that is garbage", lambda here: _write(here.endpoints_file, GARBAGE)),
    Damage("what servers lack", "of another shape", lambda here: _write(here.endpoints_file, SHAPES)),
    Damage("vocabulary", "that is garbage", lambda here: _vocabulary(here, GARBAGE)),
    Damage("vocabulary", "that is empty", lambda here: _vocabulary(here, b"")),
    Damage("prices", "that are garbage", lambda here: _write(here.cache / "prices.json", GARBAGE)),
    Damage("prices", "of another shape", lambda here: _write(here.cache / "prices.json", b'{"fetched": 1, "list": 2}')),
)  # fmt: skip
"""What may be wrong on the machine itself."""


def homes() -> list[tuple[Damage, ...]]:
    """All damages, in as few homes as can be: one of each thing in a home."""
    crowded: list[list[Damage]] = []
    for damage in (damage for damage in DAMAGES if not damage.alone):
        home = next((home for home in crowded if damage.what not in {other.what for other in home}), None)
        if home is None:
            crowded.append(home := [])
        home.append(damage)
    return [*map(tuple, crowded), *((damage,) for damage in DAMAGES if damage.alone)]
