from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.redaction import redact
from keytui.domain.secrets import Secret

BODY = string.ascii_letters + string.digits
KEYS = [
    "sk-proj-" + "aB3dE6gH9jK2mN5p" * 5,
    "sk-svcacct-" + "x7Q" * 30,
    "sk-admin-" + "x7Q" * 30,
    "sk-ant-api03-" + "A1b2C3d4" * 10 + "-xyzAA",
    "sk-or-v1-" + "0a1b2c3d" * 8,
    "AIza" + "Sy7Q" * 9,
    "gsk_" + "x7Q" * 16,
    "hf_" + "x7Q" * 11,
    "xai-" + "x7Q" * 20,
    "ghp_" + "x7Q" * 12,
    "github_pat_" + "x7Q" * 20,
    "glpat-" + "x7Q" * 7,
    "AKIA" + "Q7X2" * 4,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_123",
    "8d3f0a" * 10 + "abcd",
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("around", ["{}", "Incorrect API key provided: {}.", "b'Bearer {}\\n'", "key={}&a=1", '"{}"'])
def test_no_vendors_key_is_left(key: str, around: str) -> None:
    assert key not in redact(around.format(key))
    assert key[8:] not in redact(around.format(key))


@given(st.text(BODY + "-_", min_size=6, max_size=120), st.text(max_size=40), st.text(max_size=40))
def test_nothing_that_begins_like_a_key_is_left(body: str, before: str, after: str) -> None:
    key = "sk-" + body
    assert key not in redact(f"{before} {key} {after}")


@given(st.text(min_size=4, max_size=60), st.text(max_size=30))
def test_a_known_key_is_left_out_whatever_it_looks_like(characters: str, around: str) -> None:
    said = redact(f"{around} {characters} {around}", [Secret(characters)])
    assert characters not in said or characters in "…" or characters in around or characters in " … "


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "words",
    [
        "The model `gpt-6-luna` does not exist or you do not have access to it.",
        "Rate limit reached for gpt-5 in organization org-abc on tokens per min (TPM): Limit 30000, Used 29000.",
        "Request req_8f3e2d1c0b9a8f7e6d5c4b3a29180f0e failed; see https://platform.openai.com/account/api-keys",
        "This model's maximum context length is 128000 tokens.",
        "Name or service not known",
    ],
)
def test_ordinary_words_stay(words: str) -> None:
    assert redact(words) == words


def test_passwords_in_addresses_and_headers_go() -> None:
    assert redact("proxy http://ann:hunter2@proxy:3128 refused") == "proxy http://ann:…@proxy:3128 refused"
    assert "hunter2" not in redact("Proxy-Authorization: Basic hunter2hunter2")
    assert "hunter2" not in redact('{"api_key": "hunter2", "password":"hunter2"}')
    assert "hunter2" not in redact("https://host/v1?api_key=hunter2&x=1")


def test_a_masked_key_of_the_servers_goes_as_well() -> None:
    assert "abcd" not in redact("Incorrect API key provided: sk-proj-1234*****************abcd.")


@pytest.mark.parametrize(
    "part", ["x", "word ", "sk-", "a://b:", "Authorization: ", "-----BEGIN ", "A1b2", "bearer ", "&key="]
)
def test_a_megabyte_is_cleaned_in_one_go(part: str) -> None:
    # With a rule that looks anew from every character this would take an hour.
    assert len(redact(part * (1_000_000 // len(part)))) <= 1_000_000
