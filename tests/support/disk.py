"""A small disk of its own under keytui's folder, that can be filled and write-protected for real, also for root."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

_SIZE = "8m"


@dataclass(frozen=True)
class Disk:
    """A mounted file system."""

    folder: Path

    def fill(self) -> None:
        """Take all of its room."""
        with suppress(OSError), (self.folder / "filling").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass

    def free(self) -> None:
        """Give the room back."""
        (self.folder / "filling").unlink()

    def protect(self) -> None:
        """Let nothing be written any more, but by what is open already."""
        _run("mount", "--bind", str(self.folder), str(self.folder))
        _run("mount", "-o", "remount,bind,ro", str(self.folder))


@pytest.fixture
def disk(sealed: Path) -> Iterator[Disk]:
    """The disk that keytui's folder lies on."""
    folder = sealed / "keytui"
    folder.mkdir()
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=700", "keytui-test", str(folder))
    except (OSError, subprocess.CalledProcessError) as refused:
        pytest.skip(f"whoever runs the tests may not mount a disk here: {refused}")
    try:
        yield Disk(folder)
    finally:
        # Lazily: a connection that a failed test left open must not keep the disk for ever.
        while folder.is_mount():
            _run("umount", "-l", str(folder))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
