"""What goes through the proxy is what would have gone without it, but for the key."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
import time

import pytest

from tests.servers.metering.conftest import REAL, Running, Start
from tests.servers.metering.upstream import END, STREAM, WAIT, Upstream, chunk, reply

CHAT = json.dumps({"model": "gpt-6-luna", "messages": [{"role": "user", "content": "hi"}]}).encode()
PACKED = gzip.compress(b'{"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}', mtime=0)
CHUNKED = STREAM.replace(b"text/event-stream", b"application/json")

ANSWERS = {
    "plain": ("POST", reply(b'{"id": "x", "choices": []}', x_request_id="req_1")),
    "packed": ("POST", reply(PACKED, content_encoding="gzip")),
    "an unknown packing": ("POST", reply(b"\x00\xffnot really brotli", content_encoding="br")),
    "a lie about its packing": ("POST", reply(b"not packed at all", content_encoding="gzip")),
    "empty": ("POST", reply()),
    "204": ("DELETE", b"HTTP/1.1 204 No Content\r\nx-request-id: req_2\r\nconnection: close\r\n\r\n"),
    "304": ("GET", b'HTTP/1.1 304 Not Modified\r\netag: "a"\r\nconnection: close\r\n\r\n'),
    "an error": ("POST", reply(b'{"error": {"message": "no", "code": "x"}}', "404 Not Found")),
    "rate limited": ("POST", reply(b"{}", "429 Too Many", retry_after="7", x_ratelimit_limit_requests="3")),
    "a page": ("POST", reply(b"<html>", "502 Bad Gateway", content_type="text/html")),
    "an odd status": ("POST", reply(b"cloud", "520 Odd")),
    "a redirect": ("POST", reply(b"", "307 Go", location="http://127.0.0.1:9/elsewhere")),
    "in chunks": ("POST", CHUNKED + chunk(b'{"a"') + chunk(b": 1}") + END),
    "until the line ends": ("POST", b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nas long as it is"),
    "two cookies": ("GET", reply(b"{}", set_cookie="a=1\r\nset-cookie: b=2")),
    "garbage": ("GET", reply(bytes(range(256)) * 40, content_type="application/octet-stream")),
    "a head only": ("HEAD", b"HTTP/1.1 200 OK\r\ncontent-length: 1234\r\nconnection: close\r\n\r\n"),
}
HOPS = {"connection", "transfer-encoding", "keep-alive"}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_comes_through_as_it_is(start: Start, told: Upstream, name: str) -> None:
    method, answer = ANSWERS[name]
    told.answer(answer)
    running = start(told.base_url)
    direct = ask(told.port, "any", method)
    through = ask(running.port, running.api_key, method)
    assert through == direct
    assert len(running.ended()) == 1


def test_a_request_goes_out_as_it_came_with_the_real_key(start: Start, told: Upstream) -> None:
    told.answer(reply(b"{}"))
    running = start(told.base_url, organization="org-ours", project="proj_ours")
    body = b'{ "model" : "gpt-6-luna",\n "messages":[], "unknown": "\\u00e9" }'
    headers = {
        "Authorization": f"Bearer {running.api_key}",
        "Content-Type": "application/json",
        "OpenAI-Organization": "org-of-somebody-else",
        "OpenAI-Project": "proj_of_somebody_else",
        "X-Stainless-Lang": "python",
        "OpenAI-Beta": "assistants=v2",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "mine",
        "Proxy-Authorization": "Basic abc",
    }
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=WAIT)
    connection.request("PATCH", "/v1/files/a%2Fb/odd%20name?x=1&y=%7B&empty=", body, headers)
    assert connection.getresponse().read() == b"{}"
    connection.close()
    line, *sent = told.heads[0].decode().split("\r\n")
    assert line == "PATCH /v1/files/a%2Fb/odd%20name?x=1&y=%7B&empty= HTTP/1.1"
    assert told.bodies == [body]
    names = dict(part.lower().split(": ", 1) for part in sent if part)
    assert names == {
        "host": f"127.0.0.1:{told.port}",
        "authorization": f"bearer {REAL.lower()}",
        "openai-organization": "org-ours",
        "openai-project": "proj_ours",
        "content-type": "application/json",
        "content-length": str(len(body)),
        "x-stainless-lang": "python",
        "openai-beta": "assistants=v2",
        "accept-encoding": "gzip, deflate",
    }
    assert running.api_key.encode() not in told.heads[0]


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_passes_as_it_comes(start: Start, told: Upstream, chunked: bool) -> None:
    told.answer(reply(b"{}"))
    running = start(told.base_url)
    parts = [bytes([number]) * 300_000 for number in range(8)]
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=WAIT)
    headers = {"Authorization": f"Bearer {running.api_key}", "Content-Type": "multipart/form-data; boundary=x"}
    if not chunked:
        headers["Content-Length"] = str(sum(map(len, parts)))
    connection.request("POST", "/v1/files", iter(parts), headers, encode_chunked=chunked)
    assert connection.getresponse().read() == b"{}"
    connection.close()
    assert told.bodies == [b"".join(parts)]


def test_a_stream_is_not_held_back(start: Start, told: Upstream) -> None:
    read = threading.Event()
    first, second = b'data: {"choices": []}\n\n', b"data: [DONE]\n\n"
    told.answer(STREAM + chunk(first), read, chunk(second) + END)
    running = start(told.base_url)
    connection = post(running, CHAT)
    answer = connection.getresponse()
    # The server says no more until this has arrived.
    assert answer.read(len(first)) == first
    read.set()
    assert answer.read() == second
    connection.close()


def test_a_long_stream_comes_through_to_the_byte(start: Start, told: Upstream) -> None:
    events = [b'data: {"n": %d, "x": "%s"}\n\n' % (number, b"y" * (number % 700)) for number in range(5_000)]
    told.answer(STREAM, *[chunk(event) for event in events], END)
    running = start(told.base_url)
    connection = post(running, CHAT)
    assert connection.getresponse().read() == b"".join(events)
    connection.close()


def test_a_slow_program_slows_the_server_down(start: Start, told: Upstream) -> None:
    passed = 0

    def count() -> None:
        nonlocal passed
        passed += 1

    block = chunk(b"data: " + b"x" * 65_536 + b"\n\n")
    told.answer(STREAM, *[part for _ in range(1_000) for part in (block, count)], END)
    running = start(told.base_url)
    connection = post(running, CHAT)
    answer = connection.getresponse()
    answer.read(10)
    seen = -1
    while passed != seen:  # until it stands still
        seen = passed
        time.sleep(0.3)
    assert passed < 800, "65 MB lie somewhere between a program that does not read and the server"
    assert len(answer.read()) == 1_000 * 65_544 - 10
    connection.close()


def test_an_answer_that_breaks_off_breaks_off(start: Start, told: Upstream) -> None:
    told.answer(STREAM + chunk(b'data: {"choices": [{"delta": {"content": "half a"}}]}\n\n'))
    running = start(told.base_url)
    connection = post(running, CHAT)
    answer = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    connection.close()
    (entry,) = running.ended()
    assert entry.outcome.value == "cut"
    assert entry.usage.input > 0
    assert entry.usage.output == 2


def test_a_server_that_is_not_there_is_named(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = start(f"http://127.0.0.1:{port}/v1")
    status, _, body = ask(running.port, running.api_key, "POST")
    error = json.loads(body)["error"]
    assert (status, error["code"]) == (502, "keytui_unreachable")
    assert REAL not in body.decode()
    (entry,) = running.ended()
    assert (entry.outcome.value, entry.cost and entry.cost.total) == ("failed", 0)


def test_what_surely_did_not_arrive_is_sent_again_only_when_asked(start: Start, told: Upstream) -> None:
    told.answer(reply(b"{}", "503 Busy", retry_after="0"))
    told.answer(reply(b'{"choices": []}'))
    running = start(told.base_url)
    assert ask(running.port, running.api_key, "POST")[0] == 503
    asked = start(told.base_url, retries=1)
    told.answers.insert(0, [reply(b"{}", "503 Busy", retry_after="0")])
    assert ask(asked.port, asked.api_key, "POST")[0] == 200
    assert len(told.heads) == 3
    assert len(asked.ended()) == 1


def ask(port: int, key: str, method: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of an answer; headers of one connection left out."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request(method, "/v1/chat/completions", CHAT if method == "POST" else None, headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    told = sorted((name.lower(), value) for name, value in answer.getheaders() if name.lower() not in HOPS)
    return answer.status, told, body


def post(running: Running, body: bytes) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=WAIT)
    headers = {"Authorization": f"Bearer {running.api_key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/chat/completions", body, headers)
    return connection
