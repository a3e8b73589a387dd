from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.addresses import base_url, host_of, is_loopback, is_openai, masked


@pytest.mark.parametrize(
    ("given_", "url"),
    [
        ("", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://api.openai.com", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/responses?x=1#y", "https://api.openai.com/v1"),
        ("  'http://localhost:4000' ", "http://localhost:4000/v1"),
        ("localhost:11434", "http://localhost:11434/v1"),
        ("127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("eu.api.openai.com", "https://eu.api.openai.com/v1"),
        ("https://res.openai.azure.com/openai/v1/", "https://res.openai.azure.com/openai/v1"),
        ("https://gateway.example/openai//v1//", "https://gateway.example/openai/v1"),
        ("https://platform.openai.com/api-keys", "https://api.openai.com/v1"),
        ("HTTPS://API.OpenAI.com/v1", "https://api.openai.com/v1"),
        ("http://[::1]:4000", "http://[::1]:4000/v1"),
    ],
)
def test_a_base_url_is_put_right(given_: str, url: str) -> None:
    assert base_url(given_).url == url


@pytest.mark.parametrize(
    "given_", ["ftp://host/v1", "http://", "https://host:0/v1", "https://host:99999/v1", "http://a b"]
)
def test_what_is_no_address_is_refused(given_: str) -> None:
    with pytest.raises(ValueError, match=r"base URL"):
        base_url(given_)


def test_a_password_in_a_base_url_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="no user name or password") as refused:
        base_url("https://ann:hunter2@host/v1")
    assert "hunter2" not in str(refused.value)


def test_every_change_is_told() -> None:
    assert base_url("https://api.openai.com/v1").changes == ()
    assert base_url("host.example/v1/chat/completions").changes == (
        "https:// was added.",
        "/chat/completions was taken off: the endpoint is added to each request.",
    )


@given(st.from_regex(r"https?://[a-z]{1,9}(:[1-9][0-9]{1,3})?(/[a-z0-9]{1,5}){0,3}/?", fullmatch=True))
def test_what_was_put_right_is_right(url: str) -> None:
    once = base_url(url).url
    assert base_url(once).url == once
    assert base_url(once).changes == ()


def test_hosts() -> None:
    assert host_of("https://ann:pw@gateway:4000/v1") == "gateway:4000"
    assert [is_loopback(u) for u in ("http://127.0.0.1:1/v1", "http://localhost/v1", "http://[::1]:9/v1")] == [True] * 3
    assert not is_loopback("http://127.example.com/v1")
    assert is_openai("https://eu.api.openai.com/v1")
    assert not is_openai("https://api.openai.com.example/v1")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://ann:p@ss:wo/rd@proxy:3128", "http://ann:…@proxy:3128"),
        ("ann:secret@proxy", "ann:…@proxy"),
        ("http://:token@proxy/", "http://:…@proxy/"),
        ("http://ann@proxy:3128", "http://ann@proxy:3128"),
        ("socks5h://proxy:1080", "socks5h://proxy:1080"),
    ],
)
def test_a_password_in_an_address_is_masked(address: str, shown: str) -> None:
    assert masked(address) == shown
