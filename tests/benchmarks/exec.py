"""What ``keytui exec`` costs on the way to a program: CPU of ``keytui exec -- true`` against ``python -c pass``."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import Row
from tests.benchmarks.harness import KEYTUI, compile_everything, environment, home, in_turn

RUNS = 25
KEY = "sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"


def measure() -> list[Row]:
    """Ratios of user and system time, all processes counted, byte code present."""
    compile_everything()
    with home() as folder:
        around = environment(folder)
        given = around | {"OPENAI_API_KEY": KEY}
        _put_index(folder)
        listed = around | {"KEYTUI_HOME": str(folder / "listed")}
        cases = {
            "python -c pass": lambda: _cpu([sys.executable, "-c", "pass"], around),
            "from the environment": lambda: _cpu([*KEYTUI, "exec", "--", "true"], given),
            "from a command": lambda: _cpu([*KEYTUI, "exec", "--from", "command:echo x", "--", "true"], around),
            "from a command in the list": lambda: _cpu([*KEYTUI, "exec", "--", "true"], listed),
        }
        measured = in_turn(cases, RUNS)
    (floor,) = measured["python -c pass"]
    return [
        Row(
            f"keytui exec -- true, key {name}",
            median / floor,
            4.0,
            note=f"{1e3 * median:.0f} ms of processor time, over {1e3 * floor:.0f} ms",
        )
        for name, (median,) in measured.items()
        if name != "python -c pass"
    ]


def _cpu(command: Sequence[str], variables: Mapping[str, str]) -> float:
    """User and system seconds of a command and all that it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=variables, check=True, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def _put_index(folder: Path) -> None:
    """A list with one key that a command prints, used within the hour, as in daily use."""
    now = datetime.now(UTC).isoformat()
    key = {
        "id": "1",
        "name": "work",
        "kind": "project",
        "base_url": "https://api.openai.com/v1",
        "place": "command",
        "locator": "echo x",
        "created": now,
        "last_used": now,
    }
    path = folder / "listed" / "data" / "keys.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 1, "active": "1", "keys": [key], "pending": []}))
    os.chmod(path, 0o600)
