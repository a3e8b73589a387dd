"""What the proxy does not let through, and how it says so."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import zlib
from collections.abc import Callable

import pytest
from openai import APIStatusError, AuthenticationError, DefaultHttpx2Client, OpenAI

from keytui.domain.keys import StoreUnreadable
from keytui.domain.secrets import Secret
from keytui.servers.metering.masking import Masking
from tests.servers.metering.conftest import REAL, Start
from tests.servers.metering.upstream import WAIT, Upstream, reply


@pytest.mark.parametrize("key", ["sk-keytui-unknown", REAL, "dummy"])
def test_an_unknown_local_key_is_refused_as_the_api_would(start: Start, told: Upstream, key: str) -> None:
    told.answer(reply(b"{}"))
    running = start(told.base_url)
    with client(running.base_url, key) as sdk, pytest.raises(AuthenticationError) as refused:
        sdk.models.list()
    assert refused.value.code == "invalid_api_key"
    assert key not in str(refused.value)
    assert told.heads == []
    assert running.ended() == []


def test_each_program_has_a_key_of_its_own(start: Start, told: Upstream) -> None:
    told.answer(reply(b'{"object": "list", "data": []}'))
    running = start(told.base_url)
    key = running.programs.add("my-tool", running.proxy._ports.now()).reveal()
    for one in (key, running.api_key):
        with client(running.base_url, one) as sdk:
            assert list(sdk.models.list()) == []
    while running.proxy.snapshot().now:  # the answer is whole a moment before the request is over
        pass
    shown = running.proxy.snapshot()
    assert [(use.name, use.requests, use.now) for use in shown.programs] == [("proxy", 1, 0), ("my-tool", 1, 0)]
    assert running.programs.remove("my-tool")
    with client(running.base_url, key) as sdk, pytest.raises(AuthenticationError):
        sdk.models.list()
    assert [entry.app for entry in running.ended()] == ["my-tool", "proxy"]


def test_a_damaged_list_of_keys_is_said_and_opens_nothing(start: Start, told: Upstream) -> None:
    running = start(told.base_url)
    running.programs._path.write_text("{")
    running.programs._path.chmod(0o600)
    with client(running.base_url, "sk-keytui-x") as sdk, pytest.raises(APIStatusError) as refused:
        sdk.models.list()
    assert refused.value.code == "keytui_local_keys"
    with pytest.raises(StoreUnreadable):
        running.programs.programs()


def test_it_does_not_listen_to_others_without_local_keys(start: Start) -> None:
    with pytest.raises(ValueError, match="outside the loopback"):
        start("http://127.0.0.1:9/v1", host="0.0.0.0")


TRICKS = {
    "two lengths": b"Content-Length: 4\r\nContent-Length: 40\r\n\r\nGET /v1/admin HTTP/1.1\r\n\r\n",
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/x HTTP/1.1\r\n\r\n",
    "odd chunks": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "space before colon": b"Content-Length : 4\r\n\r\nabcd",
    "a bare return": b"X-A: b\rAuthorization: Bearer other\r\n\r\n",
    "a null": b"X-A: b\x00c\r\n\r\n",
    "a negative length": b"Content-Length: -1\r\n\r\n",
}


@pytest.mark.parametrize("name", TRICKS)
def test_ambiguous_requests_go_nowhere(start: Start, told: Upstream, name: str) -> None:
    told.answer(reply(b"{}"))
    running = start(told.base_url)
    answers = raw(running.port, head("POST /v1/files HTTP/1.1", running.api_key) + TRICKS[name])
    assert answers.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), answers
    assert told.heads == []


PATHS = {
    "http://evil.example/v1/models": 404,
    "//evil.example/v1/models": 404,
    "/models": 404,
    "/": 404,
    "/v1": 404,
    "/v1/../admin": 400,
    "/v1/./models": 400,
    "/v1/%2e%2e/admin": 400,
    "/v1/a/%2E%2e%2f%2e./admin": 400,
    "/v1/..%5cadmin": 400,
    "/v1x/models": 404,
}


@pytest.mark.parametrize("path", PATHS)
def test_paths_that_lead_elsewhere_go_nowhere(start: Start, told: Upstream, path: str) -> None:
    told.answer(reply(b"{}"))
    running = start(told.base_url)
    answer = raw(running.port, head(f"GET {path} HTTP/1.1", running.api_key) + b"\r\n")
    assert answer.split(b" ")[1] == str(PATHS[path]).encode()
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"]
    assert told.heads == []


def test_a_header_cannot_bring_a_second_one_along(start: Start, told: Upstream) -> None:
    told.answer(reply(b"{}"))
    running = start(told.base_url)
    for smuggled in (b"\r\nAuthorization: Bearer sk-mine", b"\r\n Authorization: Bearer sk-mine"):
        raw(running.port, head("GET /v1/models HTTP/1.1", running.api_key) + b"X-A: one" + smuggled + b"\r\n\r\n")
    assert told.heads
    for sent in told.heads:
        assert sent.lower().count(b"\r\nauthorization:") == 1
        assert b"\r\nAuthorization: Bearer sk-mine" not in sent


def test_websockets_are_refused_in_words(start: Start, told: Upstream) -> None:
    running = start(told.base_url)
    upgrade = (
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n"
    )
    answer = raw(running.port, head("GET /v1/realtime HTTP/1.1", running.api_key) + upgrade)
    assert b"keytui_no_websocket" in answer


def test_the_real_key_is_in_no_answer(start: Start, told: Upstream) -> None:
    running = start("http://127.0.0.1:1/v1")
    for path in ("/v1/models", "/v1/../x", "/nowhere"):
        assert REAL.encode() not in raw(running.port, head(f"GET {path} HTTP/1.1", running.api_key) + b"\r\n")
    assert REAL not in repr(running.proxy.snapshot())
    assert all(REAL not in repr(entry) for entry in running.ended())


@pytest.mark.parametrize("at", [1, 20, len(REAL) - 1])
@pytest.mark.parametrize("first", [b"HTTP/1.1 401 No", b"HTTP/1.1 200 OK"], ids=["refusal", "stream"])
def test_the_real_key_is_not_passed_back_in_two_pieces(start: Start, told: Upstream, first: bytes, at: int) -> None:
    key, between = REAL.encode(), threading.Event()
    before, after = b'data: {"error": {"message": "I do not know ', b'"}}\n\n'
    told.answer(
        first + b"\r\ncontent-type: text/event-stream\r\nx-quoted: %b\r\n" % key,
        b"content-length: %d\r\n\r\n" % len(before + key + after),
        before + key[:at],
        between,
        key[at:] + after,
    )
    running = start(told.base_url)
    with socket.create_connection(("127.0.0.1", running.port), timeout=WAIT) as connection:
        connection.sendall(head("GET /v1/models HTTP/1.1", running.api_key) + b"Connection: close\r\n\r\n")
        answer = b""
        while b"I do not know" not in answer:
            answer += connection.recv(65_536)
        # The first piece has come through; the rest of the key comes by itself.
        between.set()
        while part := connection.recv(65_536):
            answer += part
    assert key not in answer
    assert answer.endswith(before + b"*" * len(key) + after)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, bytes], ids=["gzip", "deflate", "a lie"])
def test_the_real_key_is_not_passed_back_in_a_compressed_refusal(
    start: Start, told: Upstream, pack: Callable[[bytes], bytes]
) -> None:
    said = b'{"error": {"message": "Incorrect API key provided: %b", "code": "invalid_api_key"}}' % REAL.encode()
    body, encoding = pack(said), b"deflate" if pack is zlib.compress else b"gzip"
    told.answer(
        b"HTTP/1.1 401 No\r\ncontent-type: application/json\r\ncontent-encoding: %b\r\n" % encoding,
        b"content-length: %d\r\n\r\n" % len(body),
        body[:20],
        body[20:],
    )
    running = start(told.base_url)
    with client(running.base_url, running.api_key) as sdk, pytest.raises(AuthenticationError) as refused:
        sdk.models.list()
    assert "Incorrect API key provided: ****" in str(refused.value)
    assert REAL not in refused.value.response.text
    [entry] = running.ended()
    assert entry.error == "invalid_api_key"


@pytest.mark.parametrize(
    ("wanted", "passed"),
    [
        ("gzip, deflate, br, zstd", b"gzip, deflate"),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", b"gzip;q=0.8"),
        ("br", b"identity"),
        ("identity", b"identity"),
    ],
)
def test_programs_ask_for_no_compression_that_usage_cannot_be_read_in(
    start: Start, told: Upstream, wanted: str, passed: bytes
) -> None:
    told.answer(reply(b"{}"))
    running = start(told.base_url)
    raw(running.port, head("GET /v1/models HTTP/1.1", running.api_key) + f"Accept-Encoding: {wanted}\r\n\r\n".encode())
    assert b"accept-encoding: " + passed + b"\r\n" in told.heads[0].lower()


def test_a_key_that_breaks_off_is_masked_and_harmless_words_are_not_held_back() -> None:
    masking = Masking(Secret(REAL))
    assert masking.take(b"data: yes") == b"data: ye"
    assert masking.take(b"terday\n\n") == b"sterday\n\n"
    assert masking.take(b"sk-proj") == b""
    assert masking.end() == b"sk-proj"
    assert masking.take(b"to " + REAL[:-1].encode()) == b"to "
    assert masking.end() == b"*" * (len(REAL) - 1)


def client(base_url: str, key: str) -> OpenAI:
    http = DefaultHttpx2Client(trust_env=False)
    return OpenAI(api_key=key, base_url=base_url, max_retries=0, http_client=http)


def head(line: str, key: str) -> bytes:
    return f"{line}\r\nHost: x\r\nAuthorization: Bearer {key}\r\n".encode()


def raw(port: int, request: bytes) -> bytes:
    """All that comes back on one connection within a moment after the last byte."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection:
        connection.sendall(request)
        connection.settimeout(0.5)
        answer = b""
        try:
            while part := connection.recv(65_536):
                answer += part
        except (TimeoutError, ConnectionResetError):
            pass
        return answer
