"""Requests a second through the metering proxy, against a LiteLLM proxy in front of the same server.

LiteLLM wants a Python of its own: ``python -m venv X && X/bin/pip install "litellm[proxy]"``, then name X/bin/litellm
in LITELLM, or put it on the PATH. Without it the figure is skipped.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import Row
from tests.benchmarks.harness import compile_everything, environment, home, in_turn, load
from tests.benchmarks.proxy import Asker, practice, proxy

PROGRAMS = 8
"""Programs that ask at once, each on a connection of its own."""
EACH = 12
"""Requests of each in one turn."""
TURNS = 5
STARTING = 400.0
"""Seconds that LiteLLM may take to start; on a busy machine its imports alone take minutes."""
_KEY = "sk-benchmark-1234567890"
_CONFIG = """\
model_list:
  - model_name: gpt-6-luna
    litellm_params:
      model: openai/gpt-6-luna
      api_base: os.environ/UPSTREAM
      api_key: os.environ/UPSTREAM_KEY
"""


def measure() -> list[Row]:
    """Requests a second of both, measured in turn, and what each holds in memory afterwards."""
    program = os.environ.get("LITELLM") or shutil.which("litellm")
    if program is None:
        return [Row("requests a second, keytui against LiteLLM", 0.0, None, note="skipped: LiteLLM is not installed")]
    compile_everything()
    with (
        home() as folder,
        practice(folder) as direct,
        proxy(folder, direct) as (ours, through),
        litellm(program, folder, direct) as (theirs, gateway),
        Crowd(*direct) as plain,
        Crowd(*through) as keytui,
        Crowd(*gateway) as other,
    ):
        crowds = {"direct": plain, "keytui": keytui, "LiteLLM": other}
        for crowd in crowds.values():
            crowd.rate()
        rates = {name: figures[0] for name, figures in in_turn({n: c.rate for n, c in crowds.items()}, TURNS).items()}
        held = {"keytui": load(ours).resident_bytes / 1e6, "LiteLLM": load(theirs).resident_bytes / 1e6}
    note = f"{PROGRAMS} programs at once, short answers in one piece"
    return [
        Row(
            "requests a second, keytui against LiteLLM", rates["keytui"] / rates["LiteLLM"], 8, note=note, at_least=True
        ),
        *(Row(f"{name}: requests a second", rate, None, "1/s") for name, rate in rates.items()),
        *(Row(f"{name}: memory", size, None, "MB") for name, size in held.items()),
    ]


class Crowd:
    """Programs that ask one way at once."""

    def __init__(self, base_url: str, key: str) -> None:
        self._askers = [Asker(base_url, key) for _ in range(PROGRAMS)]
        self._threads = ThreadPoolExecutor(PROGRAMS)

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown()

    def rate(self) -> float:
        """Requests a second, over one turn."""
        begun = time.perf_counter()
        list(self._threads.map(_ask, self._askers))
        return PROGRAMS * EACH / (time.perf_counter() - begun)


def _ask(asker: Asker) -> None:
    for _ in range(EACH):
        asker.plain()


@contextmanager
def litellm(program: str, folder: Path, direct: tuple[str, str]) -> Iterator[tuple[int, tuple[str, str]]]:
    """A LiteLLM proxy in front of the practice service: its process, its address and key."""
    config = folder / "litellm.yaml"
    config.write_text(_CONFIG)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / "litellm.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [program, "--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"],
            env=_plain(environment(folder)) | {"UPSTREAM": direct[0], "UPSTREAM_KEY": direct[1]},
            cwd=os.fspath(folder),
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, port, log)
        yield process.pid, (f"http://127.0.0.1:{port}/v1", _KEY)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _plain(around: dict[str, str]) -> dict[str, str]:
    """LiteLLM runs on a Python of its own, and would fetch its price list from the network."""
    kept = {name: value for name, value in around.items() if name != "PYTHONPATH"}
    return kept | {"LITELLM_MASTER_KEY": _KEY, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + STARTING
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"LiteLLM did not start: {log.read_text()[-2000:]}")
