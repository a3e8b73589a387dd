from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.own_route import OwnRoute, SignIn, assembled, proxy_address, split_sign_in
from keytui.domain.secrets import Secret


@pytest.mark.parametrize(
    ("given_", "address"),
    [
        ("proxy.example:3128", "http://proxy.example:3128"),
        (" 'HTTP://proxy.example:3128/' ", "http://proxy.example:3128"),
        ("socks5h://10.0.0.1:1080", "socks5h://10.0.0.1:1080"),
        ("https://proxy.example", "https://proxy.example"),
        ("http://[::1]:3128", "http://[::1]:3128"),
    ],
)
def test_an_address_is_put_right(given_: str, address: str) -> None:
    assert proxy_address(given_) == (address, None)


def test_a_sign_in_is_taken_out_of_the_address() -> None:
    address, sign_in = proxy_address("http://ann:s%3Acret%40@proxy.example:3128")
    assert address == "http://proxy.example:3128"
    assert sign_in == SignIn("ann", Secret("s:cret@"))


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "socks4://p:1",
        "ftp://p:1",
        "http://",
        "http://p:0",
        "http://p:99999",
        "http://p:x",
        "http://p/path",
        "a b:1",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as refused:
        proxy_address(wrong.replace("://", "://ann:hunter2@", 1))
    assert "hunter2" not in str(refused.value)


@given(st.text(max_size=30), st.text(max_size=30))
def test_every_sign_in_survives_its_way_through_an_address(user: str, password: str) -> None:
    try:
        (user + password).encode()
    except UnicodeEncodeError:
        return
    sign_in = SignIn(user, Secret(password))
    whole = sign_in.put_into("http://proxy.example:3128")
    assert proxy_address(whole.reveal()) == ("http://proxy.example:3128", sign_in)


def test_nothing_readable_is_in_its_repr() -> None:
    own = OwnRoute("http://proxy.example:1", sign_in=SignIn("ann", Secret("hunter2")))
    assert "hunter2" not in repr(own)
    assert own.address == Secret("http://ann:hunter2@proxy.example:1")
    assert OwnRoute().address is None


@pytest.mark.parametrize(
    ("typed", "rest", "user", "password"),
    [
        (" http://ann:s%40cret@proxy:3128", "http://proxy:3128", "ann", "s@cret"),
        ("ann@proxy", "proxy", "ann", ""),
        (":word@proxy", "proxy", "", "word"),
    ],
)
def test_a_sign_in_leaves_an_address_as_it_is_typed(typed: str, rest: str, user: str, password: str) -> None:
    assert split_sign_in(typed) == (rest, SignIn(user, Secret(password)))


@pytest.mark.parametrize("typed", ["", "http://proxy:3128", "ann:secret@", "http://proxy/ann@home"])
def test_an_address_without_a_sign_in_is_left_alone(typed: str) -> None:
    assert split_sign_in(typed) is None


NOBODY, ANN = SignIn("", Secret("")), SignIn("ann", Secret("word"))


@pytest.mark.parametrize(
    ("proxy", "sign_in", "no_proxy", "certificates", "route"),
    [
        ("", NOBODY, "here.example", " ", OwnRoute()),
        (" ", NOBODY, "", " /ca.pem ", OwnRoute(certificates="/ca.pem")),
        ("proxy:3128", NOBODY, " here.example ", "", OwnRoute("http://proxy:3128", "here.example")),
        ("proxy:3128", ANN, "", "", OwnRoute("http://proxy:3128", sign_in=ANN)),
        ("http://bob:b@proxy:3128", ANN, "", "", OwnRoute("http://proxy:3128", sign_in=SignIn("bob", Secret("b")))),
    ],
)
def test_a_form_becomes_a_way(proxy: str, sign_in: SignIn, no_proxy: str, certificates: str, route: OwnRoute) -> None:
    assert assembled(proxy, sign_in, no_proxy, certificates) == route


@pytest.mark.parametrize(
    ("proxy", "sign_in", "says"),
    [("", ANN, "belong to a proxy"), ("proxy:3128", SignIn("", Secret("word")), "belongs to a user name")],
)
def test_half_a_sign_in_is_refused(proxy: str, sign_in: SignIn, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        assembled(proxy, sign_in, "", "")
