"""Every fault, struck at what another program asks through the metering proxy."""

from __future__ import annotations

import http.client
import json

from tests.faults.cell import GOOD, complaint, nothing_but_answers
from tests.faults.matrix import FAULTS, MARKER
from tests.faults.test_cli import serving
from tests.servers.metering.conftest import Running, Start, start

__all__ = ["start"]

ASKED = json.dumps({"model": "gpt-6-luna", "messages": [{"role": "user", "content": "hi"}], "stream": True}).encode()
BROKEN_OFF = 0
"""In place of a status: the answer ended before its end, as the server's did."""


def test_every_fault_comes_through_or_is_told_and_the_proxy_goes_on(start: Start) -> None:
    wrong: dict[str, str] = {}
    with serving() as server:
        nothing_but_answers(server)
        usual = start(server.base_url, MARKER)
        for fault in FAULTS:
            with fault.at(server, "/chat/completions") as base_url:
                status, body = through(usual if fault.way is None else start(base_url, MARKER))
            if MARKER[8:40].encode() in body:
                wrong[fault.name] = "the program sees the key"
            elif fault.way is not None and (problem := complaint(refusal(body))):
                wrong[fault.name] = f"{status}: {problem}"
            elif not 400 <= status < 600 and status not in (BROKEN_OFF, 200, 307, 308):
                wrong[fault.name] = f"{status}: {body[:80]!r}"
        server.on_only("/chat/completions", GOOD)
        status, body = through(usual)
        assert status == 200
        assert b"All is well." in body
        entries = usual.ended()
    assert not wrong
    assert len(entries) == len([fault for fault in FAULTS if fault.way is None]) + 1
    assert all(entry.usage.total >= 0 and (entry.cost is None or entry.cost.total >= 0) for entry in entries)
    assert entries[-1].usage.total == 11


def through(running: Running) -> tuple[int, bytes]:
    """Status and body of one request through the proxy."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
    headers = {"Authorization": f"Bearer {running.api_key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/v1/chat/completions", ASKED, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except http.client.IncompleteRead as cut:
        return BROKEN_OFF, cut.partial
    except (http.client.HTTPException, ConnectionError):
        return BROKEN_OFF, b""
    finally:
        connection.close()


def refusal(body: bytes) -> str:
    """The sentence of a refusal in OpenAI's shape."""
    return str(json.loads(body)["error"]["message"])
