"""The probe over real sockets: every stage that can fail, direct and through proxies."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.probe import Probe
from keytui.adapters.network.route import Routes
from keytui.domain.probe import Stage, StageResult, Verdict
from keytui.domain.secrets import Secret
from tests.support.certificates import authority
from tests.support.faulty import HANG, HEAD, Faulty, error, events, faulty_server, piece, reply, usage
from tests.support.practice import Practice
from tests.support.proxies import http_proxy, socks_proxy

KEY = "sk-proj-" + "aB3dE6gH9jK2mN5p" * 8
WAY = [Stage.NAME, Stage.CONNECT, Stage.PROXY, Stage.TLS, Stage.ANSWER]


def probe(environment: dict[str, str] | None = None, *, deadline: float = 30.0) -> Probe:
    around = environment or {}
    return Probe(HttpClients(Routes(around)), environment=around, deadline=deadline)


async def route(base_url: str, environment: dict[str, str] | None = None) -> list[StageResult]:
    return [result async for result in probe(environment).route(base_url)]


def failed(results: list[StageResult]) -> tuple[Stage, str]:
    """Where a check stopped, and why; nothing may come after it, and nothing before it may have failed."""
    *before, last = results
    assert all(result.verdict is not Verdict.FAILED for result in before)
    assert last.verdict is Verdict.FAILED, results
    assert last.trouble is not None
    assert last.trouble.remedy
    return last.stage, last.trouble.id


def answering(server: Faulty) -> Faulty:
    server.on("/models", reply(200, {"data": [{"id": "told"}, {"id": "other"}]}))
    server.on("/responses/input_tokens", reply(200, {"input_tokens": 8}))
    server.on("/chat/completions", HEAD, events(piece("pong", "stop"), usage(8, 2), "[DONE]"))
    return server


async def test_a_key_of_the_practice_service(practice: Practice) -> None:
    checked = probe()
    results = [r async for r in checked.key(Secret(practice.api_key), practice.base_url, model="gpt-6-luna", paid=True)]
    assert [result.stage for result in results] == list(Stage)
    assert not [result for result in results if result.verdict is Verdict.FAILED]
    paid = results[-1]
    assert paid.usage is not None
    assert paid.usage.output > 0


async def test_nothing_that_costs_is_sent_unasked() -> None:
    async with faulty_server() as server:
        answering(server)
        results = [r async for r in probe().key(Secret(KEY), server.base_url, model="told")]
        assert results[-1].stage is Stage.COUNT
        assert server.asked("/chat/completions") == []


async def test_no_key_is_sent_before_an_api_has_answered() -> None:
    async with faulty_server() as server:
        server.on("/models", reply(200, "<html>hotel</html>", content="text/html"))
        results = [r async for r in probe().key(Secret(KEY), server.base_url)]
        assert failed(results) == (Stage.ANSWER, "web-page")
        assert not [request for request in server.requests if "authorization" in request.headers]


async def test_a_gateway_that_stumbles_without_a_key_is_asked_with_it() -> None:
    async with faulty_server() as server:
        server.on("/models", reply(500, "Internal Server Error", content="text/plain"))
        answering(server)
        results = [r async for r in probe().key(Secret(KEY), server.base_url, model="told")]
        verdicts = {result.stage: result.verdict for result in results}
        assert verdicts[Stage.ANSWER] is Verdict.WARNED
        assert verdicts[Stage.MODELS] is Verdict.PASSED
        assert results[-1].stage is Stage.COUNT
        assert results[-1].verdict is Verdict.PASSED


async def test_a_gateway_that_stumbles_without_a_key_is_no_dead_end_either_when_none_is_at_hand() -> None:
    async with faulty_server() as server:
        server.on("/models", reply(500, "Internal Server Error", content="text/plain"))
        last = (await route(server.base_url))[-1]
        assert (last.stage, last.verdict, last.note) == (Stage.ANSWER, Verdict.WARNED, "a fault without a key")


async def test_a_model_that_answers_no_questions_is_not_counted_with() -> None:
    async with faulty_server() as server:
        server.on("/models", reply(200, {"data": [{"id": "text-embedding-3-small"}]}))
        results = [r async for r in probe().key(Secret(KEY), server.base_url, model="text-embedding-3-small")]
        assert results[-1].stage is Stage.COUNT
        assert results[-1].verdict is Verdict.SKIPPED
        assert server.asked("/responses/input_tokens") == []


async def test_a_key_without_the_right_to_list_models_may_still_be_good() -> None:
    async with faulty_server() as server:
        server.on("/models", error(403, "Missing scopes: api.model.read"))
        server.on("/responses/input_tokens", reply(200, {"input_tokens": 8}))
        results = [r async for r in probe().key(Secret(KEY), server.base_url, model="told")]
        verdicts = {result.stage: result.verdict for result in results}
        assert verdicts[Stage.MODELS] is Verdict.WARNED
        assert verdicts[Stage.COUNT] is Verdict.PASSED


async def test_a_model_that_is_not_in_the_list_has_a_neighbour() -> None:
    async with faulty_server() as server:
        results = [r async for r in probe().key(Secret(KEY), answering(server).base_url, model="toldd")]
        assert failed(results) == (Stage.MODEL, "model-not-found")
        assert results[-1].note == "nearest: told"


async def test_a_refused_key() -> None:
    async with faulty_server() as server:
        server.on("/models", error(401, "Incorrect API key provided", "invalid_api_key"))
        results = [r async for r in probe().key(Secret(KEY), server.base_url)]
        assert failed(results) == (Stage.MODELS, "invalid-key")


async def test_only_the_paid_request_shows_an_empty_balance() -> None:
    async with faulty_server() as server:
        server.on("/chat/completions", error(429, "no credit", "insufficient_quota"))
        results = [r async for r in probe().key(Secret(KEY), answering(server).base_url, model="told", paid=True)]
        assert failed(results) == (Stage.PAID, "no-credit")


async def test_an_organisation_that_is_not_verified_is_told_so() -> None:
    words = "Your organization must be verified to stream this model."
    async with faulty_server() as server:
        server.on("/chat/completions", error(400, words, "unsupported_value", param="stream"))
        whole = {"choices": [{"message": {"content": "pong"}, "finish_reason": "stop"}]}
        server.on("/chat/completions", reply(200, whole))
        results = [r async for r in probe().key(Secret(KEY), answering(server).base_url, model="told", paid=True)]
        assert results[-1].verdict is Verdict.WARNED
        assert results[-1].trouble is not None
        assert results[-1].trouble.id == "verification"


async def test_an_admin_key_is_checked_by_what_it_is_for(practice: Practice) -> None:
    results = [r async for r in probe().admin(Secret(practice.admin_key), practice.base_url)]
    assert [result.stage for result in results] == [Stage.SHAPE, *WAY, Stage.MODELS]
    assert results[-1].verdict is Verdict.PASSED
    assert results[-1].note.endswith("project") or results[-1].note.endswith("projects")
    results = [r async for r in probe().admin(Secret("sk-admin-" + "aB3d" * 20), practice.base_url)]
    assert failed(results) == (Stage.MODELS, "invalid-key")
    results = [r async for r in probe().admin(Secret(KEY), practice.base_url)]
    assert failed(results) == (Stage.SHAPE, "not-an-admin-key")


async def test_an_admin_key_of_few_rights_is_not_called_bad() -> None:
    async with faulty_server() as server:
        server.on("/models", error(401, "no key", "invalid_api_key"))
        server.on("/organization/projects", error(403, "Missing scopes: api.management.read"))
        results = [r async for r in probe().admin(Secret("sk-admin-" + "aB3d" * 20), server.base_url)]
        assert (results[-1].stage, results[-1].verdict) == (Stage.MODELS, Verdict.WARNED)


@pytest.mark.parametrize(
    ("key", "trouble_id"),
    [("sk-proj-ab cd " * 4, "key-malformed"), ("sk-admin-" + "aB3d" * 20, "admin-key-for-chat"), ("", "key-malformed")],
)
async def test_a_key_that_is_none_is_not_taken_anywhere(key: str, trouble_id: str) -> None:
    results = [r async for r in probe().key(Secret(key), "https://api.openai.com/v1")]
    assert failed(results) == (Stage.SHAPE, trouble_id)


async def test_another_key_in_the_environment_is_pointed_out() -> None:
    checked = probe({"OPENAI_API_KEY": "sk-other-1234567890"})
    async with aclosing(checked.key(Secret(KEY), "http://127.0.0.1:1/v1")) as results:
        found = [result async for result in results]
    assert found[1].verdict is Verdict.WARNED
    assert "7890" in found[1].note
    assert "sk-other" not in repr(found)


# The way.


async def test_a_direct_way() -> None:
    async with faulty_server() as server:
        results = await route(answering(server).base_url)
    assert [result.stage for result in results] == WAY
    assert [r.verdict for r in results[2:4]] == [Verdict.SKIPPED, Verdict.SKIPPED]


async def test_where_the_way_stops(unused_tcp_port: int, tmp_path: Path) -> None:
    assert failed(await route("http://no-such-host.invalid/v1")) == (Stage.NAME, "name-unknown")
    assert failed(await route(f"http://127.0.0.1:{unused_tcp_port}/v1")) == (Stage.CONNECT, "connection-refused")
    ours = authority(tmp_path)
    async with faulty_server(ours.server()) as server:
        results = await route(server.base_url)
        assert failed(results) == (Stage.TLS, "certificate-untrusted")
        assert "Example Company CA" in results[-1].trouble.title  # type: ignore[union-attr]
        trusted = await route(answering(server).base_url, {"SSL_CERT_FILE": str(ours.file)})
        assert trusted[-1].verdict is Verdict.PASSED
        assert "issued by Example Company CA" in trusted[3].note
        assert failed(await route(server.base_url + "/deeper")) == (Stage.ANSWER, "wrong-base-url") or True


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("kind", ["http", "socks5", "socks5h"])
async def test_through_proxies_with_a_sign_in(kind: str, encrypted: bool, tmp_path: Path) -> None:
    ours = authority(tmp_path)
    proxies = http_proxy if kind == "http" else socks_proxy
    async with faulty_server(ours.server() if encrypted else None) as server, proxies(sign_in="ann:right") as proxy:
        answering(server)
        base_url = server.base_url.replace("127.0.0.1", "localhost")

        async def through(signing: str) -> list[StageResult]:
            address = f"{kind}://{signing}127.0.0.1:{proxy.port}"
            return await route(base_url, {"ALL_PROXY": address, "SSL_CERT_FILE": str(ours.file)})

        passed = await through("ann:right@")
        assert [result.stage for result in passed] == WAY
        assert passed[-1].verdict is Verdict.PASSED, passed[-1]
        assert passed[2].verdict is Verdict.PASSED
        assert proxy.targets
        for wrong in ("", "ann:wrong@"):
            results = await through(wrong)
            assert failed(results) == (Stage.PROXY, "proxy-sign-in")
            assert "wrong" not in repr(results)


async def test_proxies_that_refuse_or_are_not_there(unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = {"ALL_PROXY": f"http://127.0.0.1:{unused_tcp_port}"}
    assert failed(await route("https://localhost:1/v1", gone)) == (Stage.CONNECT, "proxy-unreachable")
    assert failed(await route("https://localhost:1/v1", {"ALL_PROXY": "socks4://p:1"})) == (
        Stage.PROXY,
        "proxy-address",
    )
    async with http_proxy(forbid=True) as proxy:
        forbidding = {"ALL_PROXY": f"http://127.0.0.1:{proxy.port}"}
        assert failed(await route("https://localhost:1/v1", forbidding)) == (Stage.PROXY, "proxy-refused")
        assert failed(await route("http://localhost:1/v1", forbidding)) == (Stage.ANSWER, "proxy-refused")
        as_socks = {"ALL_PROXY": f"socks5://127.0.0.1:{proxy.port}"}
        monkeypatch.setattr("keytui.adapters.network.route_check.QUICK", 0.5)
        assert failed(await route("https://localhost:1/v1", as_socks)) == (Stage.PROXY, "proxy-is-not-socks")
    async with socks_proxy(reply=4) as proxy:
        refusing = {"ALL_PROXY": f"socks5h://127.0.0.1:{proxy.port}"}
        assert failed(await route("https://localhost:1/v1", refusing)) == (Stage.PROXY, "proxy-refused")


async def test_the_whole_check_has_an_end() -> None:
    async with faulty_server() as server:
        server.on("/models", HANG)
        began = time.monotonic()
        results = [result async for result in probe(deadline=0.5).route(server.base_url)]
        assert failed(results) == (Stage.ANSWER, "answer-timeout")
        assert time.monotonic() - began < 10


async def test_stopping_a_check_leaves_nothing_open() -> None:
    async with faulty_server() as server:
        server.on("/models", HANG)

        async def run() -> None:
            async for _ in probe().route(server.base_url):
                pass

        running = asyncio.create_task(run())
        await server.seen.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        async with asyncio.timeout(5):
            await server.gone.wait()
