"""A real practice service, in a process of its own, over a real socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.sealed import clean


@dataclass(frozen=True, slots=True)
class Practice:
    """Where a practice service listens, the keys it gave out, and its process."""

    base_url: str
    api_key: str
    admin_key: str
    pid: int


@contextmanager
def practice_service(home: Path, *options: str) -> Iterator[Practice]:
    """Run ``keytui practice`` with these options until the block ends."""
    with (home / "practice.stderr").open("wb") as complaints:
        process = subprocess.Popen(
            [sys.executable, "-m", "keytui", "practice", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=clean(os.environ, home),
            text=True,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            process.wait(10)
            said = (home / "practice.stderr").read_text()
            raise AssertionError(f"the practice service did not start ({process.returncode}):\n{said}")
        said_first = json.loads(line)
        yield Practice(said_first["base_url"], said_first["api_key"], said_first["admin_key"], process.pid)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="session")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    """A practice service for the whole run, as fast as it can. Do not change its account: others share it."""
    with practice_service(tmp_path_factory.mktemp("practice"), "--rate", "max") as service:
        yield service


@pytest.fixture
def practice_fresh(tmp_path: Path) -> Iterator[Practice]:
    """A practice service for this test alone."""
    with practice_service(tmp_path, "--rate", "max") as service:
        yield service
