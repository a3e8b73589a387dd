"""``keytui proxy`` and ``keytui exec --proxy``, as users and their programs run them."""

from __future__ import annotations

import json
import os
import shutil
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

from tests.cli.keytui import keytui
from tests.support.practice import Practice

KEYTUI = [sys.executable, "-m", "keytui"]
ASK = '{"model": "gpt-6-luna", "messages": [{"role": "user", "content": "hi [[tokens=5]]"}]}'


@contextmanager
def running(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A proxy in a process of its own, and its first line."""
    process = subprocess.Popen(
        [*KEYTUI, "proxy", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise AssertionError(process.communicate(timeout=20)[1])
        yield process, json.loads(line)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def beside(practice: Practice) -> dict[str, str]:
    return {"OPENAI_API_KEY": practice.api_key, "OPENAI_BASE_URL": practice.base_url}


def apps() -> dict[str, int]:
    return {row["label"]: row["requests"] for row in rows_of_cost()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_ended(practice: Practice, number: signal.Signals) -> None:
    with running("--program", "my-tool", **beside(practice)) as (process, handshake):
        assert list(handshake) == ["base_url", "api_key"]
        assert handshake["api_key"].startswith("sk-keytui-")
        with OpenAI(**handshake, http_client=DefaultHttpx2Client(trust_env=False)) as sdk:  # type: ignore[arg-type]
            assert sdk.responses.create(model="gpt-6-luna", input="hi").output_text
        process.send_signal(number)
        out, words = process.communicate(timeout=20)
        assert (process.returncode, out) == (0, "")
        assert practice.api_key not in words
    assert apps() == {"my-tool": 1}


def test_it_needs_no_account_in_practice() -> None:
    with running("--practice") as (_, handshake), OpenAI(**handshake, max_retries=0) as sdk:  # type: ignore[arg-type]
        assert sdk.chat.completions.create(model="gpt-6-luna", messages=[{"role": "user", "content": "hi"}]).choices
    assert apps() == {}, "practice is not booked among what is real"


def test_programs_are_added_listed_and_removed(practice: Practice) -> None:
    added = keytui("proxy", "--add-program", "llm")
    assert (added.status, list(added.data)) == (0, ["program", "api_key"])
    assert keytui("proxy", "--add-program", "llm").status == 1
    assert [row["program"] for row in keytui("proxy", "--programs").data] == ["llm"]
    with running(**beside(practice)) as (_, handshake):
        http = DefaultHttpx2Client(trust_env=False)
        with OpenAI(base_url=handshake["base_url"], api_key=added.data["api_key"], http_client=http) as sdk:
            assert sdk.models.list().data
    assert keytui("proxy", "--remove-program", "llm").status == 0
    assert keytui("proxy", "--remove-program", "llm").status == 1
    assert keytui("proxy", "--programs").data == []


@pytest.mark.parametrize(
    "arguments",
    [["--port", "x"], ["--port", "70000"], ["--add-program", "a b"], ["--max-parallel", "-1"], ["surplus"]],
)
def test_bad_arguments_are_named(arguments: list[str]) -> None:
    ran = keytui("proxy", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert arguments[0] in ran.words


def test_what_keeps_it_from_starting_is_one_sentence(practice: Practice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = str(other.getsockname()[1])
        ran = keytui("proxy", "--port", taken, environment=beside(practice))
    assert (ran.status, ran.out) == (1, "")
    assert f"port {taken} is in use" in ran.words
    assert keytui("proxy").status == 3
    assert keytui("proxy", "-k", "nobody").status == 2
    open_to_all = keytui("proxy", "--host", "0.0.0.0", environment=beside(practice))
    assert open_to_all.status == 1
    assert "--add-program" in open_to_all.words


def proxies_of(folder: Path) -> list[int]:
    """Proxies that were started with this folder as keytui's home."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if (
                b"exec.proxy" in (process / "cmdline").read_bytes()
                and str(folder).encode() in (process / "environ").read_bytes()
            ):
                found.append(int(process.name))
        except (OSError, ValueError):
            continue
    return found


def wait_for_none(folder: Path) -> None:
    deadline = time.monotonic() + 20
    while proxies_of(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert proxies_of(folder) == []


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_through_exec(practice: Practice, sealed: Path) -> None:
    script = (
        'curl -sS "$OPENAI_BASE_URL/chat/completions" -H "Authorization: Bearer $OPENAI_API_KEY" '
        f"-H 'content-type: application/json' -d '{ASK}'"
    )
    ran = keytui("exec", "--proxy", "--", "sh", "-c", script, environment=beside(practice))
    assert (ran.status, ran.words) == (0, "")
    assert ran.data["object"] == "chat.completion"
    wait_for_none(sealed)
    assert apps() == {"sh": 1}


def test_cmd_gets_a_local_key_and_nothing_of_the_real_one(practice: Practice, sealed: Path) -> None:
    show = "import json, os, sys; print(json.dumps(dict(os.environ))); sys.exit(41)"
    around = {**beside(practice), "OPENAI_ORG_ID": "org-x", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "a.example"}
    ran = keytui("exec", "--proxy", "--", sys.executable, "-c", show, environment=around)
    assert ran.status == 41
    seen = ran.data
    assert seen["OPENAI_API_KEY"].startswith("sk-keytui-")
    assert seen["OPENAI_BASE_URL"].startswith("http://127.0.0.1:")
    assert "OPENAI_ORG_ID" not in seen
    assert practice.api_key not in ran.out
    assert seen["NO_PROXY"] == "a.example,127.0.0.1"
    wait_for_none(sealed)


def test_cmd_has_no_child_that_it_did_not_start(practice: Practice, sealed: Path) -> None:
    wait = "import os\ntry:\n    os.wait()\nexcept ChildProcessError:\n    print('none')"
    ran = keytui("exec", "--proxy", "--", sys.executable, "-c", wait, environment=beside(practice))
    assert (ran.status, ran.out) == (0, "none\n")
    wait_for_none(sealed)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_the_proxy_ends_with_cmd_however_that_ends(practice: Practice, sealed: Path, number: signal.Signals) -> None:
    code = (
        "import os, sys; from openai import OpenAI\n"
        "for _ in OpenAI().responses.create(model='gpt-6-luna', input='[[tokens=9000 rate=100]]', stream=True):\n"
        "    print('.', flush=True)"
    )
    process = subprocess.Popen(
        [*KEYTUI, "exec", "--proxy", "--", sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **beside(practice)},
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b".\n"
        os.kill(process.pid, number)
        assert process.wait(20) == -number
        process.stdout.close()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    wait_for_none(sealed)
    (row,) = rows_of_cost()
    assert (row["requests"], row["estimated"]) == (1, 1)
    assert float(row["cost"]) > 0


def test_a_command_that_does_not_exist_leaves_no_proxy(practice: Practice, sealed: Path) -> None:
    ran = keytui("exec", "--proxy", "--", "no-such-program-here", environment=beside(practice))
    assert ran.status == 127
    wait_for_none(sealed)


def rows_of_cost() -> list[dict[str, Any]]:
    return list(keytui("cost", "--by", "app", "--json").data["rows"])
