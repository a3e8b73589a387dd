"""Every fault, struck at ``keytui ask`` and ``keytui keys verify``: an exit status, a sentence, and nothing else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from keytui.cli import main
from tests.faults.cell import DRIVING, complaint, nothing_but_answers
from tests.faults.matrix import FAULTS, MARKER, Fault
from tests.support.faulty import Faulty, faulty_server

LET_PASS = {"missing-scope", "a wrong content type", "a list"}
"""What does not speak against a key where it happens to a list of models."""

ENDINGS = range(8)
"""The exit statuses that design.md names."""


@pytest.fixture(scope="module")
def server() -> Iterator[Faulty]:
    """One server for all of them, in a thread of its own: a command has an event loop of its own as well."""
    with serving() as server:
        yield server


@contextmanager
def serving() -> Iterator[Faulty]:
    ready, loop, ends = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    found: list[Faulty] = []

    async def serve() -> None:
        async with faulty_server() as server:
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


@pytest.mark.parametrize(
    "command", [["ask", "-m", "gpt-6-luna", "And now?"], ["keys", "verify"]], ids=["ask", "verify"]
)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_has_a_status_and_a_sentence(
    fault: Fault,
    command: list[str],
    server: Faulty,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing_but_answers(server)
    with fault.at(server, "/chat/completions" if command[0] == "ask" else "/models") as base_url:
        status, out, words = run(capsys, monkeypatch, base_url, *command)
    assert status in ENDINGS
    assert not DRIVING.search(out)
    # The last words of a library, for whoever is asked for help, stand in brackets on a line of their own.
    sentences = "\n".join(line for line in words.splitlines() if not line.lstrip().startswith("("))
    assert not complaint(sentences + out, answer=status == 0)
    assert MARKER[8:40] not in words
    assert command[0] == "ask" or status != 0 or fault.name in LET_PASS


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, base_url: str, *arguments: str
) -> tuple[int, str, str]:
    """Status, what went to standard output, and what to standard error."""
    monkeypatch.setenv("OPENAI_API_KEY", MARKER)
    monkeypatch.setenv("OPENAI_BASE_URL", base_url)
    capsys.readouterr()
    if arguments[:2] == ("keys", "verify"):
        assert main(["keys", "import", "work", "--from", "environment:OPENAI_API_KEY", "--no-verify"]) == 0
        capsys.readouterr()
    status = main(list(arguments))
    told = capsys.readouterr()
    return status, told.out, told.err
