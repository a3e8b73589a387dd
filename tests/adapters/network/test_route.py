from __future__ import annotations

from pathlib import Path

import pytest

from keytui.adapters.network.route import OWN as SOURCE
from keytui.adapters.network.route import Routes
from keytui.domain.own_route import LOOPBACK_TOO, OwnRoute, SignIn
from keytui.domain.secrets import Secret
from tests.support.certificates import authority

API = "https://api.openai.com/v1"


def route(base_url: str = API, **environment: str) -> tuple[str | None, str]:
    described = Routes(environment).describe(base_url)
    return described.proxy, described.proxy_source


def test_the_direct_way() -> None:
    assert route() == (None, "direct")


@pytest.mark.parametrize(
    ("environment", "proxy", "source"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1", "HTTPS_PROXY"),
        ({"https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:1"}, "http://low:1", "https_proxy"),
        ({"ALL_PROXY": "socks5h://p:1080"}, "socks5h://p:1080", "ALL_PROXY"),
        ({"HTTPS_PROXY": "http://p:1", "ALL_PROXY": "socks5://q:1"}, "http://p:1", "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "p:3128"}, "http://p:3128", "HTTPS_PROXY"),
        ({"HTTPS_PROXY": " ", "ALL_PROXY": ""}, None, "direct"),
        ({"HTTP_PROXY": "http://p:1"}, None, "direct"),
        ({"HTTPS_PROXY": "http://ann:hunter2@p:1"}, "http://ann:…@p:1", "HTTPS_PROXY"),
    ],
)
def test_proxies_of_the_environment(environment: dict[str, str], proxy: str | None, source: str) -> None:
    assert route(**environment) == (proxy, source)


@pytest.mark.parametrize(
    ("exempt", "base_url", "covered"),
    [
        ("*", API, True),
        ("api.openai.com", API, True),
        ("openai.com", API, True),
        (".openai.com", API, True),
        ("*.openai.com", API, True),
        (".api.openai.com", API, False),
        ("penai.com", API, False),
        ("other.example, api.openai.com", API, True),
        ("other.example api.openai.com", API, True),
        ("api.openai.com:443", API, True),
        ("api.openai.com:8443", API, False),
        ("localhost", "https://localhost:4000/v1", True),
        ("localhost", "https://127.0.0.1:4000/v1", False),
        ("127.0.0.1", "https://127.0.0.1:4000/v1", True),
        ("127.0.0.0/8", "https://127.0.0.1:4000/v1", True),
        ("10.0.0.0/8", "https://127.0.0.1:4000/v1", False),
        ("::1", "https://[::1]:4000/v1", True),
        ("[::1]", "https://[::1]:4000/v1", True),
        ("", API, False),
        ("API.OpenAI.com", API, True),
    ],
)
def test_exemptions(exempt: str, base_url: str, covered: bool) -> None:
    proxy, source = route(base_url, HTTPS_PROXY="http://p:1", NO_PROXY=exempt)
    assert (proxy is None) == covered
    assert not covered or source.startswith("NO_PROXY covers ")


def test_a_web_servers_request_header_is_no_proxy() -> None:
    assert route("http://gateway/v1", HTTP_PROXY="http://evil:1", REQUEST_METHOD="GET") == (None, "direct")


def test_certificates_and_what_looks_wrong_about_them(tmp_path: Path) -> None:
    ours = authority(tmp_path)
    good = Routes({"SSL_CERT_FILE": str(ours.file)}).describe(API)
    assert (good.certificates, good.warnings) == (f"SSL_CERT_FILE ({ours.file})", ())
    (missing,) = Routes({"SSL_CERT_FILE": "/nowhere.pem"}).describe(API).warnings
    assert "/nowhere.pem" in missing
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    assert "holds no certificate" in Routes({"SSL_CERT_FILE": str(empty)}).describe(API).warnings[0]
    (unread,) = Routes({"REQUESTS_CA_BUNDLE": str(ours.file)}).describe(API).warnings
    assert "SSL_CERT_FILE" in unread
    assert Routes({}).describe("http://127.0.0.1:1/v1").certificates.startswith("none needed")


@pytest.mark.parametrize("address", ["socks4://p:1", "socks://p:1", "ftp://p:1", "http://", "http://p:x", "http://p:0"])
def test_a_proxy_that_cannot_be_used_is_warned_of(address: str) -> None:
    (warning,) = Routes({"ALL_PROXY": address}).describe(API).warnings
    assert "ALL_PROXY" in warning


def test_a_proxy_before_this_machine_itself_is_warned_of() -> None:
    around = {"ALL_PROXY": "http://p:1", "NO_PROXY": "localhost"}
    (warning,) = Routes(around).describe("http://127.0.0.1:1/v1").warnings
    assert "add 127.0.0.1 to NO_PROXY" in warning
    assert Routes(around).describe("http://localhost:1/v1").warnings == ()


def test_no_secret_is_in_what_is_described() -> None:
    routes = Routes({"HTTPS_PROXY": "http://ann:hunter2@p:99999"})
    assert "hunter2" not in repr(routes.describe(API))
    assert "hunter2" not in repr(routes.taken(API))


# The user's own route.

OWN = OwnRoute("http://own.example:3128", "internal.example", sign_in=SignIn("ann", Secret("hunter2")))


def own_route(base_url: str = API, own: OwnRoute = OWN, **environment: str) -> tuple[str | None, str]:
    described = Routes(environment, own).describe(base_url)
    return described.proxy, described.proxy_source


def test_the_own_proxy_goes_before_the_environment() -> None:
    assert own_route(HTTPS_PROXY="http://p:1") == ("http://ann:…@own.example:3128", SOURCE)
    assert own_route(NO_PROXY="*") == ("http://ann:…@own.example:3128", SOURCE)
    assert own_route(own=OwnRoute(), HTTPS_PROXY="http://p:1") == ("http://p:1", "HTTPS_PROXY")


def test_the_own_exceptions_lead_straight_and_not_to_the_environments_proxy() -> None:
    assert own_route("https://internal.example/v1", HTTPS_PROXY="http://p:1") == (
        None,
        "your own list of exceptions covers internal.example",
    )


@pytest.mark.parametrize("local", ["http://127.0.0.1:4000/v1", "http://localhost/v1", "https://[::1]:1/v1"])
def test_this_machine_is_reached_directly_unless_asked_otherwise(local: str) -> None:
    proxy, source = own_route(local)
    assert proxy is None
    assert source.endswith("is this machine itself")
    assert own_route(local, OwnRoute("http://own.example:1", LOOPBACK_TOO)) == ("http://own.example:1", SOURCE)


def test_own_certificates_and_what_looks_wrong(tmp_path: Path) -> None:
    ours = authority(tmp_path)
    described = Routes({}, OwnRoute(certificates=str(ours.file))).describe(API)
    assert (described.certificates, described.warnings) == (f"the system's, and {ours.file}", ())
    (missing,) = Routes({}, OwnRoute(certificates="/nowhere.pem")).describe(API).warnings
    assert "/nowhere.pem" in missing
    assert Routes({}, OwnRoute("http://p:1", problem="Locked.")).describe(API).warnings == ("Locked.",)


def test_the_own_sign_in_is_masked() -> None:
    routes = Routes({}, OWN)
    assert "hunter2" not in repr(routes.describe(API)) + repr(routes.taken(API))
