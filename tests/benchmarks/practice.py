"""The practice service: what a chunk costs it, so that it is never what a measurement of something else measures."""

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

from tests.benchmarks import Row
from tests.benchmarks.harness import compile_everything, environment, home

CHUNKS = 5_000
ROUNDS = 15
IDLE = 3.0
"""Seconds in which an idle service is watched."""
QUESTION = f"[[tokens={CHUNKS} rate=max style=markdown]]"
Request = tuple[str, dict[str, object]]
CHAT: Request = ("/v1/chat/completions", {"messages": [{"role": "user", "content": QUESTION}], "stream": True})
RESPONSES: Request = ("/v1/responses", {"input": QUESTION, "stream": True})
_TICKS = os.sysconf("SC_CLK_TCK")


def measure() -> list[Row]:
    """Server CPU of an answer of 5,000 chunks against that of making its JSON alone, and of doing nothing."""
    compile_everything()
    with home() as folder, serving(folder) as (pid, ask):
        ask(*CHAT)
        ask(*RESPONSES)
        chat = used(
            pid,
            lambda: ask("/v1/chat/completions", {"messages": [{"role": "user", "content": QUESTION}], "stream": True}),
        )
        responses = used(pid, lambda: ask("/v1/responses", {"input": QUESTION, "stream": True}))
        before = cpu(pid)
        time.sleep(IDLE)
        idle = cpu(pid) - before
    plain = statistics.median(dumping() for _ in range(ROUNDS))
    return [
        Row(f"practice service, chat, {CHUNKS:,} chunks: CPU against json.dumps of each", chat / plain, 1.0),
        Row(f"practice service, responses, {CHUNKS:,} chunks: CPU against json.dumps of each", responses / plain, 1.0),
        Row(f"practice service, chat, {CHUNKS:,} chunks: CPU", chat * 1000, None, "ms"),
        Row(f"practice service, responses, {CHUNKS:,} chunks: CPU", responses * 1000, None, "ms"),
        Row("practice service, idle: CPU", idle / IDLE * 100, 0.0, "%"),
    ]


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, Callable[[str, dict[str, object]], None]]]:
    """A service as fast as possible: its process id, and how to ask it and read the whole answer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "keytui", "practice", "--rate", "max", "--credit", "1000"],
        stdout=subprocess.PIPE,
        env=environment(folder),
    )
    try:
        assert process.stdout is not None
        handshake = json.loads(process.stdout.readline())
        connection = HTTPConnection(handshake["base_url"].removeprefix("http://").removesuffix("/v1"))

        def ask(path: str, body: dict[str, object]) -> None:
            headers = {"Authorization": f"Bearer {handshake['api_key']}"}
            connection.request("POST", path, json.dumps({"model": "gpt-6-luna", **body}), headers)
            body = connection.getresponse().read()
            assert body.rstrip().endswith(b"[DONE]") or b"event: response.completed" in body

        yield process.pid, ask
        connection.close()
    finally:
        process.terminate()
        process.communicate(timeout=20)


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def used(pid: int, what: Callable[[], None]) -> float:
    """Seconds of a process's CPU that one call takes, over many: the system counts in hundredths."""
    before = cpu(pid)
    for _ in range(ROUNDS):
        what()
    return (cpu(pid) - before) / ROUNDS


def dumping() -> float:
    """Seconds of CPU to make the JSON of 5,000 chunks, one by one."""
    start = time.process_time()
    for number in range(CHUNKS):
        choice = {"index": 0, "delta": {"content": f" word{number}"}, "logprobs": None, "finish_reason": None}
        chunk = {
            "id": "chatcmpl-0123456789012345678901234",
            "object": "chat.completion.chunk",
            "created": 1795435200,
            "model": "gpt-6-luna",
            "service_tier": "default",
            "system_fingerprint": None,
            "choices": [choice],
            "obfuscation": "0123456789",
        }
        json.dumps(chunk, separators=(",", ":")).encode()
    return time.process_time() - start
