"""Every trouble that the wire can tell of: its signal over a real socket, through the real SDK, to the user's words."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.failures import Asked, signal_from
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.domain.chat import Capabilities, Refused
from keytui.domain.question import ChatMessage, Parameters, Question
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Trouble, explain, recognise
from keytui.domain.troubles.recognition import ROWS
from tests.adapters.openai.asking import KEY, QUESTION, ask
from tests.support.certificates import authority
from tests.support.faulty import CHUNKED, HANG, HEAD, RESET, Faulty, chunk, error, events, faulty_server, piece, reply
from tests.support.listening import listening
from tests.support.proxies import http_proxy, socks_proxy

HTML = "<!DOCTYPE html><html><body>Welcome to the hotel network</body></html>"

REFUSALS: dict[str, bytes] = {
    "project-spend-limit": error(429, "Limit reached", "project_spend_limit_exceeded"),
    "organization-spend-limit": error(429, "Limit reached", "organization_spend_limit_exceeded"),
    "tier-ceiling": error(429, "Limit reached", "organization_usage_limit_exceeded"),
    "free-tier": error(429, "Rate limit reached for gpt-6-astra: Limit 0, Used 0", "rate_limit_exceeded", "tokens"),
    "no-credit": error(429, "You exceeded your current quota.", None, "insufficient_quota"),
    "below-tier": error(400, "This model needs a higher usage tier.", "below_usage_tier"),
    "verification": error(
        403, "Your organization must be verified to use the model `gpt-6-astra`.", "unsupported_value", param="model"
    ),
    "not-a-member": error(
        401, "You must be a member of an organization to use the API.", None, "invalid_request_error"
    ),
    "country": error(
        403, "Country, region, or territory not supported", "unsupported_country_region_territory", "request_forbidden"
    ),
    "address-not-allowed": error(401, "Your IP is not authorized for this project.", "ip_not_authorized"),
    "residency": error(400, "Use the regional host.", "data_residency_mismatch"),
    "default-project": error(400, "Service accounts cannot be created in the default project."),
    "key-must-expire": error(400, "API keys in this organization must have an expiration of at most 90 days."),
    "service-account-keys-only": error(403, "User API keys are disabled: use service account keys."),
    "cannot-create": error(403, "You are not allowed to create project keys in this organization."),
    "project-archived": error(400, "The project is archived.", "project_archived"),
    "no-key": error(401, "You didn't provide an API key.", None, "invalid_request_error"),
    "not-an-admin-key": error(403, "You have insufficient permissions. Missing scopes: api.management.read."),
    "missing-scope": error(401, "You have insufficient permissions. Missing scopes: api.responses.write."),
    "key-expired": reply(401, {"error": {"message": "Authentication Error", "type": "expired_key", "code": "401"}}),
    "key-blocked": error(401, "Key is blocked. Update via `/key/unblock`", "401", "auth_error"),
    "invalid-key": error(401, f"Incorrect API key provided: {KEY[:12]}***{KEY[-4:]}.", "invalid_api_key"),
    "request-too-large": error(
        429, "Request too large for gpt-5 on tokens per min (TPM): Limit 30000, Requested 40000.", "rate_limit_exceeded"
    ),
    "context-too-long": error(400, "This model's maximum context length is 128000 tokens.", "context_length_exceeded"),
    "gateway-budget": reply(422, {"error": {"message": "Budget has been exceeded!", "type": "budget_exceeded"}}),
    "flex-busy": error(429, "No capacity", "resource_unavailable"),
    "slow-down": error(429, "Slow down", "slow_down", "rate_limit_error"),
    "rate-limited": error(429, "Rate limit reached", "rate_limit_exceeded", "requests", retry_after="3"),
    "long-wait": error(429, "Rate limit reached", "rate_limit_exceeded", "requests", retry_after="3600"),
    "model-not-found": error(404, "The model `gpt-6-luna` does not exist.", "model_not_found"),
    "tier-not-allowed": error(400, "Invalid service_tier argument for this project.", None, "invalid_request_error"),
    "parameter-not-taken": error(400, "Unsupported parameter: 'messages'.", "unsupported_parameter", param="messages"),
    "content-filter": error(400, "The response was filtered.", "content_filter"),
    "overloaded": error(503, "The engine is currently overloaded", "server_is_overloaded"),
    "server-error": error(500, "The server had an error while processing your request."),
    "gateway-database": error(400, "No connected db.", None, "no_db_connection"),
    # As LiteLLM 1.108.7 was seen to answer.
    "gateway-key": error(
        401,
        "litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided: sk-…rong. You "
        "can find your API key at https://platform.openai.com/account/api-keys.\n\nLiteLLM: model group 'a' failed "
        "with the error above. No fallback was attempted.",
        "401",
        "authentication_error",
    ),
    "gateway-upstream": error(
        500,
        "litellm.InternalServerError: InternalServerError: OpenAIException - Connection error.\n\nLiteLLM: model group "
        "'a' failed with the error above. No fallback was attempted.",
        "500",
        "internal_server_error",
    ),
    "redirected": reply(307, "", location="https://elsewhere.example/v1/chat/completions"),
    "web-page": reply(404, HTML, content="text/html"),
    "wrong-base-url": reply(404, "Not Found", content="text/plain"),
    "forbidden": reply(403, "Denied by rule 12", content="text/plain"),
    "bad-request": error(400, "Something about the request."),
    "answer-timeout": reply(408, "", content="text/plain"),
    "unknown": reply(418, "I am a teapot", content="text/plain"),
}

STREAMS: dict[str, tuple[bytes | str | float, ...]] = {
    "empty-answer": (HEAD,),
    "cut-answer": (CHUNKED, chunk(events(piece("Hel"))), RESET),
    "stalled-answer": (CHUNKED, chunk(events(piece("Hel"))), HANG),
    "reasoning-used-it-up": (HEAD, events(piece("", "length"), "[DONE]")),
    "garbled-answer": (HEAD, b"data: {not json}\n\n"),
    "connection-reset": (RESET,),
}

EXPLAINED = {
    "subscription-is-not-credit", "key-shown-once", "counts-differ", "unexpected-charge", "usage-page-empty",
    "no-free-tokens", "key-shadowed",
}  # fmt: skip
"""Nothing on the wire tells of these: they are reached by their id."""


def is_told(trouble: Trouble, trouble_id: str) -> None:
    """The trouble is the expected one, with words to read and a next step."""
    assert trouble.id == trouble_id, trouble
    assert trouble.title.endswith(".")
    assert len(trouble.remedy) > 20
    assert "{" not in trouble.title + trouble.remedy


@pytest.mark.parametrize("trouble_id", REFUSALS)
async def test_a_refusal_is_named(faulty: Faulty, trouble_id: str) -> None:
    faulty.on("/chat/completions", REFUSALS[trouble_id])
    is_told(await ask(faulty.base_url), trouble_id)


async def test_a_gateway_on_this_machine_is_not_taken_for_the_platform(faulty: Faulty) -> None:
    words = "litellm.RateLimitError: RateLimitError: OpenAIException - You exceeded your current quota, please check."
    faulty.on("/chat/completions", error(429, words, "429", "throttling_error"))
    trouble = await ask(faulty.base_url)
    is_told(trouble, "no-credit")
    assert trouble.page is None
    assert "ask whoever runs it" in trouble.remedy
    assert trouble.detail.startswith("429: litellm")


@pytest.mark.parametrize("trouble_id", STREAMS)
async def test_a_broken_answer_is_named(faulty: Faulty, trouble_id: str) -> None:
    faulty.on("/chat/completions", *STREAMS[trouble_id])
    is_told(await ask(faulty.base_url, answer_within=0.5), trouble_id)


async def test_an_admin_key_is_told_from_a_wrong_one(faulty: Faulty) -> None:
    faulty.on("/chat/completions", error(401, "Incorrect API key provided.", "invalid_api_key"))
    is_told(await ask(faulty.base_url, "sk-admin-" + "aB3d" * 20), "admin-key-for-chat")


@pytest.mark.parametrize(
    ("key", "trouble_id"),
    [("sk-proj-“quoted”" + "x" * 30, "key-not-ascii"), ("sk-proj-abc\n" + "x" * 30, "key-malformed"), ("", "no-key")],
)
async def test_a_key_that_cannot_be_sent_is_not_sent(faulty: Faulty, key: str, trouble_id: str) -> None:
    trouble = await ask(faulty.base_url, key or "", environment={}) if key else await no_key(faulty)
    is_told(trouble, trouble_id)
    assert faulty.requests == []


async def no_key(faulty: Faulty) -> Trouble:
    gateway = OpenAIGateway(Secret(""), faulty.base_url, HttpClients(Routes({})))
    with pytest.raises(Refused) as refused:
        await gateway.models()
    return refused.value.trouble


async def test_no_exact_count(faulty: Faulty) -> None:
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    with pytest.raises(Refused) as refused:
        await gateway.count(QUESTION)
    await gateway.close()
    is_told(refused.value.trouble, "no-exact-count")
    assert gateway.capabilities.count is False


async def test_nothing_listens(unused_tcp_port: int) -> None:
    is_told(await ask(f"http://127.0.0.1:{unused_tcp_port}/v1"), "connection-refused")


async def test_a_name_that_is_not_known() -> None:
    is_told(await ask("http://no-such-host.invalid/v1"), "name-unknown")


async def test_a_connection_that_does_not_come_about(faulty: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    # A plain listener accepts the connection and never answers the beginning of the encryption.
    monkeypatch.setattr("keytui.adapters.network.transport.CONNECT_WITHIN", 0.3)
    faulty.on("/never", HANG)
    is_told(await ask(f"https://127.0.0.1:{faulty.port}/v1"), "connect-timeout")


async def test_an_answer_that_does_not_begin(faulty: Faulty) -> None:
    faulty.on("/chat/completions", HANG)
    is_told(await ask(faulty.base_url, answer_within=0.3), "answer-timeout")


async def test_encryption_where_there_is_none() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")

    async with listening(plain) as port:
        is_told(await ask(f"https://127.0.0.1:{port}/v1"), "tls-failed")


# Certificates.


async def test_certificates(tmp_path: Path) -> None:
    ours = authority(tmp_path)
    trusted = {"SSL_CERT_FILE": str(ours.file)}
    async with faulty_server(ours.server()) as server:
        server.on("/chat/completions", HEAD, events(piece("Hi", "stop"), "[DONE]"))
        is_told(await ask(server.base_url), "certificate-untrusted")
        gateway = OpenAIGateway(Secret(KEY), server.base_url, HttpClients(Routes(trusted)))
        assert type([event async for event in gateway.ask(QUESTION)][-1]).__name__ == "Finished"
        await gateway.close()
    async with faulty_server(ours.server(expired=True)) as server:
        is_told(await ask(server.base_url, environment=trusted), "certificate-expired")
    async with faulty_server(ours.server("other.example")) as server:
        is_told(await ask(server.base_url, environment=trusted), "certificate-name")


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE"])
@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_certificates_that_cannot_be_read(tmp_path: Path, variable: str, content: str | None) -> None:
    file = tmp_path / "company.pem"
    if content is not None:
        file.write_text(content)
    is_told(await ask("https://localhost:1/v1", environment={variable: str(file)}), "certificate-file-missing")


async def test_a_missing_certificate_file_is_no_matter_without_encryption(faulty: Faulty) -> None:
    faulty.on("/chat/completions", error(401, "Incorrect API key provided.", "invalid_api_key"))
    is_told(await ask(faulty.base_url, environment={"SSL_CERT_FILE": "/nowhere.pem"}), "invalid-key")


# Proxies.


@pytest.mark.parametrize(
    "address", ["socks4://127.0.0.1:1080", "socks://127.0.0.1:1080", "http://127.0.0.1:0", "http://h:x"]
)
async def test_a_proxys_address_that_cannot_be_used(address: str) -> None:
    is_told(await ask("http://localhost:1/v1", environment={"ALL_PROXY": address}), "proxy-address")


async def test_a_proxy_that_is_not_there(unused_tcp_port: int) -> None:
    proxy = f"http://ann:hunter2@127.0.0.1:{unused_tcp_port}"
    trouble = await ask("http://localhost:1/v1", environment={"HTTP_PROXY": proxy})
    is_told(trouble, "proxy-unreachable")
    assert "hunter2" not in repr(trouble)
    assert "ann:…@127.0.0.1" in trouble.title


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_http_proxy_that_asks_for_a_sign_in(tmp_path: Path, scheme: str) -> None:
    async with http_proxy(sign_in="ann:right") as proxy:
        for signing in ("", "ann:wrong@"):
            environment = {"ALL_PROXY": f"http://{signing}127.0.0.1:{proxy.port}"}
            is_told(await ask(f"{scheme}://localhost:1/v1", environment=environment), "proxy-sign-in")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_http_proxy_that_refuses(scheme: str) -> None:
    async with http_proxy(forbid=True) as proxy:
        environment = {"ALL_PROXY": f"http://127.0.0.1:{proxy.port}"}
        is_told(await ask(f"{scheme}://localhost:1/v1", environment=environment), "proxy-refused")


async def test_a_socks_proxy_that_asks_for_a_sign_in() -> None:
    async with socks_proxy(sign_in="ann:right") as proxy:
        for signing in ("", "ann:wrong@"):
            environment = {"ALL_PROXY": f"socks5h://{signing}127.0.0.1:{proxy.port}"}
            is_told(await ask("http://localhost:1/v1", environment=environment), "proxy-sign-in")


async def test_a_socks_proxy_that_refuses() -> None:
    async with socks_proxy(reply=5) as proxy:
        environment = {"ALL_PROXY": f"socks5://127.0.0.1:{proxy.port}"}
        is_told(await ask("http://localhost:1/v1", environment=environment), "proxy-refused")


async def test_a_proxy_that_closes(faulty: Faulty) -> None:
    faulty.on("/chat/completions", RESET)
    environment = {"ALL_PROXY": f"http://127.0.0.1:{faulty.port}"}
    is_told(await ask("http://localhost:1/v1", environment=environment), "proxy-closed")


async def test_an_http_proxy_addressed_as_a_socks_proxy(faulty: Faulty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keytui.adapters.network.transport.CONNECT_WITHIN", 0.3)
    faulty.on("/never", HANG)
    environment = {"ALL_PROXY": f"socks5://127.0.0.1:{faulty.port}"}
    is_told(await ask("http://localhost:1/v1", environment=environment), "proxy-is-not-socks")


# What does not come over a socket.


def below(text: str, kind: type[BaseException] = RuntimeError) -> Trouble:
    return recognise(signal_from(kind(text), Asked("vault", "https://api.openai.com/v1")))


def test_causes_without_a_socket() -> None:
    class NoKeyringError(RuntimeError):
        """Named as the keyring library's."""

    is_told(below("No recommended backend was available.", NoKeyringError), "keyring-missing")
    is_told(below("Can't store password on keychain: (-25308, 'Unknown Error')"), "keyring-locked")
    is_told(below("Using SOCKS proxy, but the 'socksio' package is not installed.", ImportError), "socks-missing")
    is_told(below("GET https://openaipublic.blob.core.windows.net/…: timed out"), "tokenizer-blocked")
    is_told(
        below("Request URL is missing an 'http://' or 'https://' protocol. UnsupportedProtocol"), "base-url-malformed"
    )
    is_told(below("[Errno 101] Network is unreachable", OSError), "unreachable")
    is_told(below("the way broke", OSError), "connection-failed")
    is_told(below("'str' object has no attribute 'choices'", AttributeError), "garbled-answer")


