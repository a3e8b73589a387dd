"""Every row of the collected first-key troubles: its real signal, and the essential words of what the user is told."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from keytui.adapters.network.http import HttpClients
from keytui.adapters.network.route import Routes
from keytui.adapters.openai.admin import OpenAIAdmin
from keytui.adapters.openai.failures import Asked, signal_from
from keytui.adapters.openai.gateway import OpenAIGateway
from keytui.adapters.vault.system_keyring import KeyringVault
from keytui.domain.chat import Refused
from keytui.domain.key_troubles import explain_known
from keytui.domain.keys import KeyState
from keytui.domain.secrets import Secret
from keytui.domain.troubles import Trouble, explain, recognise
from tests.adapters.keys_support import Home
from tests.adapters.openai.asking import KEY, ask
from tests.support.certificates import authority
from tests.support.faulty import HEAD, Faulty, error, events, faulty_server, piece, reply
from tests.support.proxies import http_proxy

Reaching = Callable[[Faulty, Path], Awaitable[Trouble]]
"""Brings a trouble about on the way that users meet it."""


@dataclass(frozen=True)
class Case:
    """One signal of a row."""

    number: int
    reach: Reaching
    words: tuple[str, ...]
    """Regular expressions that all have to be found in title and remedy together."""
    never: tuple[str, ...] = ()
    """What the row says not to advise."""
    page: str = ""
    """A part of the address of the page that is shown."""


def answered(*steps: bytes, key: str = KEY) -> Reaching:
    """Asking a question that is answered so."""

    async def reach(faulty: Faulty, folder: Path) -> Trouble:
        faulty.on("/chat/completions", *steps)
        return await ask(faulty.base_url, key)

    return reach


def managing(answer: bytes, key: str = "sk-admin-" + "aB3d" * 20) -> Reaching:
    """Listing the organisation's projects, answered so."""

    async def reach(faulty: Faulty, folder: Path) -> Trouble:
        faulty.on("/organization/projects", answer)
        admin = OpenAIAdmin(Secret(key), faulty.base_url, HttpClients(Routes({})))
        with pytest.raises(Refused) as refused:
            await admin.projects()
        await admin.close()
        return refused.value.trouble

    return reach


def known(**fields: Any) -> Reaching:
    """A refusal of a key that keytui has known for a while."""

    async def reach(faulty: Faulty, folder: Path) -> Trouble:
        refused = await answered(UNKNOWN_KEY)(faulty, folder)
        return explain_known(refused, replace(Home(folder).record("work"), **fields), NOW)

    return reach


def told(trouble_id: str) -> Reaching:
    """What only an explanation reaches: nothing on the wire tells of it."""

    async def reach(faulty: Faulty, folder: Path) -> Trouble:
        return explain(trouble_id)

    return reach


async def without_a_key(faulty: Faulty, folder: Path) -> Trouble:
    with pytest.raises(Refused) as refused:
        await OpenAIGateway(Secret(""), faulty.base_url, HttpClients(Routes({}))).models()
    return refused.value.trouble


async def resigned(faulty: Faulty, folder: Path) -> Trouble:
    """A certificate of a company's own authority."""
    async with faulty_server(authority(folder).server()) as server:
        return await ask(server.base_url)


async def nobody_there(faulty: Faulty, folder: Path) -> Trouble:
    return await ask("http://127.0.0.1:1/v1")


async def strange_name(faulty: Faulty, folder: Path) -> Trouble:
    return await ask("http://no-such-host.invalid/v1")


async def proxy_without_sign_in(faulty: Faulty, folder: Path) -> Trouble:
    async with http_proxy(sign_in="ann:right") as proxy:
        way = {"ALL_PROXY": f"http://ann:hunter2@127.0.0.1:{proxy.port}"}
        return await ask("http://localhost:1/v1", environment=way)


