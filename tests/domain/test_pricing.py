from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from keytui.domain.pricing import Cost, as_amount, tier_name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        *((word, "standard") for word in (None, "", "auto", "default", "standard", "Default", " auto ")),
        *((word, "fast") for word in ("fast", "priority", "PRIORITY")),
        *((word, word) for word in ("flex", "batch", "ultrafast")),
        *((word, None) for word in ("scale", "on_demand", "standart", "none")),
    ],
)
def test_names_of_tiers(said: str | None, name: str | None) -> None:
    assert tier_name(said) == name


@pytest.mark.parametrize(
    ("stated", "amount"),
    [
        ("0.00123", "0.00123"),
        ("1e-06", "0.000001"),
        ("3.1500000000000003e-06", "0.00000315"),
        (" 2 ", "2"),
        ("0", "0"),
        ("0.0", "0"),
        ("1000000", "1000000"),
    ],
)
def test_stated_amounts(stated: str, amount: str) -> None:
    assert as_amount(stated) == Decimal(amount)


@pytest.mark.parametrize("stated", [None, "", "free", "-0.1", "nan", "Infinity", "1e30", "1000000.01", "0,5"])
def test_what_is_no_amount(stated: str | None) -> None:
    assert as_amount(stated) is None


def test_a_total_holds_every_part() -> None:
    parts = [Decimal(n) for n in (1, 2, 4, 8)]
    assert Cost(*parts, "standard", date(2026, 11, 1), "a list", other=Decimal(16)).total == 31
