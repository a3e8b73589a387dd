"""Prices of models: our dated overlay, then genai-prices, then the user's own."""

from keytui.adapters.prices.book import Prices
from keytui.adapters.prices.own import OwnPrices

__all__ = ["OwnPrices", "Prices"]
