"""Clients follow a change of the route at once, and let running answers end on the old one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
import pytest

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.network.transport import FollowingTransport
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import Failed, Finished, TurnEvent
from keytui.domain.own_route import LOOPBACK_TOO, OwnRoute, SignIn
from keytui.domain.question import ChatMessage, Question
from keytui.domain.secrets import Secret
from tests.support.certificates import Authority, authority
from tests.support.faulty import HEAD, events, faulty_server, piece, reply
from tests.support.proxies import http_proxy, socks_proxy

KEY = "sk-proj-" + "aB3dE6gH9jK2mN5p" * 8
QUESTION = Question("told", (ChatMessage("user", "hi"),))


def through(port: int, scheme: str = "http", sign_in: SignIn | None = None) -> OwnRoute:
    return OwnRoute(f"{scheme}://127.0.0.1:{port}", LOOPBACK_TOO, sign_in=sign_in)


def two_authorities(folder: Path) -> tuple[Authority, Authority]:
    (folder / "other").mkdir()
    return authority(folder), authority(folder / "other")


async def last_of(gateway: OpenAIGateway) -> TurnEvent:
    return [event async for event in gateway.ask(QUESTION)][-1]


async def test_the_next_request_goes_the_new_way() -> None:
    async with faulty_server() as server, http_proxy(sign_in="ann:right") as first, socks_proxy() as second:
        server.on("/chat/completions", HEAD, events(piece("Hi", "stop"), "[DONE]"))
        http = HttpClients(Routes({}))
        gateway = OpenAIGateway(Secret(KEY), server.base_url, http)
        assert await last_of(gateway) == Finished("stop")
        assert first.targets == second.targets == []
        http.adopt(through(first.port, sign_in=SignIn("ann", Secret("right"))))
        assert await last_of(gateway) == Finished("stop")
        assert len(first.targets) == 1
        http.adopt(through(second.port, "socks5h"))
        assert await last_of(gateway) == Finished("stop")
        assert (len(first.targets), len(second.targets)) == (1, 1)
        http.adopt(OwnRoute())
        assert await last_of(gateway) == Finished("stop")
        assert (len(first.targets), len(second.targets)) == (1, 1)
        await gateway.close()


async def test_a_running_answer_ends_on_the_way_it_began_on() -> None:
    more = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nabc")
        await more.wait()
        writer.write(b"def")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    http = HttpClients(Routes({}))
    async with server, http.client(base_url) as client, http_proxy() as proxy:
        transport = client._transport
        assert isinstance(transport, FollowingTransport)
        async with client.stream("GET", base_url) as old:
            pieces = old.aiter_bytes()
            assert await anext(pieces) == b"abc"
            http.adopt(through(proxy.port))
            more.set()
            assert (await client.get(base_url)).content == b"abcdef"
            assert len(proxy.targets) == 1
            assert len(transport._left) == 1
            assert b"".join([part async for part in pieces]) == b"def"
        assert not transport._left


async def test_many_answers_begin_while_the_way_changes() -> None:
    async with faulty_server() as server, http_proxy() as proxy:
        server.on("/models", 0.01, reply(200, {"data": []}))
        http = HttpClients(Routes({}))
        async with http.client(server.base_url) as client:
            asked = [asyncio.create_task(client.get(f"{server.base_url}/models")) for _ in range(20)]
            await asyncio.sleep(0)
            http.adopt(through(proxy.port))
            asked += [asyncio.create_task(client.get(f"{server.base_url}/models")) for _ in range(20)]
            assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
            transport = client._transport
            assert isinstance(transport, FollowingTransport)
            assert not transport._left


async def test_a_way_that_cannot_be_taken_is_explained_and_can_be_corrected(tmp_path: Path) -> None:
    async with faulty_server() as server:
        server.on("/chat/completions", HEAD, events(piece("Hi", "stop"), "[DONE]"))
        around: dict[str, str] = {}
        http = HttpClients(Routes(around))
        gateway = OpenAIGateway(Secret(KEY), server.base_url, http)
        assert await last_of(gateway) == Finished("stop")
        around["ALL_PROXY"] = "socks4://127.0.0.1:1"
        failed = await last_of(gateway)
        assert isinstance(failed, Failed)
        assert failed.trouble.id == "proxy-address"
        del around["ALL_PROXY"]
        assert await last_of(gateway) == Finished("stop")
        await gateway.close()


async def test_extra_certificates_are_added_and_verification_stays_on(tmp_path: Path) -> None:
    ours, other = two_authorities(tmp_path)
    async with faulty_server(ours.server()) as server:
        server.on("/chat/completions", HEAD, events(piece("Hi", "stop"), "[DONE]"))
        http = HttpClients(Routes({}))
        gateway = OpenAIGateway(Secret(KEY), server.base_url, http)
        for certificates, trouble in (
            (None, "certificate-untrusted"),
            (str(ours.file), None),
            (str(other.file), "certificate-untrusted"),
            (str(tmp_path / "missing.pem"), "certificate-file-missing"),
            (str(ours.file), None),
        ):
            http.adopt(OwnRoute(certificates=certificates))
            last = await last_of(gateway)
            assert (last.trouble.id if isinstance(last, Failed) else None) == trouble
        await gateway.close()


async def test_extra_certificates_stand_beside_the_named_ones(tmp_path: Path) -> None:
    ours, other = two_authorities(tmp_path)
    http = HttpClients(Routes({"SSL_CERT_FILE": str(other.file)}, OwnRoute(certificates=str(ours.file))))
    for one in (ours, other):
        async with faulty_server(one.server()) as server, http.client(server.base_url) as client:
            server.on("/models", reply(200, {"data": []}))
            assert (await client.get(f"{server.base_url}/models")).status_code == 200


async def test_a_corrected_file_of_the_same_name_counts(tmp_path: Path) -> None:
    ours = authority(tmp_path)
    named = tmp_path / "company.pem"
    named.write_text("")
    http = HttpClients(Routes({}, OwnRoute(certificates=str(named))))
    route = http.routes.taken("https://localhost/v1")
    assert http.unusable(route) is not None
    named.write_text(ours.file.read_text())
    assert http.unusable(route) is None


async def test_closing_closes_every_way() -> None:
    async with faulty_server() as server:
        server.on("/models", reply(200, {"data": []}))
        client = HttpClients(Routes({})).client(server.base_url)
        await client.get(f"{server.base_url}/models")
        await client.aclose()
        with pytest.raises(RuntimeError):
            await client.get(f"{server.base_url}/models")
        assert isinstance(client, httpx2.AsyncClient)
