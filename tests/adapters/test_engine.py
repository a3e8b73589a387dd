from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from keytui.adapters.engine.client import Engine, State
from keytui.adapters.engine.frames import Arrivals, Frame, Kind, encoded, pack, pack_texts, unpack_texts
from keytui.cli.engine import command
from keytui.domain.counting import LiveCounter
from keytui.tui.background import in_background
from tests.support.encoders import NASTY, encoder

PATIENT = 30.0
"""Seconds: a deadline for tests in which a busy machine must not matter."""


@asynccontextmanager
async def engine(
    words: list[str] | None = None, *, deadline: float = PATIENT, log: Path | None = None
) -> AsyncIterator[Engine]:
    """A started engine, closed with the block."""
    made = Engine(words or command(), deadline=deadline, log=log)
    made.start()
    try:
        yield made
    finally:
        made.close()


def scripted(script: str) -> list[str]:
    """An engine that misbehaves: a program that has the frames at hand."""
    begin = "import os, sys, time\nfrom keytui.adapters.engine.frames import *\n"
    return [sys.executable, "-c", begin + "def say(*frame): os.write(1, pack(Frame(*frame)))\n" + script]


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be fetched does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until(condition: object, seconds: float = 20.0) -> None:
    """Wait until a function is true."""
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # what is waited for happens in another process
            await asyncio.sleep(0.01)


# -- frames -------------------------------------------------------------------------------------


def test_frames_come_whole_however_they_are_cut() -> None:
    frames = [Frame(Kind.COUNT, 7, 1, b"abc" * 100), Frame(Kind.READY, 0, 0, b""), Frame(Kind.PIECES, 8, 0, b"\0")]
    data = b"".join(map(pack, frames))
    for size in (1, 5, 11, len(data)):
        arrivals = Arrivals()
        came = [frame for at in range(0, len(data), size) for frame in arrivals.take(data[at : at + size])]
        assert came == frames


def test_texts_travel_as_they_are_but_for_lone_surrogates() -> None:
    texts = ["", *NASTY, "", "\ud83d!", "\ud83d\ude00"]
    assert unpack_texts(pack_texts(texts)) == [*texts[:-2], "\ufffd!", "😀"]
    assert encoded("\ud83d\ude00") == "😀".encode()
    assert unpack_texts(pack_texts([])) == []


# -- counting -------------------------------------------------------------------------------------


async def test_counts_are_the_encoders_own_in_every_way_of_asking() -> None:
    texts = ["", "hello world", *NASTY, "word " * 30_000]
    async with engine() as counting:
        assert counting.count("too early") is None
        assert await counting.ready() is State.READY
        for name in ("o200k_base", "cl100k_base", "o200k_harmony"):
            expected = [encoder(name).count(text) for text in texts]
            assert await counting.count_many(texts, encoding=name) == expected
            assert [counting.count(text, encoding=name) for text in texts] == expected


async def test_what_is_asked_before_it_is_ready_is_answered_then() -> None:
    waiting = Engine(command())
    early = asyncio.ensure_future(waiting.count_many(["hello world"]))
    await asyncio.sleep(0)
    waiting.start()
    try:
        assert await asyncio.gather(early, waiting.count_many(["a", ""])) == [[2], [1, 0]]
    finally:
        waiting.close()


async def test_pieces_are_ids_and_bytes() -> None:
    text = "hello <|endoftext|> " + "".join(NASTY) * 3
    async with engine() as counting:
        pieces = await counting.pieces(text)
        assert [token for token, _ in pieces] == encoder("o200k_base").encode(text)
        assert b"".join(data for _, data in pieces) == text.encode()
        assert await counting.pieces("") == []


async def test_many_large_requests_at_once_come_back_each_to_its_asker() -> None:
    async with engine() as counting:
        sizes = [1, 300_000, 2, 200_000, 3, 100_000]
        counts = await asyncio.gather(*(counting.count_many(["word " * size]) for size in sizes))
        assert counts == [[encoder("o200k_base").count("word " * size)] for size in sizes]


async def test_a_giant_text_does_not_keep_a_small_one_waiting() -> None:
    async with engine() as counting:
        await counting.ready()
        giant = asyncio.ensure_future(counting.count_many(["a" * 3_000_000]))
        await asyncio.sleep(0.05)
        assert counting.count("hello world") == 2
        assert not giant.done()
        assert await giant == [375_000]


async def test_threads_count_while_the_loop_does() -> None:
    texts = [f"{NASTY[number % len(NASTY)]} {number}" for number in range(60)]
    true = [encoder("o200k_base").count(text) for text in texts]
    async with engine() as made:
        await made.ready()
        asked = [
            in_background(lambda part: [made.count_anywhere(text) for text in part], texts[n::3]) for n in range(3)
        ]
        counted = asyncio.gather(*asked)
        while not counted.done():
            assert [made.count(text) for text in texts[:2]] == true[:2]
            assert [made.count_anywhere(text) for text in texts[2:4]] == true[2:4]
            await asyncio.sleep(0)
        assert await counted == [true[n::3] for n in range(3)]