@pytest.mark.parametrize("trouble_id", sorted(EXPLAINED))
def test_what_only_an_explanation_reaches(trouble_id: str) -> None:
    is_told(explain(trouble_id), trouble_id)


def test_no_row_is_left_out() -> None:
    source = Path(__file__).read_text()
    assert [row.id for row in ROWS if f'"{row.id}"' not in source] == []


async def test_the_chain_of_a_failure_is_not_kept(faulty: Faulty) -> None:
    faulty.on("/models", error(401, f"Incorrect API key provided: {KEY}", "invalid_api_key"))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})))
    with pytest.raises(Refused) as refused:
        await gateway.models()
    await gateway.close()
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    assert KEY not in repr(refused.value.trouble)


def test_ssl_is_never_switched_off() -> None:
    route = Routes({}).taken("https://localhost/v1")
    context = HttpClients(Routes({})).trust(route)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


async def test_a_dropped_parameter_is_no_trouble(faulty: Faulty) -> None:
    faulty.on("/chat/completions", error(400, "Unsupported parameter", "unsupported_parameter", param="temperature"))
    faulty.on("/chat/completions", HEAD, events(piece("Hi", "stop"), "[DONE]"))
    question = Question("m", (ChatMessage("user", "hi"),), parameters=Parameters(temperature=1.0))
    gateway = OpenAIGateway(Secret(KEY), faulty.base_url, HttpClients(Routes({})), remembered=Capabilities())
    last = [event async for event in gateway.ask(question)][-1]
    await gateway.close()
    assert getattr(last, "dropped", None) == ("temperature",)
