"""Prices of models: our dated overlay, then genai-prices, then the user's own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from keytui.adapters.prices.book import Prices
from keytui.adapters.prices.fetched import usual_place
from keytui.adapters.prices.own import OwnPrices, read_own

__all__ = ["OwnPrices", "Prices", "open_prices"]


def open_prices(settings_file: Path, *, practice: bool = False, fetched: Path | None = None) -> Prices:
    """The price book, with the prices that the user gave in the settings file (``[prices."model"]`` tables).

    Their date is that of the file. ``fetched`` is where a newer list is kept, its usual place unless said. Reads two
    small files; never raises for the user's one.
    """
    own = read_own(settings_file)
    as_of = date.fromtimestamp(settings_file.stat().st_mtime) if own else None
    return Prices(own, own_as_of=as_of, practice=practice, fetched=fetched or usual_place())
