from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from keytui.adapters.files import NotPrivate, locked, read_private, write_private


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    inside.mkdir()
    return inside


def test_a_written_file_is_the_owners_alone_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        write_private(folder / "kept", b"one")
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "kept").stat().st_mode) == 0o600
    assert read_private(folder / "kept", limit=10) == b"one"


def test_the_old_file_stays_beside_the_new_one_and_leftovers_are_swept(folder: Path) -> None:
    path, backup = folder / "kept", folder / "kept.bak"
    (folder / ".kept.4711.cafe.tmp").write_bytes(b"left by a killed writer")
    for data in (b"one", b"two", b"three"):
        write_private(path, data, backup=backup)
    assert (path.read_bytes(), backup.read_bytes()) == (b"three", b"two")
    assert sorted(file.name for file in folder.iterdir()) == ["kept", "kept.bak"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "kept"
    write_private(path, b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"two")
    assert [file.name for file in folder.iterdir()] == ["kept"]
    assert path.read_bytes() == b"one"


def test_what_others_can_read_is_refused(folder: Path) -> None:
    path = folder / "kept"
    path.write_bytes(b"one")
    path.chmod(0o640)
    with pytest.raises(NotPrivate, match="chmod 600"):
        read_private(path, limit=10)
    path.chmod(0o600)
    with pytest.raises(NotPrivate, match="larger"):
        read_private(path, limit=2)
    (folder / "link").symlink_to(path)
    with pytest.raises(NotPrivate, match="is a link"):
        read_private(folder / "link", limit=10)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_is_refused(folder: Path) -> None:
    path = folder / "kept"
    write_private(path, b"one")
    os.chown(path, 65534, -1)
    with pytest.raises(NotPrivate, match="belongs to another user"):
        read_private(path, limit=10)


def test_the_lock_lets_one_in_at_a_time(folder: Path) -> None:
    path, inside = folder / "kept", threading.Event()
    with locked(path), pytest.raises(TimeoutError), locked(path, seconds=0.02):
        inside.set()
    assert not inside.is_set()
    with locked(path, seconds=0):
        inside.set()
    assert inside.is_set()
