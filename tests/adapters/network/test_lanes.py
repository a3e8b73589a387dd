"""Connections on which requests of other programs pass: by every route, used again when that is safe and never else."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from keytui.adapters.network import lane, wire
from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.lanes import Answer, Lanes
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.failures import Asked, signal_from
from keytui.domain.chat import Refused
from keytui.domain.own_route import LOOPBACK_TOO, OwnRoute, SignIn
from keytui.domain.secrets import Secret
from keytui.domain.troubles import recognise
from tests.support.certificates import authority
from tests.support.faulty import faulty_server, reply
from tests.support.listening import listening
from tests.support.proxies import http_proxy, socks_proxy

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@asynccontextmanager
async def lanes_to(base_url: str, own: OwnRoute | None = None) -> AsyncIterator[tuple[Lanes, HttpClients]]:
    clients = HttpClients(Routes({}, own or OwnRoute()), answer_within=20)
    made = clients.lanes(base_url)
    try:
        yield made, clients
    finally:
        made.close()


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[str, list[int]]]:
    """A server that keeps its connections; of each request, the number of the connection that it came on."""
    told = list(answers)
    came: list[int] = []
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        mine = connections
        while True:
            try:
                await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            came.append(mine)
            writer.write(told.pop(0))

    async with listening(serve) as port:
        yield f"http://127.0.0.1:{port}/v1", came


async def whole(answer: Answer) -> bytes:
    body = b""
    while lump := await answer.lump():
        body += lump
    answer.close()
    return body


async def ask(lanes: Lanes, method: str = "GET") -> tuple[int, bytes]:
    answer = await lanes.send(method, b"/models", [], b"")
    return answer.status, await whole(answer)


def through(port: int, scheme: str = "http", password: str | None = None, trusted: Path | None = None) -> OwnRoute:
    sign_in = None if password is None else SignIn("ann", Secret(password))
    return OwnRoute(f"{scheme}://127.0.0.1:{port}", LOOPBACK_TOO, str(trusted) if trusted else None, sign_in)


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not done():  # noqa: ASYNC110 - nothing is told
            await asyncio.sleep(0.005)


def trouble_of(failure: BaseException, base_url: str) -> str:
    if isinstance(failure, Refused):
        return failure.trouble.id
    return recognise(signal_from(failure, Asked("proxy", base_url))).id


async def test_a_connection_serves_one_request_after_another() -> None:
    async with answering(OK, OK, OK) as (url, came), lanes_to(url) as (lanes, _):
        for _ in range(3):
            assert await ask(lanes) == (200, b"ok")
    assert came == [1, 1, 1]


async def test_two_answers_at_once_are_never_on_one_connection() -> None:
    async with answering(OK, OK) as (url, came), lanes_to(url) as (lanes, _):
        first = await lanes.send("GET", b"/models", [], b"")
        second = await lanes.send("GET", b"/models", [], b"")
        assert (await whole(first), await whole(second)) == (b"ok", b"ok")
    assert came == [1, 2]


SPENT = {
    "it is to be closed": b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
    "a second answer that nobody asked for": OK + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil",
    "the beginning of a second answer": OK + b"HTTP/1.1 200 OK\r\ncontent-le",
    "bytes after the end": OK + b"\r\n\r\n!",
    "an older protocol": b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
}


@pytest.mark.parametrize("name", SPENT)
async def test_no_answer_is_taken_for_that_of_another_request(name: str) -> None:
    async with answering(SPENT[name], OK) as (url, came), lanes_to(url) as (lanes, _):
        assert await ask(lanes) == (200, b"ok")
        assert await ask(lanes) == (200, b"ok")
    assert came == [1, 2]


async def test_an_answer_that_was_not_read_to_its_end_is_not_waited_for() -> None:
    endless = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf"
    async with answering(endless, OK) as (url, came), lanes_to(url) as (lanes, _):
        answer = await lanes.send("GET", b"/models", [], b"")
        assert await answer.lump() == b"half"
        answer.close()
        assert await ask(lanes) == (200, b"ok")
    assert came == [1, 2]


async def test_words_in_between_are_not_the_answer() -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
    async with answering(early + OK, OK) as (url, came), lanes_to(url) as (lanes, _):
        answer = await lanes.send("GET", b"/models", [], b"")
        assert (answer.status, list(answer.headers)) == (200, [(b"content-length", b"2")])
        assert await whole(answer) == b"ok"
        assert await ask(lanes) == (200, b"ok")
    assert came == [1, 1]


async def test_a_head_alone_and_an_empty_answer_have_no_body() -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-length: 1234\r\n\r\n"
    empty = b"HTTP/1.1 204 No Content\r\n\r\n"
    async with answering(head, empty, OK) as (url, came), lanes_to(url) as (lanes, _):
        assert await ask(lanes, "HEAD") == (200, b"")
        assert await ask(lanes, "DELETE") == (204, b"")
        assert await ask(lanes) == (200, b"ok")
    assert came == [1, 2, 2]


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * (lane._LONGEST_HEAD + 1) + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nokk",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
    ids=["no HTTP", "another protocol", "an endless head", "two lengths", "two framings"],
)
async def test_what_is_no_answer_is_a_failure(said: bytes) -> None:
    async with answering(said) as (url, _), lanes_to(url) as (lanes, _):
        with pytest.raises(httpx2.RemoteProtocolError):
            await ask(lanes)


async def test_a_server_that_answers_early_gets_no_more_of_the_upload() -> None:
    stopped = asyncio.Event()
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        while not stopped.is_set():
            sent += 1
            yield b"x" * 1000
            await asyncio.sleep(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
        await reader.read()
        stopped.set()

    async with listening(serve) as port, lanes_to(f"http://127.0.0.1:{port}/v1") as (lanes, _):
        answer = await lanes.send("POST", b"/files", [], parts())
        assert (answer.status, await whole(answer)) == (413, b"no")
        await asyncio.wait_for(stopped.wait(), 10)
        assert sent > 0


async def test_an_idle_connection_that_the_server_closed_is_not_used_again() -> None:
    closed = asyncio.Event()
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        if connections == 1:
            await closed.wait()
            writer.close()

    async with listening(serve) as port, lanes_to(f"http://127.0.0.1:{port}/v1") as (lanes, _):
        assert await ask(lanes) == (200, b"ok")
        (idle,) = lanes._idle
        closed.set()
        await until(lambda: idle.closed)
        assert await ask(lanes) == (200, b"ok")
    assert connections == 2


async def test_an_idle_connection_is_closed_before_the_server_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keytui.adapters.network.lanes.KEPT", 0.01)
    async with answering(OK) as (url, _), lanes_to(url) as (lanes, _):
        assert await ask(lanes) == (200, b"ok")
        await until(lambda: not lanes._idle)
        assert not lanes._routes


# By every route.


async def test_the_next_request_goes_the_new_way() -> None:
    async with (
        answering(OK, OK, OK) as (url, came),
        http_proxy() as first,
        socks_proxy() as second,
        lanes_to(url) as (lanes, clients),
    ):
        assert await ask(lanes) == (200, b"ok")
        clients.adopt(through(first.port))
        assert await ask(lanes) == (200, b"ok")
        clients.adopt(through(second.port, "socks5h"))
        assert await ask(lanes) == (200, b"ok")
        assert (len(first.targets), len(second.targets)) == (1, 1)
    assert came == [1, 2, 3]


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h"])
@pytest.mark.parametrize("encrypted", [True, False])
async def test_through_a_proxy_with_sign_in(tmp_path: Path, scheme: str, encrypted: bool) -> None:
    ours = authority(tmp_path)
    proxy = http_proxy(sign_in="ann:right") if scheme == "http" else socks_proxy(sign_in="ann:right")
    context: ssl.SSLContext | None = ours.server() if encrypted else None
    async with faulty_server(context) as server, proxy as passing:
        server.on("/models", reply(200, b"{}"))
        own = through(passing.port, scheme, "right", ours.file)
        async with lanes_to(server.base_url, own) as (lanes, clients):
            assert await ask(lanes) == (200, b"{}")
            assert len(passing.targets) == 1
            clients.adopt(through(passing.port, scheme, "wrong", ours.file))
            if encrypted or scheme != "http":
                with pytest.raises(httpx2.ProxyError) as refused:
                    await ask(lanes)
                assert trouble_of(refused.value, server.base_url) == "proxy-sign-in"
            else:
                assert (await ask(lanes))[0] == 407
            clients.adopt(through(passing.port, scheme, "right"))
            if encrypted:
                with pytest.raises(httpx2.ConnectError) as untrusted:
                    await ask(lanes)
                assert trouble_of(untrusted.value, server.base_url) == "certificate-untrusted"
            assert len(server.requests) == 1
        if encrypted or scheme != "http":  # a plain request is passed whole by the proxy of these tests
            assert "proxy-authorization" not in server.requests[0].headers


async def test_a_proxy_that_hangs_is_named_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keytui.adapters.network.lanes.CONNECT_WITHIN", 0.3)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(serve) as port:
        for scheme in ("http", "socks5"):
            async with lanes_to("https://api.example.com/v1", through(port, scheme)) as (lanes, _):
                with pytest.raises(httpx2.ConnectTimeout) as hung:
                    await ask(lanes)
                clients = HttpClients(Routes({}, through(port, scheme)))
                shown = clients.proxy_of("https://api.example.com/v1")
                named = recognise(signal_from(hung.value, Asked("proxy", "https://api.example.com/v1", proxy=shown)))
                assert named.id.startswith("proxy-")


async def test_a_way_that_cannot_be_taken_is_explained_and_nothing_is_sent(tmp_path: Path) -> None:
    own = OwnRoute(certificates=str(tmp_path / "missing.pem"))
    async with lanes_to("https://api.example.com/v1", own) as (lanes, _):
        with pytest.raises(Refused) as refused:
            await ask(lanes)
        assert "certificate" in refused.value.trouble.title


# To the first address that answers.


async def test_an_address_that_says_nothing_does_not_keep_the_next_one_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up: list[str] = []
    really = wire._connect

    async def silent(number: str, port: int) -> wire.Line:
        if number != "127.0.0.9":
            return await really(number, port)
        try:
            return await asyncio.Future()
        finally:
            given_up.append(number)

    monkeypatch.setattr(wire, "_connect", silent)
    monkeypatch.setattr(wire, "_HEAD_START", 0.01)
    async with answering(OK) as (url, _):
        port = int(url.removesuffix("/v1").rpartition(":")[2])
        line = await wire.connect(["127.0.0.9", "127.0.0.1"], port)
        assert line.writer.get_extra_info("peername") == ("127.0.0.1", port)
        line.close()
        await until(lambda: given_up == ["127.0.0.9"])


async def test_the_failure_of_the_last_address_is_told(unused_tcp_port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        await wire.connect(["127.0.0.1", "127.0.0.1"], unused_tcp_port)
