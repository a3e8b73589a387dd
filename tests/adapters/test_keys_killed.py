"""Two processes store keys into the encrypted file; one of them is killed, again and again, at any moment."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.adapters.keys_support import Home, secret

EACH = 200
KILLS = 20


def start(folder: Path, who: str, first: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.adapters.storing", str(folder), who, str(first), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.getcwd()})


def read_all(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    with process.stdout:
        names = process.stdout.read().split()
    process.wait(60)
    return names


@pytest.mark.parametrize("seed", [20261123])
def test_every_confirmed_key_outlives_twenty_kills(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    (tmp_path / "data").mkdir(mode=0o700)
    steady = start(tmp_path, "steady", 0, EACH)
    confirmed: list[str] = []
    try:
        for _ in range(KILLS):
            dying = start(tmp_path, "dying", len(confirmed), EACH - len(confirmed))
            assert dying.stdout is not None
            assert dying.stdout.readline() == "begins\n"
            # Where in its work the kill finds it is chance, and meant to be.
            time.sleep(chance.uniform(0.0, 0.08))
            dying.send_signal(signal.SIGKILL)
            confirmed += read_all(dying)
        last = start(tmp_path, "dying", len(confirmed), EACH - len(confirmed))
        begins, *names = read_all(last)
        confirmed += names
        assert (begins, last.returncode) == ("begins", 0)
        begins, *steady_names = read_all(steady)
        assert (begins, steady.returncode) == ("begins", 0)
        confirmed += steady_names
    finally:
        steady.kill()
        steady.wait()

    assert sorted(confirmed) == sorted(f"{who}-{n}" for who in ("steady", "dying") for n in range(EACH))
    asyncio.run(check(Home(tmp_path), confirmed))


async def check(home: Home, confirmed: list[str]) -> None:
    keys = await home.open()
    home.clock.move(days=40000)
    said = await keys.heal()
    assert home.index()["pending"] == []
    records = keys.records()
    by_name = {record.name: record for record in records}
    for name in confirmed:
        assert await keys.secret(by_name[name]) == secret(name)
    # What a killed process had begun was mentioned, and nothing is left that nobody knows of.
    assert len(records) - len(confirmed) <= len(said) <= KILLS
    assert {record.id for record in records} == await home.ids_in("vault")
    assert not list(home.paths.data.glob(".*.tmp"))