async def proxy_in_another_country(faulty: Faulty, folder: Path) -> Trouble:
    faulty.on("/chat/completions", COUNTRY)
    async with http_proxy() as proxy:
        return await ask(faulty.base_url, environment={"HTTP_PROXY": f"http://127.0.0.1:{proxy.port}"})


async def vocabulary_blocked(faulty: Faulty, folder: Path) -> Trouble:
    cause = OSError("GET https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken: timed out")
    return recognise(signal_from(cause, Asked("tokenizer", "")))


async def no_keyring(faulty: Faulty, folder: Path) -> Trouble:
    """A machine without a session bus, as over ssh."""
    report = await KeyringVault().report()
    return replace(explain("keyring-missing"), title=report.reason, remedy="")


NOW = datetime(2026, 11, 26, tzinfo=UTC)
WORKED = {"state": KeyState.WORKS, "verified": datetime(2026, 11, 3, tzinfo=UTC)}
UNKNOWN_KEY = error(
    401,
    f"Incorrect API key provided: {KEY[:8]}********{KEY[-4:]}. You can find your API key at "
    "https://platform.openai.com/account/api-keys.",
    "invalid_api_key",
    "invalid_request_error",
)
COUNTRY = error(
    403, "Country, region, or territory not supported", "unsupported_country_region_territory", "request_forbidden"
)
NO_CREDIT = (
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, "
    "read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
)
HOTEL = "<!DOCTYPE html><html><body>Welcome</body></html>"

