"""Chats and probes through proxies that were not written here, working and broken in each way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.probe import Probe
from keytui.adapters.network.route import Routes
from keytui.adapters.network.route_check import RE_SIGNED
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import Delta, Failed, Finished, TurnEvent
from keytui.domain.own_route import LOOPBACK_TOO, OwnRoute
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.question import ChatMessage, Question
from keytui.domain.secrets import Secret
from tests.support.certificates import Authority, authority
from tests.support.faulty import CHUNKED, HANG, HEAD, Faulty, chunk, events, faulty_server, piece, reply
from tests.support.intercepting import intercepting_proxy
from tests.support.proxy_programs import Program

KEY = "sk-proj-" + "aB3dE6gH9jK2mN5p" * 8
QUESTION = Question("told", (ChatMessage("user", "hi"),))
BOTH = (CHUNKED, chunk(events(piece("Hel"), piece("lo"))))


@dataclass
class Server:
    """An encrypted server whose authority nobody knows."""

    faulty: Faulty
    ours: Authority

    @property
    def base_url(self) -> str:
        return self.faulty.base_url

    @property
    def trusted(self) -> Path:
        return self.ours.file


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    ours = authority(tmp_path)
    async with faulty_server(ours.server()) as faulty:
        faulty.on("/models", reply(200, {"data": [{"id": "told"}]}))
        faulty.on("/chat/completions", HEAD, events(piece("Hello", "stop"), "[DONE]"))
        yield Server(faulty, ours)


@pytest.fixture(params=["tinyproxy", "microsocks", "ssh_socks"])
def proxy(request: pytest.FixtureRequest) -> Program:
    made = request.getfixturevalue(request.param)
    assert isinstance(made, Program)
    return made


@asynccontextmanager
async def gateway_by(own: OwnRoute, base_url: str) -> AsyncIterator[OpenAIGateway]:
    gateway = OpenAIGateway(Secret(KEY), base_url, HttpClients(Routes({}, own)))
    try:
        yield gateway
    finally:
        await gateway.close()


async def chat(own: OwnRoute, base_url: str) -> TurnEvent:
    async with gateway_by(own, base_url) as gateway:
        return [event async for event in gateway.ask(QUESTION)][-1]


async def walk(own: OwnRoute, base_url: str) -> StageResult:
    probe = Probe(HttpClients(Routes({}, own)), environment={}, deadline=20)
    return [result async for result in probe.route(base_url)][-1]


def trouble_of(last: TurnEvent | StageResult) -> str:
    trouble = last.trouble if isinstance(last, Failed | StageResult) else None
    assert trouble is not None, last
    assert trouble.title
    assert trouble.remedy
    assert "right" not in f"{trouble.title} {trouble.remedy}"
    return trouble.id


@pytest.mark.real
async def test_through_a_proxy(proxy: Program, server: Server) -> None:
    own = proxy.route(certificates=server.trusted)
    assert await chat(own, server.base_url) == Finished("stop")
    assert (await walk(own, server.base_url)).verdict is Verdict.PASSED


@pytest.mark.real
async def test_a_wrong_password(proxy: Program, server: Server) -> None:
    if proxy.password is None:
        own = OwnRoute(f"{proxy.scheme}://127.0.0.1:{proxy.port}", LOOPBACK_TOO, str(server.trusted))
        assert await chat(own, server.base_url) == Finished("stop")
        return
    own = proxy.route(password="wrong", certificates=server.trusted)
    # tinyproxy closes on a body that it does not read, which may overtake its answer.
    assert trouble_of(await chat(own, server.base_url)) in ("proxy-sign-in", "proxy-closed")
    last = await walk(own, server.base_url)
    assert (last.stage, trouble_of(last)) == (Stage.PROXY, "proxy-sign-in")
    assert server.faulty.requests == []


@pytest.mark.real
async def test_a_wrong_port(proxy: Program, server: Server, unused_tcp_port_factory: object) -> None:
    assert callable(unused_tcp_port_factory)
    own = proxy.route(port=unused_tcp_port_factory(), certificates=server.trusted)
    assert trouble_of(await chat(own, server.base_url)) == "proxy-unreachable"
    last = await walk(own, server.base_url)
    assert (last.stage, trouble_of(last)) == (Stage.CONNECT, "proxy-unreachable")


@pytest.mark.real
async def test_a_server_behind_it_that_is_not_trusted(proxy: Program, server: Server) -> None:
    assert trouble_of(await chat(proxy.route(), server.base_url)) == "certificate-untrusted"
    last = await walk(proxy.route(), server.base_url)
    assert (last.stage, trouble_of(last)) == (Stage.TLS, "certificate-untrusted")
    assert "Example Company CA" in last.note


@pytest.mark.real
async def test_a_proxy_that_hangs(proxy: Program, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keytui.adapters.network.transport.CONNECT_WITHIN", 0.5)
    monkeypatch.setattr("keytui.adapters.network.route_check.QUICK", 0.5)
    proxy.hang()
    own = proxy.route(certificates=server.trusted)
    assert trouble_of(await chat(own, server.base_url)).startswith("proxy-")
    last = await walk(own, server.base_url)
    assert last.stage is Stage.PROXY
    assert trouble_of(last).startswith("proxy-")


@pytest.mark.real
async def test_a_proxy_that_is_killed_in_the_middle(proxy: Program, server: Server) -> None:
    server.faulty.on_only("/chat/completions", *BOTH, HANG)
    own = proxy.route(certificates=server.trusted)
    text = ""
    async with gateway_by(own, server.base_url) as gateway:
        async for event in gateway.ask(QUESTION):
            if isinstance(event, Delta):
                text += event.text
                if text == "Hello":
                    proxy.kill()
    assert text == "Hello"
    assert trouble_of(event) == "cut-answer"
    last = await walk(own, server.base_url)
    assert (last.stage, trouble_of(last)) == (Stage.CONNECT, "proxy-unreachable")


# A proxy that opens encrypted traffic.

API = "https://api.openai.com/v1"
"""Nobody is contacted there: the proxy plays it."""


@asynccontextmanager
async def company(tmp_path: Path) -> AsyncIterator[tuple[Authority, Faulty]]:
    ours = authority(tmp_path)
    async with faulty_server() as faulty:
        faulty.on("/models", reply(200, {"data": [{"id": "told"}]}))
        faulty.on("/responses", reply(404, {"error": {"message": "Not Found"}}))
        faulty.on("/chat/completions", HEAD, events(piece("Hello", "stop"), "[DONE]"))
        yield ours, faulty


def through(port: int, certificates: Path | None = None) -> OwnRoute:
    return OwnRoute(f"http://127.0.0.1:{port}", certificates=str(certificates) if certificates else None)


async def test_a_company_that_re_signs_traffic_is_named_and_its_authority_can_be_trusted(tmp_path: Path) -> None:
    async with company(tmp_path) as (ours, faulty), intercepting_proxy(ours, faulty) as proxy:
        assert trouble_of(await chat(through(proxy.port), API)) == "certificate-untrusted"
        last = await walk(through(proxy.port), API)
        assert (last.stage, trouble_of(last)) == (Stage.TLS, "certificate-untrusted")
        assert last.note == "issued by Example Company CA"
        assert b"authorization" not in proxy.read.lower()
        own = through(proxy.port, ours.file)
        assert await chat(own, API) == Finished("stop")
        probe = Probe(HttpClients(Routes({}, own)), environment={}, deadline=20)
        results = {result.stage: result async for result in probe.route(API)}
        assert results[Stage.TLS].verdict is Verdict.WARNED
        assert results[Stage.TLS].note.endswith(f"issued by Example Company CA: {RE_SIGNED}")
        assert results[Stage.ANSWER].verdict is Verdict.PASSED
        assert set(proxy.targets) == {"api.openai.com:443"}


async def test_another_authority_does_not_help(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = authority(tmp_path / "other", "Another CA")
    async with company(tmp_path) as (ours, faulty), intercepting_proxy(ours, faulty) as proxy:
        assert trouble_of(await chat(through(proxy.port, other.file), API)) == "certificate-untrusted"
        assert faulty.requests == []


async def test_it_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keytui.adapters.network.transport.CONNECT_WITHIN", 0.3)
    monkeypatch.setattr("keytui.adapters.network.route_check.QUICK", 0.3)
    async with company(tmp_path) as (ours, faulty), intercepting_proxy(ours, faulty) as proxy:
        proxy.hangs = True
        own = through(proxy.port, ours.file)
        assert trouble_of(await chat(own, API)).startswith("proxy-")
        last = await walk(own, API)
        assert (last.stage, trouble_of(last)[:6]) == (Stage.PROXY, "proxy-")


async def test_it_resets_in_the_middle(tmp_path: Path) -> None:
    async with company(tmp_path) as (ours, faulty), intercepting_proxy(ours, faulty) as proxy:
        faulty.on_only("/responses", *BOTH, HANG)
        own = through(proxy.port, ours.file)
        proxy.resets_after = 20
        assert trouble_of(await chat(own, API))
        last = await walk(own, API)
        assert last.stage is Stage.ANSWER
        assert trouble_of(last)
