"""A real HTTP proxy with sign-in, in a chat and in the probe."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from keytui.adapters.http import HttpClients
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.adapters.probe import Probe
from keytui.adapters.route import Routes
from keytui.domain.chat import ChatMessage, Failed, Finished, Question
from keytui.domain.probe import Stage, Verdict
from keytui.domain.secrets import Secret
from tests.support.certificates import authority
from tests.support.faulty import HEAD, Faulty, events, faulty_server, piece, reply

pytestmark = pytest.mark.real
KEY = "sk-proj-" + "aB3dE6gH9jK2mN5p" * 8


@pytest.fixture
def tinyproxy(tmp_path: Path, unused_tcp_port: int) -> Iterator[int]:
    program = shutil.which("tinyproxy")
    if program is None:
        pytest.skip("tinyproxy is not installed")
    file = tmp_path / "tinyproxy.conf"
    file.write_text(f"Port {unused_tcp_port}\nListen 127.0.0.1\nBasicAuth ann right\nTimeout 20\n")
    process = subprocess.Popen([program, "-d", "-c", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + 10
        while time.monotonic() < ends:
            with suppress(OSError), socket.create_connection(("127.0.0.1", unused_tcp_port), 1):
                break
            time.sleep(0.02)
        yield unused_tcp_port
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
async def test_a_chat_and_the_probe_through_tinyproxy(tinyproxy: int, tmp_path: Path, encrypted: bool) -> None:
    ours = authority(tmp_path)
    async with faulty_server(ours.server() if encrypted else None) as server:
        base_url = _answering(server).base_url.replace("127.0.0.1", "localhost")
        for signing, works in (("ann:right@", True), ("ann:wrong@", False), ("", False)):
            address = f"http://{signing}127.0.0.1:{tinyproxy}"
            http = HttpClients(Routes({"ALL_PROXY": address, "SSL_CERT_FILE": str(ours.file)}))
            gateway = OpenAIGateway(Secret(KEY), base_url, http)
            last = [event async for event in gateway.ask(Question("told", (ChatMessage("user", "hi"),)))][-1]
            await gateway.close()
            results = [result async for result in Probe(http, environment={}).route(base_url)]
            if works:
                assert last == Finished("stop")
                assert results[-1].verdict is Verdict.PASSED
            else:
                assert isinstance(last, Failed)
                # It closes on a body that it does not read, which may overtake its answer.
                assert last.trouble.id in ("proxy-sign-in", "proxy-closed")
                assert (results[-1].stage, results[-1].trouble and results[-1].trouble.id) == (
                    Stage.PROXY,
                    "proxy-sign-in",
                )


def _answering(server: Faulty) -> Faulty:
    server.on("/models", reply(200, {"data": [{"id": "told"}]}))
    server.on("/chat/completions", HEAD, events(piece("Hi", "stop"), "[DONE]"))
    return server
