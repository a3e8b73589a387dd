"""``keytui practice`` as a process: its first line, its options, and every way in which it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from openai import DefaultHttpx2Client, OpenAI

COMMAND = [sys.executable, "-m", "keytui", "practice"]


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "KEYTUI_HOME": str(home)}


@contextmanager
def running(home: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(home)
    )
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate(timeout=20)


@contextmanager
def client_for(handshake: dict[str, Any]) -> Iterator[OpenAI]:
    with OpenAI(
        api_key=handshake["api_key"],
        admin_api_key=handshake["admin_key"],
        base_url=handshake["base_url"],
        max_retries=0,
        http_client=DefaultHttpx2Client(trust_env=False),
    ) as client:
        yield client


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_ended_and_ends_quietly(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, "--rate", "max", "--credit", "0.5") as (process, handshake):
        assert list(handshake) == ["base_url", "api_key", "admin_key"]
        assert handshake["admin_key"].startswith("sk-admin-")
        with client_for(handshake) as client:
            assert client.responses.create(model="gpt-6-luna", input="What is a token?").output_text
            assert list(client.admin.organization.projects.list())
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")


def test_it_ends_in_the_middle_of_an_answer(tmp_path: Path) -> None:
    with running(tmp_path, "--rate", "20") as (process, handshake), client_for(handshake) as client:
        stream = client.responses.create(model="gpt-6-luna", input="[[tokens=5000]]", stream=True)
        next(iter(stream))
        process.terminate()
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_situation_is_in_force_from_the_start(tmp_path: Path) -> None:
    with (
        running(tmp_path, "--situation", "no-credit") as (_, handshake),
        client_for(handshake) as client,
        pytest.raises(Exception, match=r"credit|quota"),
    ):
        client.responses.create(model="gpt-6-luna", input="hello")


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "--port", port], capture_output=True, text=True, env=environment(tmp_path), timeout=60
        )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"port {port} is in use" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "70000"],
        ["--port", "x"],
        ["--rate", "0"],
        ["--rate", "fast"],
        ["--rate", "inf"],
        ["--credit", "-1"],
        ["--credit", "NaN"],
        ["--situation", "holiday"],
        ["surplus"],
    ],
)
def test_bad_arguments_are_named(tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from keytui.cli import practice

    with pytest.raises(SystemExit) as ended:
        practice.run(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            # Started from a thread that ends: the service belongs to the process, not to that thread.
            "import subprocess, sys, threading, time\n"
            "def start():\n"
            "    global child\n"
            "    child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)\n"
            "    child.stdout.readline()\n"
            "thread = threading.Thread(target=start)\n"
            "thread.start()\n"
            "thread.join()\n"
            "time.sleep(0.5)\n"
            "print(child.pid, child.poll(), flush=True)\n"
            "time.sleep(600)",
            *COMMAND,
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
    )
    try:
        assert parent.stdout is not None
        child, status = parent.stdout.readline().split()
        assert status == "None"
        assert alive(int(child))
    finally:
        parent.kill()
        parent.communicate(timeout=20)
    deadline = time.monotonic() + 20
    while alive(int(child)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(int(child))


def test_it_leaves_only_the_vocabulary_behind(tmp_path: Path) -> None:
    with running(tmp_path) as (process, _):
        process.terminate()
        process.wait(timeout=20)
    assert {path.parent.name for path in tmp_path.rglob("*") if path.is_file()} <= {"vocabulary"}
