"""Prices that the user gave in ``config.toml``, for models that no list knows and for other vendors' servers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from keytui.domain.rates import Rates

_FINEST = Decimal("0.000001")
_HIGHEST = Decimal(1_000_000)


def read_own(settings_file: Path) -> dict[str, dict[str, str]]:
    """The ``[prices."model"]`` tables of a settings file, amounts as they are written there.

    Empty when there are none, or when the file cannot be read: the settings themselves tell that.
    """
    import tomllib

    try:
        document = tomllib.loads(settings_file.read_text("utf-8"), parse_float=str)
    except (OSError, ValueError):
        return {}
    tables = document.get("prices")
    if not isinstance(tables, dict):
        return {}
    return {
        model: {name: str(value) for name, value in table.items()}
        for model, table in tables.items()
        if isinstance(table, dict)
    }


class OwnPrices:
    """Rates by model, from the ``[prices."model"]`` tables of the settings file.

    Each has ``input`` and ``output``, and may have ``cached`` and ``written``: USD for a million tokens, as text. Rows
    that cannot be used are left out and explained in ``problems``.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, str]], *, as_of: date) -> None:
        self.as_of = as_of
        self.problems: tuple[str, ...] = ()
        self._rates: dict[str, Rates] = {}
        for model, table in tables.items():
            try:
                self._rates[model] = _rates(table)
            except ValueError as error:
                self.problems += (f'The price of "{model}" in the settings cannot be used: {error}',)

    def rates(self, model: str) -> Rates | None:
        """The user's rates for a model."""
        return self._rates.get(model)


def _rates(table: Mapping[str, str]) -> Rates:
    given = {name: _rate(name, value) for name, value in table.items()}
    missing = [name for name in ("input", "output") if name not in given]
    if missing:
        raise ValueError(
            f'"{missing[0]}" is missing; give it in USD for a million tokens, such as {missing[0]} = "0.50".'
        )
    written = given.get("written", given["input"])
    return Rates(given["input"], given.get("cached", given["input"]), written, written, given["output"])


def _rate(name: str, value: str) -> Decimal:
    if name not in ("input", "cached", "written", "output"):
        raise ValueError(f'"{name}" is not known; use input, cached, written and output.')
    try:
        rate = Decimal(str(value))
    except ArithmeticError:
        raise ValueError(f'{name} = "{value}" is not a number; write it as "0.50".') from None
    if not rate.is_finite() or not 0 <= rate <= _HIGHEST:
        raise ValueError(f'{name} = "{value}" is not a price; give a number from 0 upwards.')
    if rate % _FINEST:
        raise ValueError(f'{name} = "{value}" is finer than 0.000001; give at most six decimals.')
    return rate
