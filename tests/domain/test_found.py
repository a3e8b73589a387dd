"""What lies about on this machine, in words; no password and no key is shown."""

from __future__ import annotations

import pytest

from keytui.domain.found import Found, FoundKey, FoundProxy, told
from keytui.domain.keys import KeyKind, Place, PlaceReport
from keytui.domain.secrets import Secret

MINE, THEIRS = Secret("sk-proj-aB3dE6gH9jK2mN5pQ8sT1vW4"), Secret("sk-proj-zY3dE6gH9jK2mN5pQ8sT7890")


def key(locator: str, place: Place | None = Place.ENVIRONMENT, secret: Secret = MINE, **more: KeyKind) -> FoundKey:
    kind = more.get("kind", KeyKind.PROJECT)
    return FoundKey(f"{locator} there", place, locator, kind, secret.last4, secret)


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (key("OPENAI_API_KEY"), "work"),
        (key("SHOP_OPENAI_KEY"), "shop"),
        (key("/here/.env#ACME__DOCS_TOKEN", Place.DOTENV), "acme-docs"),
        (key("/here/.env#SECRET", Place.DOTENV), "work"),
        (key("/settings/of#LLM_TOOL", None), "work"),
    ],
)
def test_a_key_is_called_what_its_variable_says(found: FoundKey, name: str) -> None:
    assert found.proposed_name == name


def test_only_the_environment_is_no_file_in_clear() -> None:
    assert [key("A", place).in_clear for place in (Place.ENVIRONMENT, Place.DOTENV, None)] == [False, True, True]


def test_the_usual_key_is_the_one_in_the_environment_unless_it_asks_nothing() -> None:
    usual = key("OPENAI_API_KEY")
    assert Found((key("OTHER"), key("OPENAI_API_KEY", Place.DOTENV), usual)).usual is usual
    assert Found((key("OTHER"),)).usual is None
    assert Found((key("OPENAI_API_KEY", kind=KeyKind.ADMIN),)).usual is None


def test_what_would_be_used_instead_is_another_key_under_the_usual_name() -> None:
    other = key("OPENAI_API_KEY", secret=THEIRS)
    file = key("/here/.env#OPENAI_API_KEY", Place.DOTENV, THEIRS)
    program = key("/settings/of#OPENAI_API_KEY", None, THEIRS)
    found = Found((key("OPENAI_API_KEY"), other, file, program, key("SHOP_KEY", secret=THEIRS)))
    assert found.shadowing(MINE) == (other, file)


def lines(found: Found) -> list[tuple[bool, str, str]]:
    return told(found, lambda last4: f" …{last4}")


def test_nothing_found_is_said_too() -> None:
    assert lines(Found()) == [(False, "a key", "neither in the environment nor in a .env file here")]


@pytest.mark.parametrize(
    ("count", "last"),
    [
        (1, (True, "a key", "project key …1vW4, K0 there")),
        (2, (True, "a key", "project key …1vW4, K1 there")),
        (3, (True, "more keys", "2 in files and programs of this machine")),
    ],
)
def test_at_most_two_lines_are_about_keys(count: int, last: tuple[bool, str, str]) -> None:
    shown = lines(Found(tuple(key(f"K{n}") for n in range(count))))
    assert shown[-1] == last
    assert len(shown) == min(count, 2)


def test_the_machine_after_the_keys() -> None:
    found = Found(
        keyring=PlaceReport(Place.KEYRING, False, "the system keyring", "There is none."),
        proxies=(FoundProxy("HTTPS_PROXY", "http://proxy:3128"), FoundProxy("HTTP_PROXY", "http://other")),
        base_url="http://localhost/v1",
        ssh=True,
    )
    assert lines(found)[1:] == [
        (False, "keyring", "none here; the encrypted file keeps keys instead"),
        (True, "proxy", "http://proxy:3128, from HTTPS_PROXY"),
        (True, "base URL", "http://localhost/v1, from OPENAI_BASE_URL"),
        (True, "ssh", "this is another machine: open pages on your own, or by QR code"),
    ]
    usable = PlaceReport(Place.KEYRING, True, "the system keyring")
    assert lines(Found(keyring=usable))[1:] == [(True, "keyring", "the system keyring")]
