from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keytui.domain.money import at_most, cents, column, dollars, dollars_exactly, plain, tokens
from keytui.domain.usage import Mark


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "$0.00"),
        ("0.00", "$0.00"),
        ("12.4", "$12.40"),
        ("1234567.891", "$1,234,567.89"),
        ("0.11", "$0.11"),
        ("0.105", "$0.11"),
        ("0.0999", "$0.10"),
        ("0.0123", "$0.012"),
        ("0.001", "$0.0010"),
        ("0.00021", "$0.00021"),
        ("0.000231", "$0.00023"),
        ("0.00000005", "$0.000000050"),
        ("9.999", "$10.00"),
        ("-0.5", "-$0.50"),
        ("-0.0000256", "-$0.000026"),
    ],
)
def test_amounts_are_written_with_enough_digits_to_be_true(amount: str, written: str) -> None:
    assert dollars(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0.1", "$0.10"), ("0.1001", "$0.11"), ("0.0121", "$0.013"), ("0.0999", "$0.10"), ("0", "$0.00")],
)
def test_a_limit_is_rounded_up(amount: str, written: str) -> None:
    assert at_most(Decimal(amount)) == written


def test_an_unknown_amount_is_not_zero() -> None:
    assert dollars(None) == dollars_exactly(None) == at_most(None) == "$?"


def test_a_lower_bound_is_marked() -> None:
    assert dollars(Decimal("1.2"), at_least=True) == "≥ $1.20"


@given(st.decimals("0.000000000001", 1_000_000, places=12).filter(bool))
def test_something_never_reads_as_nothing(amount: Decimal) -> None:
    shown = Decimal(dollars(amount)[1:].replace(",", ""))
    assert shown > 0
    assert abs(shown - amount) <= amount * Decimal("0.05")


@given(st.decimals(0, 1000, places=12))
def test_a_limit_is_never_shown_too_low(amount: Decimal) -> None:
    assert Decimal(at_most(amount)[1:].replace(",", "")) >= amount


@given(st.decimals(-1_000_000, 1_000_000, places=12))
def test_plain_digits_are_the_very_number(amount: Decimal) -> None:
    assert Decimal(plain(amount)) == amount
    assert "e" not in plain(amount).lower()


def test_plain_digits_hold_no_exponent() -> None:
    assert plain(Decimal("1.25E-7")) == "0.000000125"
    assert plain(Decimal("2E+1")) == "20"
    assert dollars_exactly(Decimal("-1.25E-7")) == "-$0.000000125"


def test_a_column_has_its_points_below_each_other() -> None:
    assert column([Decimal("12.4"), Decimal("0.00021"), None]) == ["$12.40   ", " $0.00021", " $?      "]
    assert column([None, Decimal("-0.5")]) == [" $?   ", "-$0.50"]
    assert column([]) == []


@pytest.mark.parametrize(
    ("count", "mark", "written"),
    [
        (812, Mark.ESTIMATED, "~812"),
        (1812, Mark.COUNTED, "1,812 ✓"),
        (812, Mark.BILLED, "812 billed"),
        (None, Mark.BILLED, "?"),
    ],
)
def test_the_three_kinds_of_token_figures_look_different(count: int | None, mark: Mark, written: str) -> None:
    assert tokens(count, mark) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.0864", "8.6"),
        ("0.01", "1"),
        ("0.00012345", "0.012"),
        ("0.000125", "0.013"),
        ("-0.00049", "-0.049"),
        ("0", None),
        ("0.1", None),
        ("12", None),
    ],
)
def test_small_amounts_in_cents_for_large_figures(amount: str, written: str | None) -> None:
    assert cents(Decimal(amount)) == written