def test_a_thread_gets_no_count_once_the_loop_is_gone() -> None:
    async def started() -> Engine:
        async with engine() as made:
            return made

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run(started()).count_anywhere, "text").result() is None


async def test_a_counter_is_settled_while_it_is_edited() -> None:
    text = "Some words of a long letter. " * 20_000
    async with engine() as counting:
        await counting.ready()
        counter = LiveCounter(counting.count)
        counter.load(text)
        assert counter.pending
        settling = asyncio.ensure_future(counting.settle(counter))
        await asyncio.sleep(0.01)
        counter.edit_at(300_000, 7, "ä new part ")
        counter.append("b" * 50_000)
        await settling
        assert not counter.pending
        assert counter.total == encoder("o200k_base").count(counter.text)


async def test_a_cancelled_request_leaves_nothing_behind() -> None:
    async with engine() as counting:
        await counting.ready()
        asking = asyncio.ensure_future(counting.count_many(["word " * 100_000]))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await counting.count_many(["hello world"]) == [2]
        assert not counting._unanswered


def test_it_counts_without_an_event_loop() -> None:
    counting = Engine(command(), deadline=PATIENT)
    counting.start()
    try:
        until = time.monotonic() + 20
        while (count := counting.count("hello world")) is None and time.monotonic() < until:
            time.sleep(0.01)
        assert count == 2
    finally:
        counting.close()


# -- an engine that is slow -------------------------------------------------------------------------


async def test_a_busy_engine_does_not_keep_its_caller_and_late_answers_go_to_nobody_else() -> None:
    slow = scripted(
        "say(Kind.READY, 0, 0, b'o200k_base')\n"
        "sys.stdin.buffer.read(HEADER_SIZE + 8 + 1)\n"
        "sys.stdin.buffer.read(HEADER_SIZE + 8 + 2)\n"
        "say(Kind.COUNT, 1, 0, numbers([111])); say(Kind.COUNT, 2, 0, numbers([222]))\n"
        "sys.stdin.buffer.read(HEADER_SIZE + 8 + 3)\n"
        "say(Kind.COUNT, 3, 0, numbers([333]))\n"
        "sys.stdin.buffer.read()\n"
    )
    async with engine(slow, deadline=0.05) as counting:
        await counting.ready()
        assert counting.count("1") is None
        before = time.monotonic()
        assert [counting.count("another") for _ in range(100)] == [None] * 100
        assert time.monotonic() - before < 100 * 0.05
        assert await counting.count_many(["22"]) == [222]
        counting._deadline = PATIENT
        assert counting.count("333") == 333


async def test_a_request_that_fails_is_answered_roughly_and_the_next_exactly() -> None:
    failing = scripted(
        "say(Kind.READY, 0, 0, b'o200k_base')\n"
        "sys.stdin.buffer.read(HEADER_SIZE + 8 + 8)\n"
        "say(Kind.FAILED, 1, 0, b'')\n"
        "sys.stdin.buffer.read(HEADER_SIZE + 8 + 8)\n"
        "say(Kind.COUNT, 2, 0, numbers([5]))\n"
        "sys.stdin.buffer.read()\n"
    )
    async with engine(failing) as counting:
        assert await counting.count_many(["12345678"]) == [2]
        assert await counting.count_many(["12345678"]) == [5]


# -- an engine that ends ------------------------------------------------------------------------------


async def test_one_that_dies_is_started_again_and_asked_again() -> None:
    async with engine() as counting:
        await counting.ready()
        first = counting.pid
        assert first is not None
        asking = asyncio.ensure_future(counting.count_many(["a" * 2_000_000]))
        await asyncio.sleep(0.05)
        os.kill(first, signal.SIGKILL)
        assert await asking == [250_000]
        assert counting.state is State.READY
        assert counting.pid not in (None, first)


async def test_one_that_dies_twice_leaves_rough_counts() -> None:
    async with engine() as counting:
        for _ in range(2):
            await counting.ready()
            pid = counting.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            await until(lambda before=pid: counting.pid != before)
        assert await counting.ready() is State.ROUGH
        assert counting.count("12345") == 2
        assert await counting.count_many(["12345", ""]) == [2, 0]
        assert await counting.pieces("12345") == []
        counter = LiveCounter(counting.count)
        counter.load("word " * 100_000)
        await counting.settle(counter)
        assert not counter.pending
        with pytest.raises(RuntimeError):
            await counting.practice()