CASES = (
    Case(1, told("subscription-is-not-credit"), ("ChatGPT", "billed apart", "buy API credit"), ("new key",), "billing"),
    Case(
        2,
        answered(error(429, NO_CREDIT, "credit_balance_exhausted", "insufficient_quota")),
        ("key is good", "no API credit", r"\$5", "organisation this key belongs to", "some minutes", "not a purchase"),
        ("try again", "ask again", "make a new"),
        "billing",
    ),
    Case(2, answered(error(429, NO_CREDIT, "insufficient_quota", "insufficient_quota")), ("no API credit",)),
    Case(
        3,
        answered(error(429, "Project spend limit reached.", "project_spend_limit_exceeded")),
        ("[Pp]roject", "own monthly spend limit", "Raise", "admin key", "first of the month", "does not help"),
        ("[Aa]dd credit",),
        "limits",
    ),
    Case(
        3,
        answered(error(429, "Organization spend limit reached.", "organization_spend_limit_exceeded")),
        ("organisation", "Raise", "admin key", "first of the month"),
        ("[Aa]dd credit",),
        "limits",
    ),
    Case(
        4,
        answered(error(429, "Usage limit reached.", "organization_usage_limit_exceeded")),
        ("ceiling of its usage tier", "paid credit", "age", "rise"),
        ("[Aa]sk again",),
        "limits",
    ),
    Case(
        5,
        answered(
            error(
                429,
                "Rate limit reached for gpt-6-luna in organization org-x on requests per min (RPM): Limit 3, Used 3, "
                "Requested 1. Please try again in 20s.",
                "rate_limit_exceeded",
                "requests",
                x_ratelimit_reset_requests="20s",
            )
        ),
        ("requests per minute", "waits as the server asks", "shorter prompt", "longest answer", "smaller", "tier"),
        ("[Cc]redit",),
        "rate-limits",
    ),
    Case(5, answered(error(429, "Slow down.", "slow_down")), ("faster than the platform likes", "asks again", "fewer")),
    Case(
        5,
        answered(
            error(
                429,
                "Request too large for gpt-6-luna on tokens per min (TPM): Limit 30000, Requested 40000.",
                "rate_limit_exceeded",
                "tokens",
            )
        ),
        ("larger than", "tokens per minute", "waiting cannot help", "[Ss]horten", "longest answer"),
        ("asks again",),
    ),
    Case(
        6,
        answered(error(429, "Rate limit reached for gpt-6-astra: Limit 0, Used 0.", "rate_limit_exceeded", "tokens")),
        ("not part of the free tier", r"\$5", "tier 1", "another model"),
        ("asks again",),
    ),
    Case(
        7,
        answered(UNKNOWN_KEY),
        ("does not know this key", rf"…{KEY[-4:]}", "[Pp]aste", "OPENAI_API_KEY", "leaked", "another service", "new"),
        page="api-keys",
    ),
    Case(7, answered(UNKNOWN_KEY, key="sk-proj-“" + "x" * 40), ("curly quote", "[Cc]opy the key again")),
    Case(7, told("key-shadowed"), ("[Aa]nother key", "environment", "[Uu]nset OPENAI_API_KEY", "keytui exec")),
    Case(
        8,
        answered(UNKNOWN_KEY, key="sk-admin-" + "aB3d" * 20),
        ("admin key", "cannot call models", "project key"),
        ("[Pp]aste the key again",),
    ),
    Case(
        9,
        managing(error(403, "You have insufficient permissions. Missing scopes: api.management.read.")),
        ("needs an admin key", "[Aa]n owner", "guided path"),
        page="admin-keys",
    ),
    Case(
        10,
        answered(
            error(
                401,
                "You have insufficient permissions for this operation. Missing scopes: model.request. Check that you "
                "have the correct role in your organization.",
            )
        ),
        ("restricted", r"model\.request", "[Ee]dit the key's permissions", "Model capabilities: Request", "admin key"),
        page="api-keys",
    ),
    Case(
        10,
        answered(error(403, "You have insufficient permissions. Missing scopes: api.responses.write.")),
        (r"api\.responses\.write", "Responses: Write"),
    ),
    Case(
        11,
        answered(
            error(404, "The model `gpt-6-luna` does not exist or you do not have access to it.", "model_not_found")
        ),
        ("may not use gpt-6-luna", "from the list", "retired", "higher tier", "allow-list"),
        page="models",
    ),
    Case(
        12,
        answered(
            error(
                400,
                "Your organization must be verified to stream this model. Please go to: "
                "https://platform.openai.com/settings/organization/general and click on Verify Organization.",
                "unsupported_value",
                param="model",
            )
        ),
        ("verified", "identity document", "90 days", "15 minutes", "another model", "without streaming"),
        page="organization/general",
    ),
    Case(
        13,
        answered(error(401, "You must be a member of an organization to use the API.", None, "invalid_request_error")),
        ("does not belong to the organisation", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "carries them already"),
    ),
    Case(
        13,
        answered(
            error(401, "OpenAI-Organization header should match organization for API key.", "mismatched_organization")
        ),
        ("OPENAI_ORG_ID",),
        ("[Pp]aste",),
    ),
    Case(14, told("key-shown-once"), ("once", "new one", "revoke the old")),
    Case(
        15,
        managing(error(403, "You are not allowed to create projects.")),
        ("may not make projects", "[Aa]n owner|Ask"),
    ),
    Case(
        15,
        managing(error(403, "User API keys are disabled for this organization. Use service account API keys.")),
        ("only those of service accounts", "set-up does that with an admin key", "owner"),
    ),
    Case(
        15,
        managing(error(400, "API keys must have an expiration of at most 90 days.")),
        ("does not expire", "when the key expires", "owner"),
    ),
    Case(
        15,
        managing(error(400, "Service accounts cannot be created in the default project.")),
        ("Default project takes no service accounts", "project of its own"),
        ("owner",),
    ),
    Case(
        16,
        answered(COUNTRY),
        ("does not serve the country", "machine that keytui runs on", "over SSH the host", "VPN", "supported country"),
        ("[Uu]se a (?:VPN|proxy)",),
        "supported-countries",
    ),
    Case(16, proxy_in_another_country, (r"through the proxy http://127\.0\.0\.1:\d+", "supported country")),
    Case(
        17,
        answered(error(401, "Your IP is not authorized to access this project.", "ip_not_authorized")),
        ("certain network addresses", "owner", "IP allow-list", "over SSH the host"),
        ("[Pp]aste",),
    ),
    Case(
        18,
        resigned,
        ("does not trust", "company's proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "[Dd]o not turn verification off"),
    ),
    Case(19, nobody_there, ("[Nn]othing listens at 127.0.0.1", "base URL", "HTTPS_PROXY", "sudo and ssh")),
    Case(19, strange_name, ("no-such-host.invalid is not known", "online", "HTTPS_PROXY")),
    Case(
        19,
        proxy_without_sign_in,
        (r"ann:…@127\.0\.0\.1", "user name and a password", "sudo and ssh", "HTTPS_PROXY"),
        ("hunter2",),
    ),
    Case(20, vocabulary_blocked, ("could not be fetched", "four characters", "TIKTOKEN_CACHE_DIR", "openaipublic")),
    Case(
        21,
        answered(reply(404, HOTEL, content="text/html")),
        ("web page", "/v1", r"http://127\.0\.0\.1:\d+/v1 is asked", "[Dd]o not send an OpenAI key"),
    ),
    Case(21, answered(reply(404, "Not Found", content="text/plain")), ("no API at http://127", "/v1", "slash")),
    Case(
        22,
        answered(
            error(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
                "instead.",
                "unsupported_parameter",
                "invalid_request_error",
                param="messages",
            )
        ),
        ("gpt-6-luna does not take", "Leave it out", "no temperature", "max_output_tokens"),
    ),
    Case(
        23,
        answered(HEAD, events(piece("", "length"), "[DONE]")),
        ("for reasoning", "none left for an answer", "Raise the longest answer", "effort"),
    ),
    Case(
        24, told("counts-differ"), ("overhead", "tools", "images", "reasoning", "cached", "billed figures"), (), "usage"
    ),
    Case(
        25,
        told("unexpected-charge"),
        ("[Aa]uto-reload is on by default", "spend limit", "alert", "after a year", "refund"),
    ),
    Case(26, told("usage-page-empty"), ("lags", "UTC", "another project", "permission", "own ledger|keytui's own")),
    Case(
        27,
        known(**WORKED),
        ("worked on 2026-11-03 and is refused", "leaked", "archived", "left", "rotate", "review"),
        ("[Pp]aste",),
    ),
    Case(27, known(expires=NOW - timedelta(days=2)), ("expired on 2026-11-24", "new key", "rotate"), ("[Pp]aste",)),
    Case(
        27,
        answered(reply(401, {"error": {"message": "This API key has expired.", "code": "expired_key"}})),
        ("has expired", "rotate"),
    ),
    Case(27, known(), ("does not know this key",)),
    Case(28, answered(error(500, "The server had an error.")), ("fault of its own", "asks again")),
    Case(28, answered(error(503, "The engine is overloaded")), ("overloaded", "asks again"), ("new key",)),
    Case(29, no_keyring, ("[Nn]o keyring service", "ssh", "encrypted file", "session only"), ("plain text",)),
    Case(
        30,
        without_a_key,
        ("keytui keys add", "keytui exec", "OPENAI_API_KEY", "another shell", "sudo", "exported", r"\.env"),
    ),
    Case(31, told("no-free-tokens"), ("share their data", "some models", "owner opts in", "never assumes")),
)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("troubles")


@pytest.fixture
async def faulty(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Faulty]:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    async with faulty_server() as server:
        yield server


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"row {case.number}")
async def test_the_essential_words_of_a_row(faulty: Faulty, secured: Path, case: Case) -> None:
    if case.number == 29 and sys.platform != "linux":
        pytest.skip("other systems always have a keyring")
    trouble = await case.reach(faulty, secured)
    said = f"{trouble.title} {trouble.remedy}"
    assert [words for words in case.words if not re.search(words, said)] == [], said
    assert [words for words in case.never if re.search(words, said)] == [], said
    assert case.page in (trouble.page or ""), trouble.page


def test_every_row_has_its_words() -> None:
    assert {case.number for case in CASES} == set(range(1, 32))
