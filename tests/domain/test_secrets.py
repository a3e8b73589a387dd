from __future__ import annotations

import copy
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.secrets import Secret

CHARACTERS = "sk-proj-LEAKMARK0123456789"


def test_no_way_of_printing_shows_the_characters() -> None:
    secret = Secret(CHARACTERS)
    shown = f"{secret} {secret!r} {secret!s} {secret:>30} {[secret]} { {1: secret} } {(secret,)!s}"
    assert "LEAKMARK" not in shown
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_is_neither_pickled_nor_copied(way: object) -> None:
    with pytest.raises(TypeError, match="not to be pickled"):
        way(Secret(CHARACTERS))  # type: ignore[operator]


def test_a_traceback_with_variables_shows_nothing() -> None:
    def fail(secret: Secret) -> None:
        raise ValueError(f"cannot use {secret}")

    try:
        fail(Secret(CHARACTERS))
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "LEAKMARK" not in shown
    assert "Secret(…)" in shown


@given(st.text(), st.text())
def test_equality_is_that_of_the_characters(one: str, other: str) -> None:
    assert (Secret(one) == Secret(other)) == (one == other)
    if one == other:
        assert hash(Secret(one)) == hash(Secret(other))


def test_the_last_four_are_shown_only_of_long_ones() -> None:
    assert Secret(CHARACTERS).last4 == "6789"
    assert Secret("short").last4 == ""