async def test_a_count_at_the_moment_of_death_waits_for_nothing() -> None:
    async with engine() as counting:
        await counting.ready()
        assert counting.pid is not None
        os.kill(counting.pid, signal.SIGSTOP)
        counting._deadline = 0.05
        assert counting.count("hello") is None
        os.kill(counting.pid, signal.SIGKILL)
        assert await counting.count_many(["hello world"]) == [2]


@pytest.mark.parametrize("words", [["/nowhere/at/all"], [sys.executable, "-c", "raise SystemExit('no engine')"]])
async def test_one_that_cannot_be_started_leaves_rough_counts(words: list[str]) -> None:
    async with engine(words) as counting:
        assert await counting.ready() is State.ROUGH
        assert counting.count("12345678") == 2


async def test_one_without_a_vocabulary_says_so() -> None:
    rough = scripted("say(Kind.READY, 0, 0, b'characters/4')\nsys.stdin.buffer.read()\n")
    async with engine(rough) as counting:
        assert await counting.ready() is State.ROUGH
        assert counting.count("12345678") == 2


async def test_its_words_of_trouble_go_to_the_log_and_not_to_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    async with engine([sys.executable, "-c", "raise SystemExit('no engine')"], log=log) as counting:
        await counting.ready()
    assert log.read_text() == "no engine\n" * 2
    assert log.stat().st_mode & 0o077 == 0
    assert capfd.readouterr() == ("", "")


async def test_closing_ends_it_at_once_and_closing_twice_is_nothing() -> None:
    async with engine() as counting:
        await counting.ready()
        pid = counting.pid
        assert pid is not None
        counting.close()
        assert not alive(pid)
        assert counting.pid is None
        counting.close()


async def test_closing_answers_whoever_waits() -> None:
    async with engine() as counting:
        asking = asyncio.ensure_future(counting.count_many(["12345678"]))
        await asyncio.sleep(0)
        counting.close()
        assert await asking == [2]


async def test_one_that_does_not_end_is_killed() -> None:
    deaf = scripted("say(Kind.READY, 0, 0, b'o200k_base')\nwhile True: time.sleep(9)\n")
    async with engine(deaf) as counting:
        await counting.ready()
        pid = counting.pid
        assert pid is not None
        counting.close()
        assert not alive(pid)


def test_closing_needs_no_event_loop_any_more() -> None:
    counting = Engine(command())

    async def use() -> int | None:
        counting.start()
        await counting.ready()
        return counting.pid

    pid = asyncio.run(use())
    assert pid is not None
    counting.close()
    assert not alive(pid)


def test_it_ends_with_its_parent_however_that_ends() -> None:
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True, env=here)
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    asyncio.run(until(lambda: not alive(pid)))


_PARENT = """
import asyncio, time
from keytui.adapters.engine.client import Engine
from keytui.cli.engine import command

async def main():
    engine = Engine(command())
    engine.start()
    await engine.ready()
    print(engine.pid, flush=True)
    time.sleep(60)

asyncio.run(main())
"""


async def test_an_interrupt_from_the_terminal_is_not_for_it() -> None:
    async with engine() as counting:
        await counting.ready()
        assert counting.pid is not None
        os.kill(counting.pid, signal.SIGINT)
        assert await counting.count_many(["hello world"]) == [2]
        assert counting.state is State.READY


async def test_nothing_in_the_current_folder_gets_into_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tiktoken.py").write_text("raise SystemExit('caught')")
    monkeypatch.chdir(tmp_path)
    async with engine() as counting:
        assert await counting.ready() is State.READY


# -- practice -----------------------------------------------------------------------------------------


async def test_the_practice_service_runs_in_it_and_keeps_its_address_through_a_restart() -> None:
    async with engine() as counting:
        first = await counting.practice(rate=None, credit="3.50")
        assert {*first} == {"base_url", "api_key", "admin_key"}
        assert await _models(first) > 0
        assert await counting.practice() == first
        assert counting.pid is not None
        os.kill(counting.pid, signal.SIGKILL)
        await until(lambda: counting.state is State.STARTING)
        assert await counting.practice() == first
        assert await _models(first) > 0
        assert counting.count("hello world") == 2


async def _models(handshake: dict[str, str]) -> int:
    """Ask the service for its models, as a client would."""
    host, port = handshake["base_url"].removeprefix("http://").removesuffix("/v1").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = f"GET /v1/models HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {handshake['api_key']}\r\n\r\n"
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return len(json.loads(answer.partition(b"\r\n\r\n")[2])["data"])


async def test_a_practice_service_that_cannot_run_says_so_and_counting_goes_on() -> None:
    async with engine() as counting:
        with pytest.raises(RuntimeError):
            await counting.practice(situation="no such situation")
        assert await counting.count_many(["hello world"]) == [2]
        assert (await counting.practice())["base_url"]
