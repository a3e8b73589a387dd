"""The metering proxy against the direct way: the first byte, a long stream, and its memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import Row
from tests.benchmarks.harness import compile_everything, environment, home, in_turn, load

if TYPE_CHECKING:
    from openai import OpenAI

CHUNKS = 5_000
FIRST_BYTES = 60
TYPICAL = 80
"""Tokens a second of a small model, as the practice service plays it."""
SETTLING = 4.0
"""Seconds in which the proxy loads its prices and the vocabulary, which happens once."""
BOOKING = 0.02
"""Seconds before each figure, in which the proxy books the request before: that must not slow the direct way down."""
STREAMS = 9
REQUESTS = 2_000
WARM = 300
"""Requests after which memory is looked at for the first time."""


def measure() -> list[Row]:
    """Seconds through the proxy against direct, measured in turn; megabytes that 2,000 requests leave behind."""
    compile_everything()
    with (
        home() as folder,
        practice(folder) as direct,
        proxy(folder, direct) as (pid, through),
        pipe(folder, direct) as piped,
    ):
        ways = {"direct": Asker(*direct), "proxy": Asker(*through)}
        for asker in ways.values():
            asker.first_byte()
            asker.stream()
        time.sleep(SETTLING)
        least = Asker(*piped)
        least.first_byte()
        all_three = ways | {"pipe": least}
        first = interleaved({name: asker.first_byte for name, asker in all_three.items()}, FIRST_BYTES)
        bare = interleaved({name: asker.first_byte_at_once for name, asker in ways.items()}, 3 * FIRST_BYTES)
        plain = interleaved({name: asker.plain for name, asker in ways.items()}, FIRST_BYTES)
        stream = {
            name: figures[0] for name, figures in in_turn({n: a.stream for n, a in ways.items()}, STREAMS).items()
        }
        sdk_first = interleaved({name: asker.sdk_first for name, asker in ways.items()}, FIRST_BYTES)
        sdk = {name: figures[0] for name, figures in in_turn({n: a.sdk for n, a in ways.items()}, 3).items()}
        asker = ways["proxy"]
        for _ in range(WARM):
            asker.plain()
        before = load(pid).resident_bytes
        begun = time.monotonic()
        for _ in range(REQUESTS):
            asker.plain()
        rate = REQUESTS / (time.monotonic() - begun)
        grown = load(pid).resident_bytes - before
    return [
        Row("proxy against direct: first byte of a stream", first["proxy"] / first["direct"], 1.3),
        Row("a pipe of bytes, unread, against direct: first byte of a stream", first["pipe"] / first["direct"], None),
        Row("proxy against direct: first chunk, SDK", sdk_first["proxy"] / sdk_first["direct"], 1.3),
        Row("proxy against direct: first byte, server without thought", bare["proxy"] / bare["direct"], None),
        Row("proxy against direct: a plain answer", plain["proxy"] / plain["direct"], None),
        Row(f"proxy against direct: a stream of {CHUNKS:,} chunks, read raw", stream["proxy"] / stream["direct"], 1.2),
        Row(f"proxy against direct: a stream of {CHUNKS:,} chunks, SDK", sdk["proxy"] / sdk["direct"], 1.2),
        Row("proxy: what it adds to the first byte", (bare["proxy"] - bare["direct"]) * 1000, None, "ms"),
        Row("direct: first byte of a stream", first["direct"] * 1000, None, "ms"),
        Row("direct: stream", stream["direct"] * 1000, None, "ms"),
        Row(f"proxy: memory that {REQUESTS:,} requests leave behind", grown / 1e6, 5.0, "MB"),
        Row("proxy: requests a second, one after another", rate, None, "1/s"),
    ]


class Asker:
    """One way to the practice service."""

    def __init__(self, base_url: str, key: str) -> None:
        self._base_url, self._key = base_url, key
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._sdk: OpenAI | None = None
        self._connection = HTTPConnection(base_url.removeprefix("http://").removesuffix("/v1"))

    def first_byte(self) -> float:
        """Seconds to the first byte of an answer that is streamed as fast as a small model writes."""
        return self._ask(f"Say hello. [[tokens=4 rate={TYPICAL}]]", stream=True)[0]

    def first_byte_at_once(self) -> float:
        """Seconds to the first byte from a server that needs no time at all."""
        return self._ask("Say hello. [[tokens=4 rate=max]]", stream=True)[0]

    def plain(self) -> float:
        """Seconds to the end of a short answer in one piece."""
        return self._ask("Say hello. [[tokens=20 rate=max]]", stream=False)[1]

    def stream(self) -> float:
        """Seconds to the end of a long stream."""
        return self._ask(f"[[tokens={CHUNKS} rate=max style=markdown]]", stream=True)[1]

    def sdk(self) -> float:
        """Seconds to the end of a long stream, as the SDK reads it."""
        from openai import DefaultHttpx2Client, OpenAI

        with OpenAI(
            api_key=self._key, base_url=self._base_url, http_client=DefaultHttpx2Client(trust_env=False)
        ) as client:
            question = f"[[tokens={CHUNKS} rate=max style=markdown]]"
            begun = time.perf_counter()
            for _ in client.chat.completions.create(
                model="gpt-6-luna", messages=[{"role": "user", "content": question}], stream=True
            ):
                pass
            return time.perf_counter() - begun

    def sdk_first(self) -> float:
        """Seconds to the first chunk that the SDK hands out, its connection open already."""
        from openai import DefaultHttpx2Client, OpenAI

        if self._sdk is None:
            http = DefaultHttpx2Client(trust_env=False)
            self._sdk = OpenAI(api_key=self._key, base_url=self._base_url, http_client=http)
        begun = time.perf_counter()
        stream = self._sdk.chat.completions.create(
            model="gpt-6-luna", messages=[{"role": "user", "content": "[[tokens=4 rate=max]]"}], stream=True
        )
        next(stream)
        first = time.perf_counter() - begun
        for _ in stream:
            pass
        return first

    def _ask(self, question: str, *, stream: bool) -> tuple[float, float]:
        body = {"model": "gpt-6-luna", "stream": stream, "messages": [{"role": "user", "content": question}]}
        begun = time.perf_counter()
        self._connection.request("POST", "/v1/chat/completions", json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        answer.read(1)
        first = time.perf_counter() - begun
        rest = answer.read()
        assert answer.status == 200, rest
        assert not stream or rest.endswith(b"data: [DONE]\n\n")
        return first, time.perf_counter() - begun


def interleaved(cases: dict[str, Callable[[], float]], runs: int) -> dict[str, float]:
    """The median of each case, measured in turn."""
    figures: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, case in cases.items():
            time.sleep(BOOKING)
            figures[name].append(case())
    return {name: statistics.median(values) for name, values in figures.items()}


@contextmanager
def practice(folder: Path) -> Iterator[tuple[str, str]]:
    """A practice service as fast as possible: its address and key."""
    with _serving(folder, "practice", "--rate", "max", "--credit", "100000") as (_, said):
        yield said["base_url"], said["api_key"]


@contextmanager
def proxy(folder: Path, direct: tuple[str, str]) -> Iterator[tuple[int, tuple[str, str]]]:
    """A proxy in front of it: its process, its address and local key."""
    beside = {"OPENAI_BASE_URL": direct[0], "OPENAI_API_KEY": direct[1]}
    with _serving(folder, "proxy", **beside) as (pid, said):
        yield pid, (said["base_url"], said["api_key"])


@contextmanager
def pipe(folder: Path, direct: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """A pipe in front of it, which reads nothing: its address, and the service's own key."""
    port = direct[0].removesuffix("/v1").rpartition(":")[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.apps.pipe", port], stdout=subprocess.PIPE, env=environment(folder)
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1", direct[1]
    finally:
        process.kill()
        process.communicate(timeout=20)


@contextmanager
def _serving(folder: Path, *arguments: str, **beside: str) -> Iterator[tuple[int, dict[str, str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "keytui", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(folder) | beside,
        cwd=os.fspath(folder),
    )
    try:
        assert process.stdout is not None
        yield process.pid, json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=20)
