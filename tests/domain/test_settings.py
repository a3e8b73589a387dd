"""What the settings take, and how an amount is written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from keytui.domain.settings import AMOUNTS, CHOICES, NAMES, TABLES, accepted, written_amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("", None),
        ("  ", None),
        ("$", None),
        ("0", "0"),
        (" 10 ", "10"),
        ("$2.50", "2.50"),
        ("$ 1,000", "1000"),
        ("12,345,678.90", "12345678.90"),
    ],
)
def test_an_amount_as_somebody_writes_it(text: str, amount: str | None) -> None:
    assert written_amount(text) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize("text", ["2,50", "1,0000", "10,00,000", ",500", "1,000,5", "-1", "ten", "inf", "nan", "$$5"])
def test_what_is_no_amount_is_never_taken_for_another(text: str) -> None:
    with pytest.raises(ValueError, match="takes an amount of USD such as"):
        written_amount(text)


@pytest.mark.parametrize("name", AMOUNTS)
def test_amounts_stay_as_they_were_written(name: str) -> None:
    assert [str(accepted(name, value)) for value in (5, "2.50", Decimal("0.10"))] == ["5", "2.50", "0.10"]
    for wrong in (2.5, True, None, "", "-0.01", "Infinity"):
        with pytest.raises(ValueError, match="amount of USD"):
            accepted(name, wrong)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("theme", " ", "takes a text in quotes"),
        ("theme", 3, "takes a text in quotes"),
        ("theme", "dark\x1b[2J", "without control characters"),
        ("setup", "begun", "takes one of open, dismissed, finished"),
        ("animations", "full", "takes one of auto, on, off"),
        ("line", "dsl", "takes one of auto, slow, fast"),
        ("base_url", "api.openai.com", "begins with https:// or http://"),
        ("proxy", "ftp://proxy", "is no proxy's address"),
        ("proxy", "http://ann:secret@proxy:3128", "without user name and password"),
    ],
)
def test_what_a_setting_takes_is_said(name: str, value: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says) as refusal:
        accepted(name, value)
    assert "secret" not in str(refusal.value)


def test_what_fits_is_taken() -> None:
    taken = {"theme": "nord", "setup": "finished", "base_url": "http://localhost:8080/v1", "line": "slow"}
    assert {name: accepted(name, value) for name, value in taken.items()} == taken
    assert accepted("proxy", "proxy.example:3128") == "http://proxy.example:3128"


def test_every_table_of_settings_names_settings_that_there_are() -> None:
    assert set(AMOUNTS) | set(CHOICES) | set(TABLES) <= set(NAMES)
