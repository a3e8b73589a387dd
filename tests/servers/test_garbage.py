"""Bytes that are no request, or nearly one: refused or hung up on, and the next caller is served as ever."""

from __future__ import annotations

import json
import logging
import socket
import urllib.request
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.servers.metering.conftest import REAL, Start, start, told
from tests.servers.metering.upstream import Upstream, reply
from tests.servers.practice.conftest import Served, shared, tokenizer

__all__ = ["shared", "start", "tokenizer", "told"]

BODY = json.dumps({"model": "gpt-6-luna", "messages": [{"role": "user", "content": "hello"}], "stream": True}).encode()
LONG = b"<long>"
"""Stands for more than a head may have; written out, an example that fails could not be read."""
ODD = [
    *(b"\r\n", b"\n", b"\0", b"\xff\xfe", b" HTTP/9.9", b"zzz\r\n", b"%00%2e%2e/", b"\r\n\r\n", LONG),
    *(b"Content-Length: -1\r\n", b"Content-Length: 999999\r\n", b"Transfer-Encoding: chunked\r\n"),
    *(b"Host: a\r\nHost: b\r\n", b"Expect: 100-continue\r\n", b"Upgrade: websocket\r\nConnection: upgrade\r\n"),
]
PIECES = st.sampled_from(ODD) | st.binary(min_size=1, max_size=30)
EDITS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 40), PIECES), min_size=1, max_size=4)
"""Where something is put, how many bytes it takes the place of, and what."""

QUICK = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def request(key: str) -> bytes:
    head = f"POST /v1/chat/completions?a=b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY


def spoilt(good: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, piece in edits:
        begin = at % (len(good) + 1)
        good = good[:begin] + piece + good[begin + length :]
    return good.replace(LONG, b"x" * 70_000)


def answer_to(port: int, data: bytes) -> bytes:
    """All that comes back when these bytes are all that is sent."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        try:
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
            while piece := line.recv(65_536):
                heard += piece
        except OSError:
            pass  # hung up on while it was still sending: what came before counts
    return heard


def assert_polite(heard: bytes) -> None:
    assert not heard or heard.startswith(b"HTTP/1.1 "), heard[:200]
    assert not heard.startswith(b"HTTP/1.1 500"), heard[:2000]
    assert b"Traceback" not in heard


def serves(base_url: str, key: str) -> bool:
    asked = urllib.request.Request(f"{base_url}/models", headers={"Authorization": f"Bearer {key}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(asked, timeout=20) as answer:
        return bool(answer.status == 200)


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No server logs an exception."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@QUICK
@given(EDITS)
def test_the_practice_service_outlives_any_bytes(
    quiet: None, shared: Served, edits: list[tuple[int, int, bytes]]
) -> None:
    base_url, key = shared.handshake.base_url, shared.handshake.api_key.reveal()
    port = int(base_url.removesuffix("/v1").rpartition(":")[2])
    assert_polite(answer_to(port, spoilt(request(key), edits)))
    assert serves(base_url, key)


def test_the_metering_proxy_outlives_any_bytes_and_keeps_the_real_key(
    quiet: None, start: Start, told: Upstream
) -> None:
    told.answer(reply(b'{"object": "list", "data": []}'))
    running = start(told.base_url)

    @QUICK
    @given(EDITS)
    def strike(edits: list[tuple[int, int, bytes]]) -> None:
        heard = answer_to(running.port, spoilt(request(running.api_key), edits))
        assert_polite(heard)
        assert REAL.encode() not in heard
        assert serves(running.base_url, running.api_key)

    strike()
    assert all(entry.key_id == "k1" for entry in running.ended())
