"""``keytui ask`` as a user runs it: a process of its own, against a real server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keytui.adapters.ledger import SqliteLedger
from keytui.domain.ledger import Entry, Outcome
from keytui.domain.usage import Mark
from tests.support.practice import Practice, practice_service
from tests.support.sealed import clean


def around(home: Path, practice: Practice | None) -> dict[str, str]:
    environment = clean(os.environ, home)
    if practice is not None:
        environment |= {"OPENAI_API_KEY": practice.api_key, "OPENAI_BASE_URL": practice.base_url}
    return environment


def ask(
    home: Path, practice: Practice | None, *arguments: str, stdin: str | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "keytui", "ask", *arguments],
        env=around(home, practice) | more,
        input=stdin if stdin is not None else "",
        capture_output=True,
        text=True,
        timeout=60,
    )


def booked(home: Path) -> list[Entry]:
    data = home / "keytui" / "data"
    ledger = SqliteLedger(data / "keytui.db", journal=data / "ledger.journal", now=lambda: datetime.now(UTC))
    try:
        return list(ledger.latest())
    finally:
        ledger.close()


def test_the_answer_goes_to_stdout_and_its_cost_to_stderr(sealed: Path, practice: Practice) -> None:
    done = ask(sealed, practice, "-m", "gpt-6-luna", "What is a token?")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 20
    assert done.stdout.endswith("\n")
    assert done.stderr.startswith("gpt-6-luna · ")
    assert " billed out · " in done.stderr
    assert " · $0.000" in done.stderr
    (entry,) = booked(sealed)
    assert (entry.app, entry.outcome, entry.usage.mark) == ("ask", Outcome.FINISHED, Mark.BILLED)
    assert entry.cost is not None
    assert practice.api_key not in done.stderr


def test_a_question_with_a_key_in_it_is_sent_only_when_that_is_said(sealed: Path, practice: Practice) -> None:
    lost = "sk-ant-api03-" + "a1B2c3D4e5F6g7H8i9J0" * 3
    refused = ask(sealed, practice, "-m", "gpt-6-luna", "-", stdin=f"Why is {lost} refused?")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "looks like an Anthropic key" in refused.stderr
    assert "--allow-secret" in refused.stderr
    assert lost not in refused.stderr
    assert not (sealed / "keytui" / "data" / "keytui.db").exists()
    sent = ask(sealed, practice, "-m", "gpt-6-luna", "--allow-secret", f"Why is {lost} refused?")
    assert sent.returncode == 0, sent.stderr


def test_a_request_that_no_file_can_take_is_told(sealed: Path, practice: Practice) -> None:
    for name in ("keytui.db", "ledger.journal"):
        (sealed / "keytui" / "data" / name).mkdir(parents=True)
    done = ask(sealed, practice, "-m", "gpt-6-luna", "What is a token?")
    assert done.returncode == 0, done.stderr
    figures, missing = done.stderr.splitlines()
    assert " billed out · " in figures
    assert missing.startswith("The ledger could not take this request, so “keytui cost” lacks it. ")
    assert "keytui.db" in missing


def test_the_question_may_come_on_stdin(sealed: Path, practice: Practice) -> None:
    for arguments in (("-",), ()):
        done = ask(sealed, practice, "-m", "gpt-6-luna", *arguments, stdin="What is caching?\n")
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("stdin", ["", " \n"])
def test_an_empty_question_is_not_sent(sealed: Path, practice: Practice, stdin: str) -> None:
    done = ask(sealed, practice, "-", stdin=stdin)
    assert done.returncode == 2
    assert "empty" in done.stderr
    assert not booked(sealed)


def test_without_a_key_the_way_to_one_is_shown(sealed: Path) -> None:
    done = ask(sealed, None, "hello")
    assert done.returncode == 3
    assert "keytui keys add" in done.stderr


def test_a_name_that_no_key_has(sealed: Path, practice: Practice) -> None:
    done = ask(sealed, practice, "-k", "nobody", "hello")
    assert done.returncode == 2
    assert "nobody" in done.stderr


def test_troubles_are_told_with_their_exit_status(sealed: Path, practice: Practice, unused_tcp_port: int) -> None:
    wrong = ask(sealed, practice, "hello", OPENAI_API_KEY="sk-proj-" + "x9Y" * 30)
    assert wrong.returncode == 3
    assert "does not know this key" in wrong.stderr
    assert "x9Yx9Y" not in wrong.stderr
    gone = ask(sealed, practice, "hello", OPENAI_BASE_URL=f"http://127.0.0.1:{unused_tcp_port}/v1")
    assert gone.returncode == 6
    assert "Nothing listens" in gone.stderr
    unknown = ask(sealed, practice, "-m", "gpt-99", "hello")
    assert unknown.returncode == 1
    assert "gpt-99" in unknown.stderr


@contextmanager
def slow(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A question whose answer takes long, already begun."""
    with practice_service(home, "--rate", "20") as service:
        process = subprocess.Popen(
            [sys.executable, "-m", "keytui", "ask", "-m", "gpt-6-luna", "Tell me a lot about tokens"],
            env=around(home, service),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            assert process.stdout.read(1)
            yield process
        finally:
            process.kill()
            process.communicate()


def test_stopping_books_what_had_come_as_an_estimate(sealed: Path) -> None:
    with slow(sealed) as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    (entry,) = booked(sealed)
    assert (entry.outcome, entry.usage.mark) == (Outcome.STOPPED, Mark.ESTIMATED)
    assert entry.usage.output > 0


def test_a_reader_that_goes_away_is_no_crash(sealed: Path) -> None:
    with slow(sealed) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(20) == 1
        assert b"Traceback" not in process.stderr.read()
        process.stdout = None
    assert len(booked(sealed)) == 1


def test_it_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-m", "keytui", "ask", "--help"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "PROMPT" in done.stdout
    assert "exit status" in done.stdout
