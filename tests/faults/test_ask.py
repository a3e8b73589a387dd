"""Every fault, struck at ``keytui ask`` and at ``keytui keys verify``: an exit status, a sentence, and nothing else."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from keytui.cli import main
from keytui.domain import turn
from tests.faults.matrix import ANSWERS, DAMAGES, MARKER, Damage, release
from tests.support.faulty import HEAD, Faulty, Step, events, faulty_server, piece, reply, usage

DRIVING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
GOOD = HEAD + events(piece("All is well."), piece("", "stop"), usage(), "[DONE]")
ENDINGS = range(8)
"""The exit statuses that design.md names."""


@contextmanager
def answering(*steps: Step) -> Iterator[Faulty]:
    """A server in a thread of its own that answers every question so."""
    ready, loop, ends = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    found: list[Faulty] = []

    async def serve() -> None:
        async with faulty_server() as server:
            server.on("/chat/completions", *steps)
            server.on("/responses", reply(404, {"error": {"message": "Unknown URL", "code": "unknown_url"}}))
            server.on("/models", *steps)
            found.append(server)
            ready.set()
            await ends.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(ends.set)
        thread.join(10)
        loop.close()


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, server: Faulty, *arguments: str
) -> tuple[int, str, str]:
    monkeypatch.setenv("OPENAI_API_KEY", MARKER)
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    # Trying again is tested elsewhere, and would only take time here.
    assert turn.take_turn.__kwdefaults__ is not None
    monkeypatch.setitem(turn.take_turn.__kwdefaults__, "retries", 0)
    status = main(list(arguments))
    told = capsys.readouterr()
    return status, told.out, told.err


def assert_told(status: int, out: str, words: str) -> None:
    assert status in ENDINGS
    assert "Traceback" not in words
    assert MARKER not in out + words
    assert not DRIVING.search(words), words
    assert words.strip() or status == 0


@pytest.mark.parametrize("name", ANSWERS)
def test_a_question(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(*ANSWERS[name]) as server:
        status, out, words = run(capsys, monkeypatch, server, "ask", "-m", "gpt-6-luna", "And now?")
    assert_told(status, out, words)
    assert not DRIVING.search(out)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
@pytest.mark.parametrize(
    "command", [["ask", "-m", "gpt-6-luna", "And now?"], ["cost"], ["status"], ["keys"], ["paths"]]
)
def test_a_machine_that_is_not_as_it_should_be(
    damage: Damage,
    command: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    sealed: Path,
) -> None:
    damage.strike()
    try:
        before = {file: file.read_bytes() for file in sealed.rglob("*.toml")}
        with answering(GOOD) as server:
            status, out, words = run(capsys, monkeypatch, server, *command)
        assert_told(status, out, words or out)
        assert {file: file.read_bytes() for file in before} == before
        if command[0] == "ask" and status == 0:
            assert "All is well." in out
    finally:
        release()
